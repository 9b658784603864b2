import ArgumentParser
import Engine
import Foundation
import NumberText
import Workbench

/// `torture arithmetic`: numbers that are none, far too large, missing, and very many of them.
struct ArithmeticPart: TorturePart {
  static let name = "arithmetic"
  static let configuration = CommandConfiguration(
    commandName: "arithmetic", abstract: "NaN, outliers, empty inputs, long training, any number of threads.",
    discussion: """
      EXAMPLES
        torture arithmetic
        torture arithmetic --seed 3
      """)

  @OptionGroup var options: TortureOptions

  private static let mostGrowth = 8 << 20

  func attempt(_ experiment: inout Experiment) throws -> [String] {
    var words: [String] = []
    var table = Table("Arithmetic", columns: ["what", "tried", "as it must be"])
    func add(_ name: String, _ key: String, tried: Int, right: Int) {
      table.add(name, grouped(tried), grouped(right))
      experiment.metrics["\(key).tried"] = Double(tried)
      experiment.metrics["\(key).right"] = Double(right)
    }
    let work = NSTemporaryDirectory() + "torture-arithmetic-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: work) }

    let injection = Injection()
    words += injection.words
    add("NaN and infinities, found and named", "injected", tried: injection.injected, right: injection.named)

    let outliers = Outliers(seed: options.common.seed)
    let far = outliers.lines.filter(\.isTooFar)
    words += far.map {
      "\($0.kernel), \($0.part): the error beside an outlier of \($0.size) is \($0.engine / max($0.plain, 0x1p-24)) times plain loops'"
    }
    add(
      "results beside an outlier of 10² to 10⁹", "outliers", tried: outliers.lines.count,
      right: outliers.lines.count - far.count)
    experiment.metrics["outliers.cases"] = Double(outliers.cases)
    experiment.metrics["outliers.worst"] =
      outliers.lines.map { $0.engine / max($0.plain, 0x1p-24) }.max() ?? 0

    let empty = try EmptyInputs.attempt(work: work)
    words += empty.words
    add(
      "ops without a number, or with one", "empty", tried: EmptyInputs.count,
      right: empty.computed + empty.refused)
    experiment.metrics["empty.computed"] = Double(empty.computed)
    experiment.metrics["empty.refused"] = Double(empty.refused)

    let steps = options.common.quick ? 1500 : 10_000
    let growth = LongTraining.growth(steps: steps)
    if growth > Self.mostGrowth {
      words.append("\(steps) training steps have taken \(growth >> 20) MiB more and more")
    }
    add("steps without growth", "steps", tried: steps, right: growth > Self.mostGrowth ? 0 : steps)
    experiment.metrics["growth_mebibytes"] = Double(growth) / 1_048_576

    let counts = [1, 2, 4, 16]
    let digests = counts.map { LongTraining.digest(threads: $0, steps: options.common.quick ? 1 : 4) }
    let same = digests.filter { $0 == digests[0] }.count
    if same != counts.count { words.append("\(counts) threads do not give the same bits: \(digests)") }
    add("numbers of threads that give the same bits", "threads", tried: counts.count, right: same)

    experiment.show(
      table,
      note:
        "An op without a number gives a result, or a message that names it. Beside an outlier, a result's error is at most\n"
        + "  four times that of plain loops, as a share of the sum of its own summands' absolute values.")
    var errors = Table(
      "Errors beside an outlier", columns: ["kernel", "of", "engine, 10⁻⁷", "plain loops, 10⁻⁷", "outlier"])
    for line in outliers.lines {
      errors.add(
        line.kernel, line.part, fixed(line.engine * 1e7, 2), fixed(line.plain * 1e7, 2),
        String(format: "%.0e", line.size))
    }
    experiment.show(
      errors, note: "The worst of all outliers' sizes; as a share of the sum of absolute values.")
    return words
  }
}
