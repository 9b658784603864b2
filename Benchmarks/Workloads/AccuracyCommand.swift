import ArgumentParser
import Engine
import Foundation
import Workbench

struct Accuracy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accuracy",
    abstract: "How far the fast kernels are from the exact result, and how far plain loops are.",
    discussion: """
      EXAMPLES
        bench accuracy
        bench accuracy --seed 2
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let output = try common.prepare("bench/accuracy")
    var experiment = Experiment("bench accuracy", seed: common.seed, to: output)
    let accuracy = AccuracyTable(seed: common.seed)
    experiment.metrics = accuracy.metrics
    experiment.show(accuracy.table, note: AccuracyTable.note)
    try experiment.finish()
    if !accuracy.tooFar.isEmpty { throw Failed(accuracy.tooFar) }
  }
}

/// The errors of every fast kernel and of its plain loops, against the same loops in double precision.
struct AccuracyTable {
  static let note =
    "Error: root mean square, as a share of the exact result's. The plain loops sum in the order of the formula, in "
    + "single precision."
  /// How many times the plain loops' error a kernel's may be.
  static let allowed = 2.0

  private(set) var table = Table(
    "Errors against double precision, in 10⁻⁷", columns: ["kernel", "of", "engine", "plain loops", "times"])
  private(set) var metrics: [String: Double] = [:]
  /// What is less accurate than it may be.
  private(set) var tooFar: [String] = []

  init(seed: UInt64) {
    for kernel in AccuracyCase.all(seed: seed) {
      let (engine, naive, exact) = (kernel.engine(), kernel.naive(), kernel.exact())
      for (i, part) in kernel.parts.enumerated() {
        let ours = Self.error(engine[i].scalars, exact[i])
        let plain = Self.error(naive[i], exact[i])
        // A sum of few numbers may come out exact in both.
        let times = ours == 0 ? 0 : ours / plain
        table.add(kernel.kernel, part, fixed(ours * 1e7, 2), fixed(plain * 1e7, 2), fixed(times, 2))
        let key = "accuracy.\(kernel.kernel).\(part)"
        metrics["\(key).engine"] = ours
        metrics["\(key).plain"] = plain
        metrics["most_times"] = max(metrics["most_times"] ?? 0, times)
        if !(times <= Self.allowed) {
          tooFar.append("\(kernel.kernel), \(part): \(fixed(times, 2)) times the plain loops' error")
        }
      }
    }
  }

  /// `√(Σ (aᵢ − bᵢ)² / Σ bᵢ²)`
  private static func error(_ a: [Float], _ b: [Double]) -> Double {
    if a.count != b.count { return .nan }
    let (far, size) = zip(a, b).reduce((0.0, 0.0)) { sums, pair in
      let difference = Double(pair.0) - pair.1
      return (sums.0 + difference * difference, sums.1 + pair.1 * pair.1)
    }
    return (far / size).squareRoot()
  }
}
