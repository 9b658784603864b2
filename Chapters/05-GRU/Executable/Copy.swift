import ArgumentParser
import Chapter05GRU
import Engine
import Synchronization
import Tensors
import Workbench

struct Copy: ChapterExperiment {
  static let name = "copy"
  static let summary = "Ten symbols are shown, and asked for again after a pause."
  static let details = """
    Trains a plain RNN, a GRU and an LSTM on the copy memory problem. Remembering
    nothing has a cross-entropy of 10 ln 8 / (T + 20) nats a step, T the pause.

    EXAMPLES
      gru copy
      gru copy --full
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    let plan = CopyPlan.of(common.scale)
    if common.scale == .full, !experiment.isPartOfAll {
      print("This takes about five minutes on two cores.\n")
    }
    let outcomes = try train(plan)
    for delay in plan.delays {
      let baseline = CopyMemory(delay: delay, seed: 0).baseline
      var table = Table(
        "Copy memory, T = \(delay), \(grouped(plan.steps)) steps of \(CopyPlan.batchSize) sequences, \(plan.seeds) seeds",
        columns: ["network", "parameters", "cross-entropy", "of the baseline", "symbols recalled"])
      var series: [Series] = []
      for recurrence in Recurrence.allCases {
        let runs = outcomes.filter { $0.job.delay == delay && $0.job.recurrence == recurrence }
        let (losses, shares) = (Spread(runs.map { $0.losses.last! }), Spread(runs.map(\.recalled)))
        let parameters = runs[0].job.fresh().parameterCount
        table.add(
          recurrence.name, grouped(parameters), losses.text(4),
          percent(losses.mean / baseline, 0),
          shares.percentText())
        series.append(
          Series(recurrence.name, x: runs[0].job.milestones.map(Double.init), runs: runs.map(\.losses)))
        experiment.metrics["\(recurrence.rawValue).loss_\(delay)"] = losses.mean
        experiment.metrics["\(recurrence.rawValue).recalled_\(delay)"] = shares.mean
        experiment.metrics["\(recurrence.rawValue).parameters"] = Double(parameters)
      }
      experiment.metrics["baseline_\(delay)"] = baseline
      experiment.show(
        table,
        note:
          "Nats a step, on \(plan.testCount) new sequences. Remembering nothing has \(fixed(baseline, 4)), and recalls 12.5 %."
      )
      let ends = [series[0].x.first!, series[0].x.last!]
      series.append(Series("remembering nothing", x: ends, y: [baseline, baseline], isDashed: true))
      try experiment.write(
        LineChart(
          title: "Copy memory, T = \(delay)",
          subtitle:
            "Mean of \(plan.seeds) seeds; bands from the best to the worst. New sequences all the time.",
          x: Axis("training steps"), y: Axis("cross-entropy", unit: "nats a step", isLogarithmic: true),
          series: series),
        to: "learning-curves-\(delay).svg", "the loss as training goes on, T = \(delay)")
    }
    experiment.metrics["seeds"] = Double(plan.seeds)
    experiment.metrics["steps"] = Double(plan.steps)
    experiment.metrics["hidden_size"] = Double(CopyPlan.hiddenSize)
  }

  private func train(_ plan: CopyPlan) throws -> [CopyOutcome] {
    let jobs = plan.delays.sorted(by: >).flatMap { delay in
      Recurrence.allCases.reversed().flatMap { recurrence in
        (0..<UInt64(plan.seeds)).map {
          CopyJob(recurrence: recurrence, delay: delay, seed: common.seed &+ $0, steps: plan.steps)
        }
      }
    }
    let total = jobs.reduce(0) { $0 + $1.steps * ($1.delay + 20) }
    let progress = Progress("copy memory, \(jobs.count) networks", total: total, unit: "time steps")
    let done = Mutex(0)
    let results = Mutex([Int: Result<CopyOutcome, any Error>]())
    Parallel.forEach(pieces: jobs.count) { piece in
      let job = jobs[piece]
      let result = Result {
        try job.outcome(testCount: plan.testCount) {
          done.withLock {
            $0 += job.delay + 20
            progress.update($0, note: "\(job.recurrence.name), T = \(job.delay)")
          }
        }
      }
      results.withLock { $0[piece] = result }
    }
    progress.finish()
    return try results.withLock { results in try jobs.indices.map { try results[$0]!.get() } }
  }
}

/// How long and how often networks are trained on copy memory.
struct CopyPlan {
  let delays: [Int]
  let seeds: Int
  let steps: Int
  let testCount: UInt64

  static let hiddenSize = 64
  static let batchSize = 32

  static func of(_ scale: Scale) -> CopyPlan {
    scale.of(
      quick: CopyPlan(delays: [5], seeds: 1, steps: 30, testCount: 50),
      standard: CopyPlan(delays: [10, 50], seeds: 1, steps: 600, testCount: 250),
      full: CopyPlan(delays: [10, 50], seeds: 3, steps: 2_000, testCount: 500))
  }
}

/// A network to be trained on copy memory.
private struct CopyJob: Sendable {
  let recurrence: Recurrence
  let delay: Int
  let seed: UInt64
  let steps: Int

  var learningRate: Double { recurrence == .rnn ? 0.001 : 0.01 }
  var milestones: [Int] { (1...20).map { max(1, steps * $0 / 20) } }

  func fresh() -> RecurrentNetwork {
    withRandomSource(RandomSource(seed: seed)) {
      RecurrentNetwork(
        recurrence, inputSize: CopyMemory.inputs, hiddenSize: CopyPlan.hiddenSize, outputs: CopyMemory.answers
      )
    }
  }

  func outcome(testCount: UInt64, afterStep: () -> Void) throws -> CopyOutcome {
    let network = fresh()
    let task = CopyMemory(delay: delay, seed: seed)
    let test = task.batch(unseen..<unseen + testCount)
    let size = UInt64(CopyPlan.batchSize)
    var (losses, next) = ([Double](), milestones[...])
    try descend(network, learningRate: learningRate, steps: steps) { step in
      loss(network, task.batch(UInt64(step) * size..<UInt64(step + 1) * size))
    } afterStep: { done in
      while next.first == done {
        losses.append(withoutGradients { Double(loss(network, test).scalar) })
        next.removeFirst()
      }
      afterStep()
    }
    let answers = withoutGradients { network(Variable(test.inputs)) }.value.argmax().scalars
    let asked = (task.length - CopyMemory.count) * Int(testCount)
    let right = zip(answers[asked...], test.answers.scalars[asked...]).count { $0 == $1 }
    return CopyOutcome(job: self, losses: losses, recalled: Double(right) / Double(answers.count - asked))
  }

  private func loss(_ network: RecurrentNetwork, _ batch: (inputs: Tensor, answers: IntTensor)) -> Variable {
    let logits = network(Variable(batch.inputs))
    return crossEntropy(
      logits.reshaped([-1, CopyMemory.answers]), batch.answers.reshaped([-1]))
  }
}

private struct CopyOutcome: Sendable {
  let job: CopyJob
  /// Nats a step, on sequences that training has not seen, at each of the milestones.
  let losses: [Double]
  /// The share of the ten symbols that were answered correctly.
  let recalled: Double
}
