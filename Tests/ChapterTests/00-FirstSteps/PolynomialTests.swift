import Chapter00FirstSteps
import Engine
import Testing

/// Section 0.9: curves that may bend.
@Suite struct PolynomialTests {
  @Test func heights() {
    let curve = Polynomial(weights: [1, -2, 0, 3])
    #expect(curve(0) == 1 && curve(2) == 21 && curve(-1) == 0)
  }

  @Test func aCurveOfTheSameDegreeIsFound() {
    var stream = RandomStream(seed: 4)
    for degree in 0...5 {
      let curve = Polynomial(weights: (0...degree).map { _ in Double(stream.normal()) })
      let x = (0..<9).map { Double($0) / 4 - 1 }
      let fitted = Polynomial.fitted(degree: degree, x, x.map { curve($0) })
      for (a, b) in zip(fitted.weights, curve.weights) { #expect(abs(a - b) < 1e-9) }
    }
  }

  @Test func degreeOneIsTheLeastSquaresLine() {
    let (x, t) = ([0.1, 0.7, -0.4, 0.9], [1.0, 2, 4, 5])
    let (line, curve) = (leastSquaresLine(x, t), Polynomial.fitted(degree: 1, x, t))
    #expect(abs(curve.weights[0] - line.b) < 1e-12 && abs(curve.weights[1] - line.w) < 1e-12)
  }

  /// No other weights have a smaller loss, and with as many weights as points there is none left.
  @Test func theLossIsTheLeast() {
    var stream = RandomStream(seed: 6)
    let (x, t) = noisyWave(count: 12, from: &stream)
    var last = Double.infinity
    for degree in 0..<12 {
      let curve = Polynomial.fitted(degree: degree, x, t)
      let loss = curve.loss(x, t)
      #expect(loss <= last + 1e-9)
      last = loss
      for k in curve.weights.indices {
        for change in [-0.01, 0.01] {
          var other = curve
          other.weights[k] += change
          #expect(other.loss(x, t) > loss)
        }
      }
    }
    #expect(last < 1e-9)
  }

  @Test func theWave() {
    var stream = RandomStream(seed: 7)
    let (x, t) = noisyWave(count: 200, noise: 0, from: &stream)
    #expect(x == x.sorted() && x.first! >= -1 && x.last! < 1)
    #expect(zip(x, t).allSatisfy { abs($1) <= 1 && ($0 > 0) == ($1 > 0) })
  }

  @Test func aDegreeThatThePointsDoNotFix() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Polynomial.fitted(degree: 3, [0, 0.5, 1], [1, 2, 3])
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self).contains(
        "Polynomial.fitted: degree 3, with 3 points from 0 to 2"))
  }
}
