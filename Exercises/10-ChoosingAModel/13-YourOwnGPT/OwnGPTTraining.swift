import Datasets
import ExerciseKit
import Foundation
import Pictures
import Practice

/// The training at the end: the prose of the workbook's book, character by character, and what the network then writes.
struct OwnGPTTraining {
  static let steps = 600
  static let batchSize = 16
  static let length = 32
  static let width = 48
  static let heads = 4
  static let blocks = 2
  static let highestRate: Float = 4e-3
  /// By how much its loss must be below that of pairs of characters, and how much of what it writes must be words.
  static let gain = 0.2
  static let share = 0.3

  private static let alphabet = Array(" abcdefghijklmnopqrstuvwxyz.")

  let text, unseen: [Int]
  private let answer: YourOwnGPTExercise.Answer
  private let weights: [Tensor]
  private let starts: [[Int]]
  private let rates: [Float]
  private let seed: UInt64

  init(_ answer: YourOwnGPTExercise.Answer, seed: UInt64 = 1) {
    self.answer = answer
    self.seed = seed
    let prose = Self.numbers(BookProse.text)
    text = Array(prose[..<(prose.count * 9 / 10)])
    unseen = Array(prose[(prose.count * 9 / 10)...])
    var inputs = Inputs(seed: seed)
    let width = Self.width
    func normal(_ shape: [Int], _ deviation: Float) -> Tensor { inputs.normal(shape) * deviation }
    let inner = 1 / Float(width).squareRoot()
    let last = inner / Float(2 * Self.blocks).squareRoot()
    var weights = [normal([Self.alphabet.count, width], 0.1), normal([Self.length, width], 0.1)]
    for _ in 0..<Self.blocks {
      weights += [
        .ones([width]), normal([3 * width, width], inner), normal([width, width], last), .ones([width]),
        normal([4 * width, width], inner), normal([width, 4 * width], last / 2),
      ]
    }
    self.weights = weights + [.ones([width])]
    let end = text.count - Self.length - 1
    starts = (0..<Self.steps).map { _ in (0..<Self.batchSize).map { _ in inputs.integer(0...end) } }
    // Up in the first tenth, then down in a straight line.
    rates = (0..<Self.steps).map { step in
      let done = Float(step + 1) / Float(Self.steps)
      return Self.highestRate * min(done * 10, (1.001 - done) / 0.9)
    }
  }

  /// Small letters, spaces and full stops; all else is a space, and spaces do not follow each other.
  private static func numbers(_ prose: String) -> [Int] {
    var numbers: [Int] = []
    for character in prose.lowercased() {
      let number = alphabet.firstIndex(of: character) ?? 0
      if number > 0 || numbers.last != 0 { numbers.append(number) }
    }
    return numbers
  }

  /// What the check found.
  struct Result {
    let losses: [Float]
    let loss, pairLoss, share: Double
    let written: String
  }

  func result(_ trial: Trial?) throws -> Result? {
    let (after, losses) = try answer.train(
      text, starts, Self.length, weights, Self.heads, rates, 0.1)
    let isComplete = losses.count == Self.steps && after.map(\.shape) == weights.map(\.shape)
    trial?.expect(
      isComplete, "there is a loss for each of the \(Self.steps) batches, and the weights at the end",
      about: losses.count)
    guard isComplete else { return nil }
    let isFinite = losses.allSatisfy(\.isFinite) && after.allSatisfy { $0.scalars.allSatisfy(\.isFinite) }
    trial?.expect(isFinite, "all losses and weights are numbers", about: losses.count)
    guard isFinite, let loss = try unseenLoss(after), let written = try write(after) else {
      trial?.expect(
        !isFinite, "gptScores gives finite scores for each place, also after training", about: losses.count)
      return nil
    }
    return Result(
      losses: losses, loss: loss, pairLoss: pairLoss(), share: shareOfWords(written),
      written: String(written.map { Self.alphabet[$0] }))
  }

  func check(_ trial: Trial) throws {
    guard let result = try result(trial) else { return }
    draw(result, trial)
    trial.expect(
      result.loss <= result.pairLoss - Self.gain,
      """
      on text that it never saw, its loss is at least \(Self.gain.shortText) below \(result.pairLoss.shortText), that of one \
      who knows how often each character follows each other
      """, about: result.loss)
    trial.expect(
      result.share >= Self.share,
      "of the longer words that it writes, at least \(Int(Self.share * 100)) % are words of the text",
      about: result.share)
  }

