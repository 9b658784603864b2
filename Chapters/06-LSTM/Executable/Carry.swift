import ArgumentParser
import Chapter06LSTM
import Engine
import Foundation
import Workbench

struct Carry: ChapterExperiment {
  static let name = "carry"
  static let summary = "How much of a change in the cell state is left some steps later."
  static let details = """
    For LSTMs with random weights and several forget biases: the product of the
    forget gates, which is the direct path from cell state to cell state, beside the
    whole Jacobian, which counts every path.

    EXAMPLES
      lstm carry
      lstm carry --seed 3
    """

  @OptionGroup var common: CommonOptions

  private static let biases: [Float] = [-2, 0, 1, 2, 4]
  private static let hiddenSize = 16
  private static let inputSize = 8

  func run(_ experiment: inout Experiment) throws {
    let lags = common.scale.of(
      quick: [0, 1, 2, 5, 10], standard: [0, 1, 2, 5, 10, 20, 30, 50],
      full: [0, 1, 2, 5, 10, 20, 30, 50, 100])
    let networks = common.scale.of(quick: 2, standard: 5, full: 10)
    let seed = common.seed
    let jobs = Self.biases.flatMap { bias in (0..<networks).map { (bias: bias, network: $0) } }
    let outcomes = try sideBySide("\(jobs.count) networks", jobs, steps: 1, unit: "networks") { job, _ in
      Decay(bias: job.bias, seed: seed &+ UInt64(job.network), lags: lags)
    }

    var table = Table(
      "Left of a change in the cell state, \(Self.hiddenSize) units, mean of \(networks) networks",
      columns: [
        "forget bias b", "σ(b)", "lag", "σ(b) to the lag", "product of forget gates", "whole Jacobian",
      ])
    var (gates, jacobians): ([Series], [Series]) = ([], [])
    for bias in Self.biases {
      let decays = zip(jobs, outcomes).filter { $0.0.bias == bias }.map { $0.1 }
      func mean(_ values: (Decay) -> [Double]) -> [Double] {
        lags.indices.map { i in exp(Spread(decays.map { log(values($0)[i]) }).mean) }
      }
      let (direct, whole) = (mean(\.direct), mean(\.whole))
      let open = 1 / (1 + exp(-Double(bias)))
      for lag in [1, 10, 50] {
        guard let i = lags.firstIndex(of: lag) else { continue }
        table.add(
          signed(bias), fixed(open, 3), "\(lag)", short(pow(open, Double(lag))), short(direct[i]),
          short(whole[i]))
        let key = "bias_\(metricName(bias))"
        experiment.metrics["\(key).direct_\(lag)"] = direct[i]
        experiment.metrics["\(key).whole_\(lag)"] = whole[i]
        experiment.metrics["\(key).open"] = open
      }
      let x = lags.map(Double.init)
      gates.append(Series("b = \(signed(bias))", x: x, y: direct))
      jacobians.append(Series("b = \(signed(bias))", x: x, y: whole))
    }
    experiment.show(
      table,
      note: "Gates: geometric mean over the units. Jacobian: ‖∂c_t/∂c_s‖ / √H, which is 1 when all is kept.")
    for (title, what, series, file) in [
      (
        "The direct path: product of the forget gates", "Geometric mean over units and networks", gates,
        "carry"
      ),
      ("Every path: the Jacobian of the cell state", "‖∂c_t/∂c_s‖ / √H", jacobians, "jacobian"),
    ] {
      try experiment.write(
        LineChart(
          title: title, subtitle: "\(what), by the forget gates' bias b. Random weights and inputs.",
          x: Axis("lag", unit: "steps"), y: Axis("share left", isLogarithmic: true, range: 1e-8...10),
          series: series),
        to: "\(file).svg", title)
    }
    experiment.metrics["networks"] = Double(networks)
    experiment.metrics["hidden_size"] = Double(Self.hiddenSize)
  }

  /// What one network keeps, by lag.
  private struct Decay: Sendable {
    var direct: [Double] = []
    var whole: [Double] = []

    init(bias: Float, seed: UInt64, lags: [Int]) {
      let layer = withRandomSource(RandomSource(seed: seed)) {
        LSTM(inputSize: Carry.inputSize, hiddenSize: Carry.hiddenSize)
      }
      layer.setForgetBias(bias)
      let w = LSTMWeights<Double>(layer)
      var stream = RandomStream(seed: seed, stream: 6_400)
      // The states have found their level after some steps.
      let start = 20
      let xs = (0..<start + lags.last! + 1).map { _ in
        (0..<Carry.inputSize).map { _ in Double(stream.normal()) }
      }
      let steps = lstmForward(xs, w)
      for lag in lags {
        let gates = carry(steps, from: start, to: start + lag)
        direct.append(exp(gates.map { log($0) }.reduce(0, +) / Double(gates.count)))
        let jacobian = cellJacobian(steps, w, from: start, to: start + lag)
        let squares = jacobian.flatMap { $0 }.reduce(0) { $0 + $1 * $1 }
        whole.append((squares / Double(Carry.hiddenSize)).squareRoot())
      }
    }
  }
}

/// `−2`, `0`, `+1`.
func signed(_ bias: Float) -> String { (bias > 0 ? "+" : bias < 0 ? "−" : "") + "\(Int(abs(bias)))" }

/// `minus_2`, `0`, `1`: for the names of metrics.
func metricName(_ bias: Float) -> String { bias < 0 ? "minus_\(Int(-bias))" : "\(Int(bias))" }

/// `0.73`, `4.5 · 10⁻¹²`: two digits that count.
private func short(_ x: Double) -> String {
  if x == 0 || x >= 0.01 { return fixed(x, x >= 0.1 ? 2 : 3) }
  let power = Int(log10(x).rounded(.down))
  return fixed(x / pow(10, Double(power)), 1) + " · 10" + superscript(power)
}
