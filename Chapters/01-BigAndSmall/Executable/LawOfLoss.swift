import Chapter01BigAndSmall
import Engine
import Foundation
import Workbench

/// How the test loss falls with one quantity: the runs that a law is fitted to, both forms of the law, and the runs
/// with ten times as much that it knows nothing of.
struct LawOfLoss {
  let name: String
  /// One array for each size, one run for each seed; the last are those that the laws know nothing of.
  let x: [Double]
  let losses: [[Double]]
  let line, withFloor: PowerLawFit

  var largeX: Double { x.last! }
  var largeLosses: [Double] { losses.last! }

  init(_ name: String, runs: [[ScalingRun]], seed: UInt64, over quantity: (ScalingRun) -> Double) {
    self.name = name
    x = runs.map { quantity($0[0]) }
    losses = runs.map { $0.map(\.testLoss) }
    let fitted = zip(x, losses).dropLast().flatMap { x, losses in losses.map { (x, $0) } }
    let (xs, ys) = (fitted.map(\.0), fitted.map(\.1))
    line = PowerLawFit(xs, ys, hasFloor: false, seed: seed)
    withFloor = PowerLawFit(xs, ys, hasFloor: true, seed: seed)
  }

  func note(in metrics: inout [String: Double]) {
    for (form, fit) in [("line", line), ("floor", withFloor)] {
      let key = "\(name)_\(form)"
      let said = fit.prediction(at: largeX)
      metrics["\(key)_exponent"] = fit.law.exponent
      metrics["\(key)_exponent_low"] = fit.exponents.lowerBound
      metrics["\(key)_exponent_high"] = fit.exponents.upperBound
      metrics["\(key)_scale"] = fit.law.scale
      metrics["\(key)_floor"] = fit.law.floor
      metrics["\(key)_prediction"] = fit.law(largeX)
      metrics["\(key)_prediction_low"] = said.lowerBound
      metrics["\(key)_prediction_high"] = said.upperBound
      metrics["\(key)_inside"] = Double(largeLosses.count { said.contains($0) }) / Double(largeLosses.count)
    }
    metrics["\(name)_measured"] = Spread(largeLosses).mean
    metrics["\(name)_large"] = largeX
  }

  func chart(title: String, subtitle: String, axis: String) -> LineChart {
    // More than thirty places, so that the laws are drawn without marks.
    let places = (0...60).map { x[0] * pow(largeX / x[0], Double($0) / 60) }
    func drawn(_ name: String, _ fit: PowerLawFit) -> Series {
      let said = places.map { fit.prediction(at: $0) }
      return Series(
        name, x: places, y: places.map { fit.law($0) }, low: said.map(\.lowerBound),
        high: said.map(\.upperBound), isDashed: true)
    }
    let fitted = zip(x, losses).dropLast()
    let seeds = losses[0].indices
    var chart = LineChart(
      title: title,
      subtitle: subtitle
        + " The laws are fitted to the blue points; 95 % of new points should lie in their bands. Those at the right end are new.",
      x: Axis(axis, isLogarithmic: true), y: Axis("test loss", isLogarithmic: true),
      series: [
        Series(
          "fitted to", x: fitted.map(\.0), runs: seeds.map { seed in fitted.map { $0.1[seed] } }),
        drawn("a x⁻ᵇ", line), drawn("c + a x⁻ᵇ", withFloor),
        Series("ten times as much", x: largeLosses.map { _ in largeX }, y: largeLosses),
      ])
    chart.plotHeight = 360
    return chart
  }
}
