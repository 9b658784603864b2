import Chapter00FirstSteps
import Engine
import Testing

/// Section 0.1 and 0.5: the line, its loss, and the way down.
@Suite struct LineTests {
  let x = [0.0, 1, 2, 3]
  let t = [1.0, 2, 4, 5]

  @Test func thePencilsThreeSteps() {
    #expect(Line(w: 1, b: 1).loss(x, t) == 0.5)
    #expect(Line(w: 2, b: 1).loss(x, t) == 1.5)
    let path = descent(from: Line(w: 0, b: 0), x, t, learningRate: 0.1, steps: 3)
    let expected = [
      (0.0, 0.0, 11.5), (1.25, 0.6, 0.35375), (1.445, 0.705, 0.0687875), (1.472, 0.7305, 0.06026225),
    ]
    #expect(path.count == 4)
    for (line, (w, b, loss)) in zip(path, expected) {
      #expect(abs(line.w - w) < 1e-12 && abs(line.b - b) < 1e-12)
      #expect(abs(line.loss(x, t) - loss) < 1e-12)
    }
    let first = path[0].gradient(x, t)
    #expect(first.dw == -12.5 && first.db == -6)
  }

  @Test func slopesAreAsMeasured() {
    var stream = RandomStream(seed: 3)
    for count in 1...6 {
      let x = (0..<count).map { _ in Double(stream.normal()) }
      let t = (0..<count).map { _ in Double(stream.normal()) }
      let line = Line(w: Double(stream.normal()), b: Double(stream.normal()))
      let (dw, db) = line.gradient(x, t)
      #expect(abs(dw - measuredSlope(of: { Line(w: $0, b: line.b).loss(x, t) }, at: line.w)) < 1e-8)
      #expect(abs(db - measuredSlope(of: { Line(w: line.w, b: $0).loss(x, t) }, at: line.b)) < 1e-8)
    }
  }

  @Test func theBottomOfTheValleyIsFlat() {
    let bottom = leastSquaresLine(x, t)
    #expect(abs(bottom.w - 1.4) < 1e-12 && abs(bottom.b - 0.9) < 1e-12)
    let (dw, db) = bottom.gradient(x, t)
    #expect(abs(dw) < 1e-12 && abs(db) < 1e-12)
    let end = descent(from: Line(w: -3, b: 7), x, t, learningRate: 0.1, steps: 1_000).last!
    #expect(abs(end.w - bottom.w) < 1e-9 && abs(end.b - bottom.b) < 1e-9)
  }

  /// A little below the limit the distance to the bottom shrinks, a little above it grows.
  @Test func theLargestRateParts() {
    for x in [x, [-1, 0.5, 4], [10, 11]] {
      let t = x.map { 2 * $0 - 1 }
      let limit = largestLearningRate(x)
      func end(_ share: Double) -> Double {
        descent(from: Line(w: 2.1, b: -1), x, t, learningRate: share * limit, steps: 400).last!.loss(x, t)
      }
      let start = Line(w: 2.1, b: -1).loss(x, t)
      #expect(end(0.98) < start * 0.01, "\(x)")
      #expect(end(1.02) > start * 100, "\(x)")
    }
  }

  @Test func theEngineComesToTheSame() {
    let steps = 60
    let path = descent(from: Line(w: 0, b: 0), x, t, learningRate: 0.1, steps: steps)
    let (w, b, losses) = lineByEngine(
      Tensor(x.map { Float($0) }), Tensor(t.map { Float($0) }), learningRate: 0.1, steps: steps)
    #expect(losses.count == steps)
    for (loss, line) in zip(losses, path) { #expect(abs(Double(loss) - line.loss(x, t)) < 1e-5) }
    #expect(abs(Double(w) - path.last!.w) < 1e-5 && abs(Double(b) - path.last!.b) < 1e-5)
  }

  @Test func mistakesAreNamed() async throws {
    let loss = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Line(w: 1, b: 1).loss([1, 2], [1])
    }
    #expect(text(loss).contains("Line.loss: 2 inputs and 1 targets"))
    let nothing = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Line(w: 1, b: 1).gradient([], [])
    }
    #expect(text(nothing).contains("Line.gradient: 0 inputs and 0 targets"))
    let same = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = leastSquaresLine([2, 2], [1, 3])
    }
    #expect(text(same).contains("leastSquaresLine: all 2 x are 2.0"))
  }
}

private func text(_ result: ExitTest.Result) -> String {
  String(decoding: result.standardErrorContent, as: UTF8.self)
}
