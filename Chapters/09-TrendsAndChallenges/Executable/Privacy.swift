import ArgumentParser
import Chapter09TrendsAndChallenges
import Engine
import Workbench

struct Privacy: ChapterExperiment {
  static let name = "privacy"
  static let summary = "DP-SGD: what privacy costs in accuracy, and what is left for an attack."
  static let details = """
    Trains the same small network with more and more noise in its gradients, adds up what that promises, and lets the \
    attack of `trends inference` try it.

    EXAMPLES
      trends privacy
      trends privacy --noises 0.8,1.5,3 --seeds 5
    """

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "Noise multipliers to try, with commas between them.", valueName: "σ,σ,…"),
    transform: { text in
      try text.split(separator: ",", omittingEmptySubsequences: false).map {
        guard let noise = Double($0), noise > 0, noise.isFinite else {
          throw ValidationError("--noises must be numbers above 0 with commas between them, given \(text)")
        }
        return noise
      }
    })
  var noises: [Double] = [0.5, 1, 2, 4]

  @Option(parsing: .unconditional, help: "How many networks for each noise (default: 3; with --quick 1).")
  var seeds: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...1_000)
  }

  /// How a network is trained: nil for ordinary gradients, 0 for clipping alone.
  struct Job: Sendable {
    let noise: Double?
    let seed: UInt64
  }

  func run(_ experiment: inout Experiment) throws {
    let images = common.scale.of(quick: 100, standard: 500, full: 2_000)
    let rate = common.scale.of(quick: 0.1, standard: 0.1, full: 0.05)
    let steps = common.scale.of(quick: 20, standard: 400, full: 800)
    let delta = common.scale.of(quick: 1e-3, standard: 1e-4, full: 1e-5)
    let seeds = seeds ?? common.scale.of(quick: 1, standard: 3, full: 5)
    print(
      """
      DP-SGD on \(images) digits: \(steps) steps, each digit in a batch with probability \(rate), clipped to 1, δ = \(delta)

      """)
    let settings: [Double?] = [nil, 0] + noises.sorted()
    let jobs = settings.flatMap { noise in
      (0..<seeds).map { Job(noise: noise, seed: common.seed &+ UInt64($0)) }
    }
    let outcomes = try sideBySide("training \(jobs.count) networks", jobs, steps: steps, unit: "steps") {
      job, advance in
      try Self.trained(job, images: images, rate: rate, steps: steps, advance)
    }
    var table = Table(
      "What privacy costs, and what it buys",
      columns: ["gradients", "ε", "read, of those learned", "read, of others", "advantage", "at most"])
    var (epsilons, accuracies, advantages) = ([Double](), [[Double]](), [[Double]]())
    for (i, noise) in settings.enumerated() {
      let own = outcomes[i * seeds..<(i + 1) * seeds]
      let (known, test, advantage) = (
        Spread(own.map(\.training)), Spread(own.map(\.test)), Spread(own.map(\.advantage))
      )
      let key = noise.map { $0 == 0 ? "clipped" : "noise_\($0)" } ?? "plain"
      let name = noise.map { $0 == 0 ? "clipped" : "clipped, σ = \(readable($0))" } ?? "as they are"
      var (epsilonText, boundText) = ("∞", "")
      if let noise, noise > 0 {
        let epsilon = PrivacyAccountant(noise: noise, rate: rate).epsilon(steps: steps, delta: delta).epsilon
        let bound = MembershipAttack.largestAdvantage(epsilon: epsilon, delta: delta)
        (epsilonText, boundText) = (significant(epsilon, 3), fixed(bound, 3))
        experiment.metrics["\(key).epsilon"] = epsilon
        experiment.metrics["\(key).bound"] = bound
        epsilons.append(epsilon)
        accuracies.append(own.map { $0.test * 100 })
        advantages.append(own.map(\.advantage))
      }
      table.add(name, epsilonText, known.percentText(), test.percentText(), advantage.text(3), boundText)
      experiment.metrics["\(key).training_accuracy"] = known.mean
      experiment.metrics["\(key).accuracy"] = test.mean
      experiment.metrics["\(key).accuracy_deviation"] = test.deviation
      experiment.metrics["\(key).advantage"] = advantage.mean
      experiment.metrics["\(key).advantage_deviation"] = advantage.deviation
    }
    print("")
    experiment.show(
      table,
      note: """
        mean ± deviation of \(counted(seeds, "network")). At most: what no attack can exceed at this ε. The promise holds
          for every digit and every attack; this attack is one, and a simple one.
        """)
    for (name, value) in [
      ("images", Double(images)), ("rate", rate), ("steps", Double(steps)), ("delta", delta),
      ("seeds", Double(seeds)), ("clip_norm", 1),
    ] { experiment.metrics[name] = value }
    try draw(epsilons, accuracies, advantages, experiment.metrics, delta: delta, &experiment)
  }

  struct Outcome: Sendable {
    let training, test, advantage: Double
  }

  private static func trained(_ job: Job, images: Int, rate: Double, steps: Int, _ advance: (Int) -> Void)
    throws
    -> Outcome
  {
    let known = digits(0..<images, seed: job.seed)
    let unknown = digits(images..<2 * images + 500, seed: job.seed)
    let task = PrivateClassification<Sequential>(
      known, rate: rate, stepsPerEpoch: steps,
      privacy: job.noise.map { GradientPrivacy(clipNorm: 1, noiseMultiplier: $0) })
    let settings = TrainingSettings(epochs: 1, optimizer: .sgd, learningRate: 0.5, seed: job.seed)
    let run = TrainingRun(task, settings) { smallReader(hidden: 32) }
    try run.finish { _ in advance(1) }
    let attack = HalvedAttack(
      members: losses(run.model, on: known), others: losses(run.model, on: unknown), seed: job.seed)
    return Outcome(
      training: evaluate(run.model, on: known).accuracy, test: evaluate(run.model, on: unknown).accuracy,
      advantage: attack.advantage)
  }

  private func draw(
    _ epsilons: [Double], _ accuracies: [[Double]], _ advantages: [[Double]], _ metrics: [String: Double],
    delta: Double, _ experiment: inout Experiment
  ) throws {
    let order = epsilons.indices.sorted { epsilons[$0] < epsilons[$1] }
    let x = order.map { epsilons[$0] }
    func runs(_ values: [[Double]]) -> [[Double]] {
      values[0].indices.map { seed in order.map { values[$0][seed] } }
    }
    let ends = [x.first!, x.last!]
    try experiment.write(
      LineChart(
        title: "What privacy costs",
        subtitle: "Mean of the networks; the band reaches from the lowest to the highest.",
        x: Axis("ε: to the left, more is promised", isLogarithmic: true),
        y: Axis("other digits read", unit: "%"),
        series: [
          Series("DP-SGD", x: x, runs: runs(accuracies)),
          Series(
            "clipped, without noise", x: ends, y: [100, 100].map { $0 * metrics["clipped.accuracy"]! },
            isDashed: true),
          Series(
            "ordinary gradients", x: ends, y: [100, 100].map { $0 * metrics["plain.accuracy"]! },
            isDashed: true),
        ]), to: "utility.svg", "accuracy against ε")
    let bounds = x.map { MembershipAttack.largestAdvantage(epsilon: $0, delta: delta) }
    try experiment.write(
      LineChart(
        title: "What an attack gains", subtitle: "The attack by the loss, beside what no attack can exceed.",
        x: Axis("ε: to the left, more is promised", isLogarithmic: true),
        y: Axis("advantage", range: -0.1...1),
        series: [
          Series("this attack", x: x, runs: runs(advantages)),
          Series("at most, any attack", x: x, y: bounds, isDashed: true),
          Series(
            "this attack, ordinary gradients", x: ends, y: [1, 1].map { $0 * metrics["plain.advantage"]! },
            isDashed: true),
        ]), to: "attack.svg", "the attack's advantage against ε")
  }
}