  private var unseenWindows: [[Int]] {
    stride(from: 0, to: unseen.count - Self.length, by: Self.length * 2).map {
      Array(unseen[$0...$0 + Self.length])
    }
  }

  private func unseenLoss(_ weights: [Tensor]) throws -> Double? {
    let windows = unseenWindows
    var sum = 0.0
    for first in stride(from: 0, to: windows.count, by: 16) {
      let part = windows[first..<min(first + 16, windows.count)]
      let scores = try answer.scores(part.map { Array($0.dropLast()) }, weights, Self.heads)
      guard scores.shape == [part.count, Self.length, Self.alphabet.count],
        scores.scalars.allSatisfy(\.isFinite)
      else { return nil }
      for (n, window) in part.enumerated() {
        for t in 0..<Self.length {
          let row = Self.alphabet.indices.map { Double(scores[n, t, $0]) }
          let largest = row.max()!
          sum += log(row.reduce(0) { $0 + exp($1 - largest) }) + largest - row[window[t + 1]]
        }
      }
    }
    return sum / Double(windows.count * Self.length)
  }

  /// The loss, at the same places, of one who counted all pairs of characters in the text.
  private func pairLoss() -> Double {
    let size = Self.alphabet.count
    var counts = [[Double]](repeating: [Double](repeating: 0.1, count: size), count: size)
    for (a, b) in zip(text, text.dropFirst()) { counts[a][b] += 1 }
    let losses = unseenWindows.flatMap { window in
      zip(window, window.dropFirst()).map { a, b -> Double in
        let all = counts[a].reduce(0, +)
        return -log(counts[a][b] / all)
      }
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  /// 600 characters, symbol by symbol, somewhat less by chance than the network thinks.
  private func write(_ weights: [Tensor]) throws -> [Int]? {
    var chance = RandomStream(seed: seed)
    var written = [0]
    while written.count < 600 {
      let ids = Array(written.suffix(Self.length))
      let scores = try answer.scores([ids], weights, Self.heads)
      guard scores.shape == [1, ids.count, Self.alphabet.count], scores.scalars.allSatisfy(\.isFinite) else {
        return nil
      }
      let row = scores.reshaped([ids.count, Self.alphabet.count]).row(ids.count - 1)
      written.append(Sampler(temperature: 0.7).choose(from: row, with: &chance).scalars[0])
    }
    return written
  }

  /// The share of words of three letters and more that occur in the text.
  private func shareOfWords(_ written: [Int]) -> Double {
    func words(_ numbers: [Int]) -> [[Int]] {
      numbers.split { $0 == 0 || $0 == 27 }.map { Array($0) }.filter { $0.count >= 3 }
    }
    let known = Set(words(text))
    let own = words(written).dropLast()
    return own.count < 20 ? 0 : Double(own.count { known.contains($0) }) / Double(own.count)
  }

  private func draw(_ result: Result, _ trial: Trial) {
    let losses = result.losses
    let means = stride(from: 0, to: losses.count - 9, by: 10).map { step in
      Double(losses[step..<step + 10].reduce(0, +)) / 10
    }
    trial.show(
      LineChart(
        title: "Your GPT learns", subtitle: "cross-entropy, means of ten steps", x: Axis("step"),
        y: Axis("loss"),
        series: [
          Series("training, while it learned", x: means.indices.map { Double(10 * $0 + 5) }, y: means),
          Series(
            "pairs of characters, unseen text", x: [0, Double(losses.count)],
            y: [result.pairLoss, result.pairLoss]),
        ]
      ).canvas(), as: "loss-curve", meaning: "the loss, ten steps at a time")
    var page = Canvas(width: 620, height: 280)
    var line = ""
    var y = 30
    for word in result.written.split(separator: " ") {
      if line.count + word.count > 64 {
        page.text(line, x: 20, y: y)
        line = ""
        y += 22
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    page.text(line, x: 20, y: y)
    trial.show(page, as: "written", meaning: "what it writes")
  }
}
