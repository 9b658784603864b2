import Chapter01BigAndSmall
import Engine
import Foundation
import Testing

@Suite struct PowerLawTests {
  static let x = (0..<12).map { pow(10, 3 + Double($0) / 4) }

  /// The book's two points, and exercise 1.6's three.
  @Test func byHand() {
    let two = PowerLaw.line([100, 10_000], [6, 3])
    #expect(abs(two.exponent - 0.1505) < 5e-5 && abs(two.scale - 12) < 1e-9)
    let three = PowerLaw.line([1, 10, 100], [8, 4, 2])
    #expect(abs(three(1000) - 1) < 1e-12)
  }

  @Test func findsWhatThePointsWereMadeOf() {
    let line = PowerLaw(scale: 12, exponent: 0.3)
    let found = PowerLaw.line(Self.x, Self.x.map { line($0) })
    #expect(abs(found.scale - 12) < 1e-9 && abs(found.exponent - 0.3) < 1e-12 && found.floor == 0)

    let floored = PowerLaw(floor: 0.08, scale: 40, exponent: 0.7)
    let again = PowerLaw.withFloor(Self.x, Self.x.map { floored($0) })
    #expect(abs(again.floor - 0.08) < 1e-5)
    #expect(abs(again.exponent - 0.7) < 1e-4)
    #expect(abs(again.scale / 40 - 1) < 1e-3)

    // Where there is no floor, none is found; and never one below 0.
    #expect(PowerLaw.withFloor(Self.x, Self.x.map { line($0) }).floor < 0.02)
    let sinking = Self.x.map { line($0) - 0.3 }
    #expect(PowerLaw.withFloor(Self.x, sinking).floor == 0)
    // What rises has no law: at best, its mean.
    let rising = PowerLaw.withFloor([1, 10, 100], [2, 2.1, 2.3])
    #expect(rising.scale == 0 && rising.floor > 2 && rising.floor < 2.3)
  }

  /// In 95 of 100 worlds the interval is to hold what is true. With 60 worlds, 50 of them are few enough to be sure.
  @Test(arguments: [false, true]) func intervalsHoldTheTruth(hasFloor: Bool) {
    let truth = PowerLaw(floor: hasFloor ? 0.1 : 0, scale: 30, exponent: 0.5)
    var (exponents, points) = (0, 0)
    for world in 0..<60 {
      var random = RandomStream(seed: UInt64(world), stream: 9)
      let y = Self.x.map { truth($0) * exp(0.1 * Double(random.normal())) }
      let fit = PowerLawFit(Self.x, y, hasFloor: hasFloor, replicas: 200)
      exponents += fit.exponents.contains(truth.exponent) ? 1 : 0
      let new = truth(1e7) * exp(0.1 * Double(random.normal()))
      points += fit.prediction(at: 1e7).contains(new) ? 1 : 0
      #expect(fit.band(at: 1e4).contains(fit.law(1e4)))
    }
    #expect(exponents >= 50, "\(exponents) of 60")
    #expect(points >= 50, "\(points) of 60")
  }

  /// The same seed, the same interval; less scatter, a smaller one.
  @Test func intervalsFollowTheScatter() {
    func fit(_ scatter: Double, seed: UInt64) -> PowerLawFit {
      var random = RandomStream(seed: 3, stream: 9)
      let y = Self.x.map { 20 * pow($0, -0.4) * exp(scatter * Double(random.normal())) }
      return PowerLawFit(Self.x, y, hasFloor: false, replicas: 200, seed: seed)
    }
    func width(_ range: ClosedRange<Double>) -> Double { range.upperBound - range.lowerBound }
    #expect(fit(0.1, seed: 1).exponents == fit(0.1, seed: 1).exponents)
    #expect(fit(0.1, seed: 1).exponents != fit(0.1, seed: 2).exponents)
    let (narrow, wide) = (width(fit(0.02, seed: 1).exponents), width(fit(0.2, seed: 1).exponents))
    #expect(abs(wide / narrow - 10) < 1)
  }
}
