import ArgumentParser
import Chapter00FirstSteps
import Engine
import Foundation
import Workbench

struct Split: ChapterExperiment {
  static let name = "split"
  static let summary = "Curves that know their points by heart: why the test has points of its own."
  static let details = """
    Fits polynomials of degree 0 to 11 to twelve points of a wave, and tests them on
    others, for many draws of the points.

    EXAMPLES
      first-steps split
      first-steps split --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    print("Training and test\n")
    let draws = common.scale.of(quick: 10, standard: 100, full: 100)
    let count = 12
    let degrees = Array(0..<count)
    var losses = degrees.map { _ in (training: [Double](), test: [Double]()) }
    var first: (x: [Double], t: [Double]) = ([], [])
    for draw in 0..<draws {
      var stream = RandomStream(seed: common.seed, stream: UInt64(draw))
      let training = noisyWave(count: count, from: &stream)
      let test = noisyWave(count: 200, from: &stream)
      if draw == 0 { first = training }
      for degree in degrees {
        let curve = Polynomial.fitted(degree: degree, training.x, training.t)
        losses[degree].training.append(curve.loss(training.x, training.t))
        losses[degree].test.append(curve.loss(test.x, test.t))
      }
    }

    var table = Table(
      "Curves of rising degree on \(count) points; medians over \(draws) draws",
      columns: ["degree", "parameters", "training loss", "test loss"])
    let medians = losses.map { (Spread($0.training).median, Spread($0.test).median) }
    for degree in degrees {
      table.add(
        "\(degree)", "\(degree + 1)", fixed(medians[degree].0, 4), readable(medians[degree].1))
      experiment.metrics["training_\(degree)"] = medians[degree].0
      experiment.metrics["test_\(degree)"] = medians[degree].1
    }
    experiment.show(table, note: "the errors of the measurements alone are worth 0.0625, the square of 0.25")
    experiment.metrics["draws"] = Double(draws)
    experiment.metrics["best_degree"] = Double(degrees.min { medians[$0].1 < medians[$1].1 }!)

    try experiment.write(
      LineChart(
        title: "Training loss and test loss", subtitle: "Medians over \(draws) draws of \(count) points.",
        x: Axis("degree of the curve"),
        y: Axis("mean squared error", isLogarithmic: true, range: 0.001...1_000),
        series: [
          Series("on the points it learned from", x: degrees.map(Double.init), y: medians.map(\.0)),
          Series("on other points", x: degrees.map(Double.init), y: medians.map(\.1)),
        ]), to: "losses.svg", "both losses over the degree")
    try experiment.write(
      curves(first.x, first.t), to: "curves.svg", "three curves through the same twelve points")
  }

  private func curves(_ x: [Double], _ t: [Double]) -> LineChart {
    let places = stride(from: -1.0, through: 1.0, by: 0.005).map { $0 }
    var points = Series("the twelve points", x: x, y: t)
    points.isPoints = true
    return LineChart(
      title: "Too stiff, about right, by heart",
      subtitle: "Three curves fitted to the same points. The one of degree 11 meets all of them.",
      x: Axis("x", range: -1...1), y: Axis("y", range: -2.5...2.5),
      series: [points]
        + [1, 3, 11].map { degree in
          let curve = Polynomial.fitted(degree: degree, x, t)
          return Series("degree \(degree)", x: places, y: places.map { curve($0) })
        } + [Series("the wave itself", x: places, y: places.map { sin(Double.pi * $0) }, isDashed: true)])
  }
}
