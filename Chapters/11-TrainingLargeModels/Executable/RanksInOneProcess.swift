import ArgumentParser
import Chapter07TrainingACNN
import Chapter11TrainingLargeModels
import Engine
import Foundation
import Ranks
import Workbench

// What threads of one process can show, each a rank: no MPI is needed.
extension RanksOfTraining {
  /// The measurement of ranks that are threads, each with one thread to compute on.
  func local(
    _ ranks: Int, _ model: RankModel, steps: Int, rounds: Int = 4, wire: LocalRanks.Wire? = nil,
    zero: Bool = false
  ) throws -> RankMeasurement {
    Parallel.threads = 1
    var options = options
    (options.model, options.zero) = (model, zero)
    let work = RankWork(options: options, scale: common.scale, seed: common.seed, leastSteps: steps + 3)
    return try LocalRanks.run(ranks, wire: wire) { communicator in
      try work.with(communicator, MeasureRanks(work: work, steps: steps, carrier: nil, rounds: rounds))
    }[0]
  }

  func showGradients(_ experiment: inout Experiment) throws {
    var table = Table(
      "One step's gradient, by ranks and by one process",
      columns: [
        "network", "parameters", "ranks", "numbers unlike the parts' sum", "difference from the whole batch",
      ])
    var largest = 0.0
    let progress = Progress("gradients", total: 4, unit: "cases")
    for (i, (model, ranks)) in [(RankModel.cnn, 2), (.cnn, 3), (.gpt, 2), (.gpt, 3)].enumerated() {
      let measured = try local(ranks, model, steps: 1, rounds: 0)
      table.add(
        model == .cnn ? "CNN" : "GPT", grouped(measured.parameters), "\(ranks)",
        "\(measured.differingNumbers)",
        scientific(measured.gradientDifference, 1))
      experiment.metrics["\(model.rawValue)_\(ranks).differing_numbers"] = Double(measured.differingNumbers)
      experiment.metrics["\(model.rawValue)_\(ranks).gradient_difference"] = measured.gradientDifference
      largest = max(largest, measured.gradientDifference)
      progress.update(i + 1)
    }
    progress.finish()
    experiment.metrics["gradient_difference"] = largest
    experiment.show(
      table, note: "difference: the largest, as a share of the largest number of the gradient.")
  }

  func showWires(_ experiment: inout Experiment) throws {
    let wires: [(name: String, perSecond: Double)] = [
      ("10 Gbit/s", 1.25e9), ("1 Gbit/s", 1.25e8), ("300 Mbit/s", 3.75e7), ("100 Mbit/s", 1.25e7),
    ]
    let parameters = CNN().parameterCount
    var table = Table(
      "Two ranks and a pretended wire: ms a step of the CNN",
      columns: ["wire", "the sum alone", "sent afterwards", "sent meanwhile", "hidden"])
    var (afterwards, meanwhile): ([Double], [Double]) = ([], [])
    let progress = Progress("wires", total: wires.count, unit: "wires")
    for (i, wire) in wires.enumerated() {
      let pretended = LocalRanks.Wire(latency: 5e-5, bytesPerSecond: wire.perSecond)
      var options = self
      options.options.bucket = 256
      let measured = try options.local(
        2, .cnn, steps: common.scale.of(quick: 2, standard: 10, full: 30),
        rounds: common.scale.of(quick: 1, standard: 4, full: 4), wire: pretended)
      let after = 1e3 * Double(work(.cnn).batchSize) / measured.afterwards
      let during = 1e3 * Double(work(.cnn).batchSize) / measured.overlapped
      let alone = 1e3 * pretended.secondsToSum(bytes: parameters * 4, ranks: 2)
      table.add(
        wire.name, fixed(alone, 1), fixed(after, 1), fixed(during, 1),
        alone < after / 5 ? "" : percent((after - during) / alone, 0))
      afterwards.append(after)
      meanwhile.append(during)
      let name = "wire_\(Int(wire.perSecond * 8 / 1e6))"
      experiment.metrics["\(name).afterwards_ms"] = after
      experiment.metrics["\(name).meanwhile_ms"] = during
      experiment.metrics["\(name).alone_ms"] = alone
      experiment.metrics["\(name).hidden"] = (after - during) / alone
      progress.update(i + 1)
    }
    progress.finish()
    experiment.show(
      table,
      note:
        "hidden: what sending meanwhile saves, as a share of the time that the wire is busy; left out where that is short."
    )
    try experiment.write(
      LineChart(
        title: "A step of two ranks, by the wire between them",
        subtitle: "the article's CNN, batch of \(work(.cnn).batchSize); the wire is pretended",
        x: Axis("wire", unit: "Mbit/s", isLogarithmic: true), y: Axis("a step", unit: "ms"),
        series: [
          Series("gradients sent after backward", x: wires.map { $0.perSecond * 8e-6 }, y: afterwards),
          Series("while backward runs", x: wires.map { $0.perSecond * 8e-6 }, y: meanwhile),
        ]),
      to: "wires.svg", "what sending gradients while backward runs hides")
  }

  func work(_ model: RankModel) -> RankWork {
    var options = options
    options.model = model
    return RankWork(options: options, scale: common.scale, seed: common.seed)
  }

  func showDivided(_ experiment: inout Experiment) throws {
    var table = Table(
      "What Adam remembers, in each rank (MiB)", columns: ["network", "ranks", "whole", "divided", "by rank"])
    let progress = Progress("divided memory", total: 4, unit: "cases")
    for (i, (model, ranks)) in [(RankModel.cnn, 2), (.cnn, 4), (.gpt, 2), (.gpt, 4)].enumerated() {
      let divided = try local(ranks, model, steps: 1, rounds: 1, zero: true)
      let whole = divided.optimizerBytes.reduce(0, +)
      table.add(
        model == .cnn ? "CNN" : "GPT", "\(ranks)", mebibytes(Int(whole)),
        mebibytes(Int(divided.optimizerBytes.max()!)),
        divided.optimizerBytes.map { mebibytes(Int($0)) }.joined(separator: ", "))
      experiment.metrics["\(model.rawValue)_\(ranks).divided_mib"] = divided.optimizerBytes.max()! / 1_048_576
      experiment.metrics["\(model.rawValue)_\(ranks).whole_mib"] = whole / 1_048_576
      progress.update(i + 1)
    }
    progress.finish()
    experiment.show(
      table,
      note: "divided: in the rank that has most. Parameters stay whole, and one may be most of a network.")
  }
}
