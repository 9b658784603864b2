import ArgumentParser
import Chapter07TrainingACNN
import Chapter11TrainingLargeModels
import Engine
import Foundation
import Ranks
import Workbench

/// Foundation has one too.
private typealias Progress = Workbench.Progress

struct RanksOfTraining: ChapterExperiment {
  static let name = "ranks"
  static let summary = "Several processes train one model."
  static let details = """
    Each process ("rank") sees its part of every batch; gradients are summed over all, in buckets that are sent while \
    backward still runs. Without --ranks: one gradient against one process's, what overlapping hides of a slow wire, what \
    dividing Adam's memory saves, and how fast one and two ranks are. With --ranks N: N processes, started by mpirun, train \
    a network to the end. Their state is kept every few seconds: when a process dies or hangs, the command to go on is said.

    mpirun may also be called by hand: see the last example. Several machines: the workbook at the same path on all of \
    them, and --hostfile.

    EXAMPLES
      train-large ranks
      train-large ranks --ranks 2
      train-large ranks --ranks 2 --model gpt --zero
      train-large ranks --ranks 4 --oversubscribe --time-limit 20
      train-large ranks --ranks 8 --hostfile machines.txt
      train-large ranks --ranks 1 --resume out/11-training-large-models/ranks/checkpoint.safetensors
      mpirun -np 2 .build/release/train-large ranks
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: RankOptions
  @OptionGroup var checkpoints: CheckpointOptions

  @Option(
    name: .customLong("ranks"), parsing: .unconditional,
    help: ArgumentHelp("How many processes train the network, by MPI.", valueName: "n"))
  var count: Int?

  @Option(help: ArgumentHelp("The machines, a line for each: `name slots=2`.", valueName: "file"))
  var hostfile: String?

  @Flag(help: "Allow more ranks than cores: they share them, and times mean nothing.")
  var oversubscribe = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("End the ranks when none has made a step for so long.", valueName: "seconds"))
  var timeLimit = 60.0

  func validate() throws {
    try checkOption("--ranks", count, in: 1...1_024)
    try checkFileOption("--hostfile", hostfile)
    if !(timeLimit >= 1) {
      throw ValidationError("--time-limit must be at least 1 second, given \(timeLimit)")
    }
    if count == nil, MPI.startedRanks == nil {
      for (name, isGiven) in [
        ("--hostfile", hostfile != nil), ("--oversubscribe", oversubscribe),
        ("--resume", checkpoints.resume != nil),
        ("--checkpoint", checkpoints.checkpoint != nil),
      ] where isGiven {
        throw ValidationError("\(name) needs --ranks: it says how they are started and kept")
      }
    }
  }

  private var launcher: RankLauncher {
    var launcher = RankLauncher(ranks: count ?? 2)
    (launcher.hostfile, launcher.oversubscribes, launcher.timeLimit) = (hostfile, oversubscribe, timeLimit)
    return launcher
  }

  private var work: RankWork { RankWork(options: options, scale: common.scale, seed: common.seed) }

  func prepare() throws {
    if count != nil {
      try launcher.check()
      let batch = work.batchSize
      if let count, count > batch {
        throw CannotUse(
          "\(count) ranks for batches of \(batch) \(batch == 1 ? "example" : "examples"): each rank needs one of its own.\n"
            + "       Start fewer ranks, or give a larger --batch-size.")
      }
      if let resume = checkpoints.resume { _ = try Checkpoint(readingFrom: resume) }
    }
  }

  func run(_ experiment: inout Experiment) throws {
    if let started = MPI.startedRanks, started > 0, count == nil, !RankLauncher.isRank {
      return try runByHand(&experiment)
    }
    if count != nil { return try train(&experiment) }
    let threads = Parallel.threads
    defer { Parallel.threads = threads }
    try showGradients(&experiment)
    try showWires(&experiment)
    try showDivided(&experiment)
    try showScaling(&experiment)
  }

  // By MPI.

  private func showScaling(_ experiment: inout Experiment) throws {
    let steps = common.scale.of(quick: 2, standard: 12, full: 40)
    let usesMPI = MPI.isInstalled && common.scale != .quick
    var measured: [RankMeasurement] = []
    for ranks in [1, 2] {
      if usesMPI {
        var launcher = launcher
        (launcher.ranks, launcher.oversubscribes) = (ranks, true)
        let text = try launch(launcher, ["--measure", "\(steps)", "--threads", "1"], steps: nil)
        measured.append(try JSONDecoder().decode(RankMeasurement.self, from: Data(text.utf8)))
      } else {
        measured.append(try local(ranks, options.model, steps: steps))
      }
    }
    show(scaling: measured, &experiment)
    if !usesMPI {
      let reason =
        common.scale == .quick
        ? "A quick run starts no processes: its ranks were threads."
        : "MPI is not installed: the ranks were threads of this "
          + "process.\n\(MPI.howToInstall("mpirun"))"
      print("  \(reason)\n")
    }
    experiment.metrics["uses_mpi"] = usesMPI ? 1 : 0
  }

  private func show(scaling measured: [RankMeasurement], _ experiment: inout Experiment) {
    let unit = options.model == .cnn ? "images" : "windows"
    var table = Table(
      "How fast ranks are, each on one core",
      columns: [
        "ranks", "meanwhile: \(unit)/s", "efficiency", "waiting", "afterwards: \(unit)/s",
        "waiting afterwards",
      ])
    let alone = measured[0].overlapped
    for one in measured {
      table.add(
        "\(one.ranks)", grouped(one.overlapped), percent(one.overlapped / alone / Double(one.ranks), 0),
        percent(one.waitedOverlapped, 0), grouped(one.afterwards), percent(one.waitedAfterwards, 0))
      experiment.metrics["ranks_\(one.ranks).rate"] = one.overlapped
      experiment.metrics["ranks_\(one.ranks).rate_afterwards"] = one.afterwards
      experiment.metrics["ranks_\(one.ranks).waiting"] = one.waitedOverlapped
      experiment.metrics["ranks_\(one.ranks).waiting_afterwards"] = one.waitedAfterwards
    }
    let last = measured.last!
    experiment.metrics["efficiency"] = last.overlapped / alone / Double(last.ranks)
    experiment.metrics["early_share"] = last.early
    experiment.show(
      table,
      note: "Messages by \(last.carrier). Efficiency: the rate, as a share of so many times one rank's.")
  }

  /// Starts ranks of this program.
  private func launch(_ launcher: RankLauncher, _ more: [String], steps: Progress?) throws -> String {
    guard let program = Bundle.main.executableURL?.path else {
      throw CannotUse("this program cannot find itself.")
    }
    var arguments = ["rank"] + options.arguments + ["--seed", "\(common.seed)"] + more
    if common.quick { arguments.append("--quick") }
    if common.full { arguments.append("--full") }
    return try launcher.run(program, arguments, isToStop: { Interruption.isAsked }) { signal in
      if signal.rank == 0, signal.steps > 0 { steps?.update(signal.step) }
    }
  }

  private func train(_ experiment: inout Experiment) throws {
    let count = count!
    if launcher.sharesCores {
      print(
        "\(count) ranks share \(counted(ProcessInfo.processInfo.activeProcessorCount, "core")): times mean nothing.\n"
      )
    }
    let path =
      checkpoints.checkpoint ?? checkpoints.resume ?? experiment.output.file("checkpoint.safetensors")
    var more = [
      "--checkpoint", path, "--checkpoint-every", "\(checkpoints.checkpointEvery)", "--weights",
      experiment.output.file("weights.safetensors"),
    ]
    if let resume = checkpoints.resume { more += ["--resume", resume] }
    if let threads = common.threads { more += ["--threads", "\(threads)"] }
    let total = options.epochs * ((work.examples + work.batchSize - 1) / work.batchSize)
    let progress = Progress("\(counted(count, "rank"))", total: total, unit: "steps")
    let text: String
    do {
      text = try Interruption.watching { try launch(launcher, more, steps: progress) }
    } catch let error as RanksFailed {
      Progress.clearLine()
      throw CannotUse(Self.stopped("\(error)", path))
    } catch is RanksStopped {
      Progress.clearLine()
      Terminal.error(Self.stopped("interrupted", path))
      throw ExitCode(130)
    }
    progress.finish()
    let outcome = try JSONDecoder().decode(RankOutcome.self, from: Data(text.utf8))
    show(outcome, &experiment)
    experiment.add("weights.safetensors", "the weights, by PyTorch's names")
    if path == experiment.output.file("checkpoint.safetensors") {
      experiment.add("checkpoint.safetensors", "the state at the end, for --resume")
    }
    // Short, and on cores of their own: what the training's time cannot say.
    var measured: [RankMeasurement] = []
    for ranks in count == 1 ? [1] : [1, count] {
      var launcher = launcher
      launcher.ranks = ranks
      let steps = common.scale.of(quick: 2, standard: 12, full: 40)
      let text = try launch(
        launcher, ["--measure", "\(steps)", "--threads", "\(common.threads ?? 1)"], steps: nil)
      measured.append(try JSONDecoder().decode(RankMeasurement.self, from: Data(text.utf8)))
    }
    show(scaling: measured, &experiment)
    experiment.metrics["gradient_difference"] = measured.last!.gradientDifference
    experiment.metrics["differing_numbers"] = Double(measured.last!.differingNumbers)
  }

  /// What happened, and how to go on where there is something to go on from.
  private static func stopped(_ what: String, _ path: String) -> String {
    guard let position = try? Checkpoint(readingFrom: path).position else {
      return what + (what.hasSuffix(".") ? "" : ".")
    }
    return """
      \(what)\(what.hasSuffix(".") ? "" : ".")
             The state after step \(position.batch) of epoch \(position.epoch) is kept. To go on, with any number of ranks:
        \(CommandToGoOn.line(resuming: path))
      """
  }

  private func show(_ outcome: RankOutcome, _ experiment: inout Experiment) {
    if let remark = outcome.remark { Terminal.error("note: \(remark)") }
    var table = Table("What the ranks have trained", columns: ["", "value"])
    table.add("ranks", "\(outcome.ranks), by \(outcome.carrier)")
    table.add(
      "network", "\(options.model == .cnn ? "CNN" : "GPT"), \(grouped(outcome.parameters)) parameters")
    table.add("steps", "\(grouped(outcome.steps)) in \(counted(outcome.epochs, "epoch"))")
    table.add("training loss", fixed(outcome.loss, 4))
    if let loss = outcome.validationLoss { table.add("validation loss", fixed(loss, 4)) }
    if let accuracy = outcome.accuracy { table.add("read correctly", percent(accuracy)) }
    table.add("examples a second", grouped(outcome.examplesPerSecond))
    table.add("waiting for others", percent(outcome.waited, 0))
    table.add(
      "the optimiser's memory",
      outcome.optimizerBytes.map { mebibytes(Int($0)) }.joined(separator: ", ") + " MiB")
    table.add(
      "memory of the processes", outcome.peakMemoryMiB.map { fixed($0, 0) }.joined(separator: ", ") + " MiB")
    experiment.show(table)
    experiment.metrics["ranks"] = Double(outcome.ranks)
    experiment.metrics["steps"] = Double(outcome.steps)
    experiment.metrics["loss"] = outcome.loss
    experiment.metrics["validation_loss"] = outcome.validationLoss
    experiment.metrics["accuracy"] = outcome.accuracy
    experiment.metrics["optimizer_mib"] = (outcome.optimizerBytes.max() ?? 0) / 1_048_576
  }

  /// Under an mpirun that somebody has called: rank 0 shows and writes, the others only work.
  private func runByHand(_ experiment: inout Experiment) throws {
    let communicator = try MPI.begin()
    Parallel.threads = common.threads ?? RankCommand.threads(ranks: communicator.ranks)
    let path =
      checkpoints.checkpoint ?? checkpoints.resume ?? experiment.output.file("checkpoint.safetensors")
    let outcome = try work.with(
      communicator,
      TrainRanks(
        work: work, carrier: communicator.library, checkpoint: path, every: checkpoints.checkpointEvery,
        resume: checkpoints.resume, weights: experiment.output.file("weights.safetensors"),
        identity: RankCommand.build))
    let steps = common.scale.of(quick: 2, standard: 12, full: 40)
    var longer = work
    longer.leastSteps = steps + 3
    let measured = try longer.with(
      communicator, MeasureRanks(work: longer, steps: steps, carrier: communicator.library))
    communicator.end()
    if communicator.rank != 0 {
      leave()
    }
    show(outcome, &experiment)
    experiment.add("weights.safetensors", "the weights, by PyTorch's names")
    experiment.metrics["gradient_difference"] = measured.gradientDifference
    experiment.metrics["differing_numbers"] = Double(measured.differingNumbers)
    experiment.metrics["rate"] = measured.overlapped
  }
}

/// Ends a rank that has nothing to show.
private func leave() -> Never {
  fflush(nil)
  exit(0)
}
