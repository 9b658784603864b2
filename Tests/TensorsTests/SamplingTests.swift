import Foundation
import Tensors
import Testing

@Suite struct SamplingTests {
  private let logits = Tensor([2, 0, -1, 1.5, 2])

  @Test func theLikelyComeMoreOftenTheColderItIs() {
    let (warm, cold) = (Sampler(temperature: 2), Sampler(temperature: 0.5))
    let (p, q) = (warm.probabilities(logits), cold.probabilities(logits))
    for (sampler, p) in [(warm, p), (cold, q)] {
      let powers = logits.scalars.map { Foundation.exp(Double($0 / sampler.temperature)) }
      for i in 0..<5 { #expect(abs(Double(p[i]) - powers[i] / powers.reduce(0, +)) < 1e-6) }
    }
    #expect(q[0] > p[0] && q[2] < p[2])
  }

  @Test func onlyTheBestAreLeftAndThoseThatTie() {
    #expect(
      Sampler(topK: 3).probabilities(logits).scalars.map { $0 > 0 } == [true, false, false, true, true])
    // Places 0 and 4 tie for the first rank.
    #expect(Sampler(topK: 1).probabilities(logits).scalars == [0.5, 0, 0, 0, 0.5])
    #expect(Sampler(topK: 9).probabilities(logits) == logits.softmax())
  }

  @Test func greedyTakesTheFirstOfTheBest() {
    var stream = RandomStream(seed: 1)
    let rows = Tensor([[0, 1, 1], [5, 0, 0]])
    #expect(Sampler(temperature: 0).choose(from: rows, with: &stream) == IntTensor([1, 0]))
    #expect(Sampler(temperature: 0).probabilities(rows) == Tensor([[0, 1, 0], [1, 0, 0]]))
  }

  @Test func frequenciesFollowTheProbabilities() {
    let sampler = Sampler(temperature: 1.3, topK: 4)
    let p = sampler.probabilities(logits).scalars
    var stream = RandomStream(seed: 5)
    let (count, rows) = (20_000, Tensor(repeating: 0, shape: [20_000, 5]) + logits)
    let choices = sampler.choose(from: rows, with: &stream)
    #expect(choices.shape == [count])
    var frequencies = [Double](repeating: 0, count: 5)
    for choice in choices.scalars { frequencies[choice] += 1 / Double(count) }
    #expect(frequencies[2] == 0)
    // Four standard deviations.
    for i in 0..<5 {
      let expected = Double(p[i])
      #expect(abs(frequencies[i] - expected) <= 4 * (expected * (1 - expected) / Double(count)).squareRoot())
    }
    // The same stream, the same symbols, one by one as well as at once.
    var again = RandomStream(seed: 5)
    #expect(
      (0..<50).map { _ in sampler.choose(from: logits, with: &again).scalars[0] }
        == Array(choices.scalars[..<50]))
  }

  @Test func whatCannotBeSampledTraps() async throws {
    func message(_ result: ExitTest.Result) -> String {
      String(decoding: result.standardErrorContent, as: UTF8.self)
    }
    let cold = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Sampler(temperature: -1)
    }
    #expect(message(cold).contains("Sampler: the temperature must be 0 or above, given -1.0"))
    let none = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Sampler(topK: 0)
    }
    #expect(message(none).contains("Sampler: at least one symbol must be left to choose from, given 0"))
    let bad = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var stream = RandomStream(seed: 1)
      _ = Sampler().choose(from: Tensor([1, .nan]), with: &stream)
    }
    #expect(message(bad).contains("Sampler: the scores hold NaN or infinity"))
  }
}
