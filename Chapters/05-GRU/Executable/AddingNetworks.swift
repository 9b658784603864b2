import Chapter05GRU
import Engine
import Synchronization
import Tensors
import Workbench

/// A network to be trained on the adding problem: what decides about it, to the last bit.
struct AddingJob: Hashable, Sendable {
  let contender: Contender
  let length: Int
  let seed: UInt64
  let steps: Int

  static let hiddenSize = 32
  static let batchSize = 64

  /// The network before training.
  func fresh() -> RecurrentNetwork {
    withRandomSource(RandomSource(seed: seed)) {
      RecurrentNetwork(contender.recurrence, inputSize: 2, hiddenSize: Self.hiddenSize, outputs: 1)
    }
  }

  /// After how many steps the network is tested, and how often: twenty times.
  var milestones: [Int] { (1...20).map { max(1, steps * $0 / 20) } }
}

/// A network after training, in a form that threads may share.
struct AddingNetwork: Sendable {
  let job: AddingJob
  let weights: [String: Tensor]
  /// The mean squared error on sequences of the same length that it has not seen, at each of the milestones.
  let errors: [Double]
  /// Seconds a step, with others training beside it.
  let secondsPerStep: Double

  /// The network itself.
  func network() throws -> RecurrentNetwork {
    let network = job.fresh()
    try network.load(network.state.map { ($0.name, weights[$0.name]!) })
    return network
  }

  /// The first milestone at which the error was below `bound`; nil when there was none.
  func steps(until bound: Double) -> Int? {
    zip(job.milestones, errors).first { $0.1 < bound }?.0
  }
}

/// The networks that this process has trained on the adding problem. Several experiments look at the same ones; each is
/// trained once.
enum AddingNetworks {
  private static let known = Mutex([AddingJob: AddingNetwork]())

  /// The networks of these jobs, in their order. Those that are missing are trained side by side, one on each core.
  static func trained(_ jobs: [AddingJob]) throws -> [AddingNetwork] {
    let missing = known.withLock { known in jobs.filter { known[$0] == nil } }
    if !missing.isEmpty { try train(missing) }
    return known.withLock { known in jobs.map { known[$0]! } }
  }

  private static func train(_ jobs: [AddingJob]) throws {
    // A step costs as the length does, roughly: progress counts in steps of sequences.
    let total = jobs.reduce(0) { $0 + $1.steps * $1.length }
    let progress = Progress(
      "the adding problem, \(jobs.count) \(jobs.count == 1 ? "network" : "networks")", total: total,
      unit: "time steps")
    let done = Mutex(0)
    let results = Mutex([AddingJob: Result<AddingNetwork, any Error>]())
    Parallel.forEach(pieces: jobs.count) { piece in
      let job = jobs[piece]
      let result = Result {
        try train(job) {
          done.withLock {
            $0 += job.length
            progress.update($0, note: "\(job.contender.name), T = \(job.length)")
          }
        }
      }
      results.withLock { $0[job] = result }
    }
    progress.finish()
    for (job, result) in results.withLock({ $0 }) {
      let network = try result.get()
      known.withLock { $0[job] = network }
    }
  }

  private static func train(_ job: AddingJob, afterStep: () -> Void) throws -> AddingNetwork {
    let network = job.fresh()
    let task = AddingProblem(length: job.length, seed: job.seed)
    let test = task.batch(unseen..<unseen + 250)
    var (errors, next) = ([Double](), job.milestones[...])
    let size = UInt64(AddingJob.batchSize)
    let watch = Stopwatch()
    try descend(network, learningRate: job.contender.learningRate, steps: job.steps) { step in
      let (inputs, sums) = task.batch(UInt64(step) * size..<UInt64(step + 1) * size)
      return squaredError(network.atLastStep(Variable(inputs)), sums)
    } afterStep: { done in
      while next.first == done {
        errors.append(error(of: network, on: test))
        next.removeFirst()
      }
      afterStep()
    }
    return AddingNetwork(
      job: job, weights: Dictionary(uniqueKeysWithValues: network.state.map { ($0.name, $0.tensor) }),
      errors: errors, secondsPerStep: watch.seconds / Double(job.steps))
  }

  /// The mean squared error on a batch.
  static func error(of network: RecurrentNetwork, on batch: (inputs: Tensor, sums: Tensor)) -> Double {
    withoutGradients {
      Double(squaredError(network.atLastStep(Variable(batch.inputs)), batch.sums).scalar)
    }
  }
}
