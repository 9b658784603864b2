import ArgumentParser
import Engine
import Formats
import Foundation
import Ranks
import Workbench

/// What a training by ranks came to.
struct RankOutcome: Codable, Sendable {
  var ranks = 0
  var carrier = ""
  var parameters = 0
  var steps = 0
  var epochs = 0
  var loss = 0.0
  var validationLoss: Double?
  var accuracy: Double?
  var examplesPerSecond = 0.0
  var waited = 0.0
  var optimizerBytes: [Double] = []
  var peakMemoryMiB: [Double] = []
  var remark: String?
}

/// Trains to the end, with checkpoints that rank 0 writes.
struct TrainRanks: RankWorkBody {
  typealias Outcome = RankOutcome

  let work: RankWork
  let carrier: String
  let checkpoint: String
  let every: Double
  let resume: String?
  let weights: String
  let identity: [(name: String, value: String)]
  var reporter: RankReporter?

  func run<Task: TrainingTask>(
    _ task: Task, _ settings: TrainingSettings, _ communicator: any Communicator,
    optimizer: @escaping (Task.Model) -> any Optimizer, model: @escaping () -> Task.Model
  ) throws -> RankOutcome {
    let run = TrainingRun(Sharded(task, for: communicator), settings, optimizer: optimizer, model: model)
    var outcome = RankOutcome()
    if let resume { outcome.remark = try DataParallel.resume(run, from: resume, communicator) }
    let parallel = try DataParallel(run, communicator, work.options.parallel, identity: identity)
    let stepsPerEpoch = run.task.batches(epoch: 1, batchSize: settings.batchSize, seed: settings.seed).count
    let before = run.stepsDone
    reporter?.report {
      $0.steps = settings.epochs * stepsPerEpoch
      ($0.step, $0.phase) = (before, .computing)
    }
    parallel.onPhase = { [reporter] phase in
      reporter?.report { signal in
        switch phase {
        case .computing(let step): (signal.phase, signal.step) = (.computing, before + step)
        case .waiting(let step): (signal.phase, signal.step) = (.waiting, before + step)
        }
      }
    }
    var sinceWritten = Stopwatch()
    parallel.asks = { Interruption.isAsked || communicator.rank == 0 && sinceWritten.seconds >= every }
    /// All ranks come here after the same step.
    func keep() throws {
      try parallel.checkpoint(of: run)?.write(to: checkpoint, creatingFolders: true)
      sinceWritten = Stopwatch()
    }
    // Before the first step too: whatever happens, there is something to go on with.
    try keep()
    let watch = Stopwatch()
    try Interruption.watching {
      while !run.isFinished {
        try run.nextEpoch { _ in
          if !parallel.isAsked { return }
          try keep()
          let stops = try communicator.gather([Interruption.isAsked ? 1.0 : 0])
          if stops.contains([1]) { throw ExitCode(130) }
        }
      }
    }
    let seconds = watch.seconds
    try keep()
    if communicator.rank == 0 { try run.model.writeWeights(to: weights) }
    let made = run.stepsDone - before
    outcome.ranks = communicator.ranks
    outcome.carrier = carrier
    outcome.parameters = run.model.parameterCount
    (outcome.steps, outcome.epochs) = (run.stepsDone, run.history.count)
    outcome.loss = run.history.last!.training.loss
    outcome.validationLoss = run.history.last!.validation?.loss
    outcome.accuracy = task.metricName == "accuracy" ? run.history.last!.validation?.metric : nil
    outcome.examplesPerSecond = Double(made * work.batchSize) / seconds
    outcome.waited = parallel.waited.seconds / seconds
    let own = [Double(run.optimizer.memoryBytes), Machine.peakMemoryMiB]
    let all = try communicator.gather(own)
    (outcome.optimizerBytes, outcome.peakMemoryMiB) = (all.map { $0[0] }, all.map { $0[1] })
    return outcome
  }
}

/// `rank`: what each of several processes does that `ranks --ranks` starts by mpirun. Rank 0 prints what came of it as JSON.
struct RankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "What each of the processes does that `ranks` starts by mpirun.",
    discussion: """
      EXAMPLES
        mpirun -np 2 train-large rank --measure 20
        mpirun -np 2 train-large rank --model gpt --checkpoint run.safetensors
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: RankOptions

  @Option(parsing: .unconditional, help: "Measure so many steps, and train nothing.")
  var measure: Int?

  @Option(help: "The file of the checkpoint.")
  var checkpoint = "checkpoint.safetensors"

  @Option(parsing: .unconditional, help: "The seconds from one checkpoint to the next.")
  var checkpointEvery = 5.0

  @Option(help: "The checkpoint to go on with.")
  var resume: String?

  @Option(help: "The file of the weights.")
  var weights = "weights.safetensors"

  func run() throws {
    let communicator = try MPI.begin()
    let reporter = RankReporter(rank: communicator.rank)
    do {
      let text = try work(communicator, reporter)
      if communicator.rank == 0 { print(text) }
      reporter?.report { $0.phase = .done }
      communicator.end()
    } catch {
      reporter?.report { ($0.phase, $0.words) = (.failed, String("\(error)".prefix(600))) }
      // Without a goodbye: mpirun then ends those that wait.
      if error is ExitCode || reporter == nil { throw error }
      throw ExitCode(1)
    }
  }

  private func work(_ communicator: MPI, _ reporter: RankReporter?) throws -> String {
    Parallel.threads = common.threads ?? Self.threads(ranks: communicator.ranks)
    var work = RankWork(options: options, scale: common.scale, seed: common.seed)
    let encoder = JSONEncoder()
    if let measure {
      work.leastSteps = measure + 3
      reporter?.report { $0.phase = .computing }
      let body = MeasureRanks(work: work, steps: measure, carrier: communicator.library) { phase in
        reporter?.report { signal in
          signal.step += 1
          if case .waiting = phase { signal.phase = .waiting } else { signal.phase = .computing }
        }
      }
      return String(decoding: try encoder.encode(work.with(communicator, body)), as: UTF8.self)
    }
    let body = TrainRanks(
      work: work, carrier: communicator.library, checkpoint: checkpoint, every: checkpointEvery,
      resume: resume,
      weights: weights, identity: Self.build, reporter: reporter)
    return String(decoding: try encoder.encode(work.with(communicator, body)), as: UTF8.self)
  }

  /// The cores, divided among the ranks of this machine.
  static func threads(ranks: Int) -> Int {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let here = ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) } ?? ranks
    return max(1, cores / here)
  }

  /// The version, and which build of it: other builds may round otherwise.
  static var build: [(name: String, value: String)] {
    var hash = DataFingerprint()
    if let program = Bundle.main.executableURL,
      let bytes = try? Data(contentsOf: program, options: .mappedIfSafe)
    {
      hash.add(bytes.count)
      // Eight bytes at a time; every build differs somewhere.
      bytes.withUnsafeBytes { raw in
        for at in stride(from: 0, to: raw.count - 7, by: 8) {
          hash.add(Int(truncatingIfNeeded: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
        }
        for at in (raw.count / 8 * 8)..<raw.count { hash.add(Int(raw[at])) }
      }
    }
    return [("the version", Results.projectVersion), ("the build of the program", "\(hash)")]
  }
}
