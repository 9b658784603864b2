import Foundation
import Tensors
import Testing

@testable import Datasets

@Suite struct TextStreamTests {
  /// The example of the type's documentation.
  @Test func aTextIsCutIntoRows() {
    let streams = TextStreams(Array(1...9), streams: 2)
    #expect(streams.length == 4)
    let (inputs, targets) = streams[0..<4]
    #expect(inputs == IntTensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [2, 4]))
    #expect(targets == IntTensor([2, 3, 4, 5, 6, 7, 8, 9], shape: [2, 4]))
  }

  @Test func theRowsOfABatchGoOnWhereThoseBeforeEnded() {
    let ids = (0..<101).map { $0 * 7 % 13 }
    let streams = TextStreams(ids, streams: 3)
    #expect(streams.length == 33)
    #expect(streams.count == 99)
    #expect(streams.batches(steps: 10) == [0..<10, 10..<20, 20..<30, 30..<33])
    var rows = [[Int]](repeating: [], count: 3)
    for steps in streams.batches(steps: 10) {
      let (inputs, targets) = streams[steps]
      for n in 0..<3 {
        let (own, next) = (row(n, inputs), row(n, targets))
        rows[n] += own
        #expect(Array(own.dropFirst()) == Array(next.dropLast()))
      }
    }
    #expect(rows.flatMap { $0 } == Array(ids[..<99]))
  }

  private func row(_ n: Int, _ x: IntTensor) -> [Int] {
    Array(x.scalars[n * x.shape[1]..<(n + 1) * x.shape[1]])
  }

  @Test func traps() async throws {
    let messages = [
      "TextStreams: there must be at least 1 stream, given 0",
      "TextStreams: 3 streams need a text of more than 3, given 3",
      "TextStreams: a batch has at least 1 step, given 0", "TextStreams: steps 0..<2 are not in streams of 1",
    ]
    for asked in 0..<4 {
      let result = try await #require(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [asked = asked as Int] in
        switch asked {
        case 0: _ = TextStreams([1, 2], streams: 0)
        case 1: _ = TextStreams([1, 2, 3], streams: 3)
        case 2: _ = TextStreams([1, 2, 3], streams: 1).batches(steps: 0)
        default: _ = TextStreams([1, 2], streams: 1)[0..<2]
        }
      }
      #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains(messages[asked]))
    }
  }
}

@Suite struct NGramModelTests {
  /// Counts that can be followed by hand: 0 is followed by 1 twice; 1 by 0 once and by 1 once.
  private let ids = [0, 1, 0, 1, 1]

  @Test func countsByHand() {
    func probability(_ order: Int, _ id: Int, after context: ArraySlice<Int>) -> Double {
      NGramModel(order: order, vocabularySize: 2, countingIn: ids).probability(
        of: id, after: context, smoothing: 1)
    }
    #expect(probability(0, 1, after: []) == 0.5)
    #expect(probability(1, 1, after: [0]) == 4.0 / 7)
    #expect(probability(2, 1, after: [1, 0]) == 0.75)
    #expect(probability(2, 0, after: [0, 1]) == 0.5)
    // At the beginning there is no context: as a unigram.
    #expect(probability(2, 1, after: []) == 4.0 / 7)
    #expect(probability(3, 1, after: [1, 0]) == 2.0 / 3)  // (1 + 1) / (1 + 2)
    #expect(probability(3, 1, after: [0, 0]) == 0.5)
  }

  @Test func lossByHand() {
    let model = NGramModel(order: 2, vocabularySize: 2, countingIn: ids)
    #expect(abs(model.loss(on: [0, 1, 0], smoothing: 1) + (log(0.75) + log(0.5)) / 2) < 1e-12)
    let uniform = NGramModel(order: 0, vocabularySize: 7, countingIn: [])
    #expect(abs(uniform.loss(on: [3, 1, 6], smoothing: 1) - log(7)) < 1e-12)
  }

  @Test(arguments: 0...4) func probabilitiesSumToOne(order: Int) {
    let text = (0..<200).map { $0 * $0 % 5 }
    let model = NGramModel(order: order, vocabularySize: 5, countingIn: text)
    for place in 0..<8 {
      let context = text[max(0, place - 4)..<place]
      let sum = (0..<5).reduce(0.0) { $0 + model.probability(of: $1, after: context, smoothing: 0.1) }
      #expect(abs(sum - 1) < 1e-12)
    }
  }

  /// On what it was counted in, more context can only help; a random text has none to give.
  @Test func moreContextIsBetterWhereThereIsSome() {
    let text = CharacterTokenizer(vocabularyOf: BookProse.text)
    let ids = Array(text.encode(BookProse.text).prefix(20_000))
    let losses = (0...3).map { order in
      NGramModel(order: order, vocabularySize: text.vocabularySize, countingIn: ids).loss(
        on: ids, smoothing: 0.01)
    }
    #expect(losses == losses.sorted(by: >))
    #expect(losses[3] < losses[0] / 2)
  }

  @Test func theProseIsCleanAndStaysAsItIs() {
    let text = BookProse.text
    #expect(text.unicodeScalars.count > 100_000)
    #expect(!text.contains("<!--") && !text.contains("```") && !text.contains("$") && !text.contains("  "))
    #expect(text.hasSuffix(".\n") || text.hasSuffix(":\n") || text.hasSuffix("?\n"))
  }

  @Test func traps() async throws {
    let messages = [
      "NGramModel: the order is from 0 to 4, given 5",
      "NGramModel: the vocabulary has from 1 to 50,000, given 0",
      "NGramModel: number 2 is not in the vocabulary of 2",
      "NGramModel: the smoothing must be above 0, given 0.0",
      "NGramModel: a text of at least 2 is needed, given 1",
    ]
    for asked in 0..<5 {
      let result = try await #require(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [asked = asked as Int] in
        switch asked {
        case 0: _ = NGramModel(order: 5, vocabularySize: 2, countingIn: [])
        case 1: _ = NGramModel(order: 1, vocabularySize: 0, countingIn: [])
        case 2: _ = NGramModel(order: 1, vocabularySize: 2, countingIn: [0, 2])
        case 3:
          _ = NGramModel(order: 1, vocabularySize: 2, countingIn: [0]).probability(
            of: 0, after: [], smoothing: 0)
        default: _ = NGramModel(order: 1, vocabularySize: 2, countingIn: [0]).loss(on: [0], smoothing: 1)
        }
      }
      #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains(messages[asked]))
    }
  }
}
