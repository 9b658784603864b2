import Datasets
import Foundation
import Tensors
import Testing

/// The tasks of chapter 5: what they ask is what they show, and each sequence is a function of (seed, index) alone.
@Suite struct SequenceTaskTests {
  @Test(arguments: [2, 3, 50]) func addingProblem(length: Int) {
    let task = AddingProblem(length: length, seed: 7)
    let half = length / 2
    var (firsts, seconds): (Set<Int>, Set<Int>) = ([], [])
    var (sum, squares) = (0.0, 0.0)
    for index in 0..<4_000 as Range<UInt64> {
      let example = task.example(index)
      #expect(example.numbers.count == length && example.numbers.allSatisfy { (0..<1).contains($0) })
      #expect(example.sum == example.numbers[example.marks.first] + example.numbers[example.marks.second])
      firsts.insert(example.marks.first)
      seconds.insert(example.marks.second)
      sum += Double(example.sum)
      squares += (Double(example.sum) - 1) * (Double(example.sum) - 1)
    }
    #expect(firsts == Set(0..<half) && seconds == Set(half..<length))
    #expect(abs(sum / 4_000 - 1) < 0.03)
    #expect(abs(squares / 4_000 - AddingProblem.baseline) < 0.01)
  }

  @Test func addingProblemInBatches() {
    let task = AddingProblem(length: 9, seed: 3)
    let (inputs, sums) = task.batch(5..<12)
    #expect(inputs.shape == [9, 7, 2] && sums.shape == [7, 1])
    for n in 0..<7 {
      let example = task.example(UInt64(5 + n))
      for t in 0..<9 {
        #expect(inputs[t, n, 0] == example.numbers[t])
        #expect(inputs[t, n, 1] == (t == example.marks.first || t == example.marks.second ? 1 : 0))
      }
      #expect(sums[n, 0] == example.sum)
    }
    // Other cuts, the same sequences; another seed, others.
    #expect(task.batch(7..<9).inputs == inputs.sliced(2..<4, axis: 1))
    #expect(AddingProblem(length: 9, seed: 4).batch(5..<12).inputs != inputs)
  }

  @Test func copyMemory() {
    let task = CopyMemory(delay: 4, seed: 7)
    #expect(task.length == 24)
    var counts = [Int](repeating: 0, count: 8)
    for index in 0..<400 as Range<UInt64> {
      let (inputs, answers) = task.example(index)
      let remembered = Array(inputs.prefix(10))
      for symbol in remembered { counts[symbol] += 1 }
      #expect(inputs == remembered + [8, 8, 8, 9] + [Int](repeating: 8, count: 10))
      #expect(answers == [Int](repeating: 8, count: 14) + remembered)
    }
    #expect(counts.allSatisfy { (430...570).contains($0) })
    #expect(Set((0..<10 as Range<UInt64>).map { task.example($0).inputs }).count == 10)
  }

  @Test func copyMemoryInBatches() {
    let task = CopyMemory(delay: 2, seed: 9)
    let (inputs, answers) = task.batch(3..<8)
    #expect(inputs.shape == [22, 5, 10] && answers.shape == [22, 5])
    for n in 0..<5 {
      let example = task.example(UInt64(3 + n))
      for t in 0..<22 {
        for k in 0..<10 { #expect(inputs[t, n, k] == (k == example.inputs[t] ? 1 : 0)) }
        #expect(answers.scalars[t * 5 + n] == example.answers[t])
      }
    }
    #expect(task.batch(4..<6).inputs == inputs.sliced(1..<3, axis: 1))
  }

  /// The figures of Arjovsky et al., and those printed in papers since.
  @Test(arguments: [(50, 0.2971), (100, 0.1733), (200, 0.0945), (500, 0.0400), (1000, 0.0204)])
  func copyMemoryBaseline(delay: Int, expected: Double) {
    let task = CopyMemory(delay: delay, seed: 0)
    #expect(abs(task.baseline - expected) < 5e-5)
    #expect(abs(task.baseline - 10 * log(8) / Double(delay + 20)) < 1e-15)
  }

  @Test func impossibleSizes() async throws {
    let short = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = AddingProblem(length: 1, seed: 0)
      })
    #expect(
      String(decoding: short.standardErrorContent, as: UTF8.self)
        .contains("AddingProblem: two marks need at least 2 steps, given 1"))
    let none = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = CopyMemory(delay: 0, seed: 0)
      })
    #expect(
      String(decoding: none.standardErrorContent, as: UTF8.self)
        .contains("CopyMemory: the delay must be at least 1, given 0"))
  }
}
