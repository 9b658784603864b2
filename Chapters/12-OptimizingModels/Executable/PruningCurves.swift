import Chapter12OptimizingModels
import Engine
import Workbench

/// Accuracy against the share of weights that are left, for several ways to choose and to train them.
struct PruningCurves {
  enum Way: String, CaseIterable, Sendable {
    case alone = "not retrained"
    case chance = "at random"
    case oneShot = "at once"
    case rounds = "in rounds"
    case rewound = "rewound"
    case units = "whole units"

    var key: String { "\(self)" }
  }

  struct Job: Sendable {
    let network: TrainedPerceptron
    let way: Way
  }

  /// How much is left, and how well it reads.
  struct Point: Sendable {
    let left: Double
    let accuracy: Double
  }

  let networks: [TrainedPerceptron]
  let rounds: Int
  let epochsPerRound: Int

  init(_ networks: [TrainedPerceptron], rounds: Int, epochsPerRound: Int) {
    (self.networks, self.rounds, self.epochsPerRound) = (networks, rounds, epochsPerRound)
  }

  /// Each round takes half of what is left.
  func amount(_ round: Int) -> Double {
    PruningSchedule.geometric.sparsity(after: round, of: rounds, to: 1 - 1 / Double(1 << rounds))
  }

  func run(_ experiment: inout Experiment) throws {
    let jobs = networks.flatMap { network in Way.allCases.map { Job(network: network, way: $0) } }
    let longest = rounds * max(rounds * epochsPerRound, networks[0].epochs - 1) * networks[0].images
    let outcomes = try sideBySide(
      "pruning \(jobs.count) times", jobs, steps: longest, unit: "images"
    ) { job, advance in try points(job, advance) }
    print("")
    let ways = Way.allCases.map { way in
      (way: way, runs: jobs.indices.filter { jobs[$0].way == way }.map { outcomes[$0] })
    }
    show(ways, &experiment)
    try draw(ways, &experiment)
  }

  /// The accuracy after each round.
  private func points(_ job: Job, _ advance: (Int) -> Void) throws -> [Point] {
    let network = job.network
    var model = network.model
    var points: [Point] = []
    for round in 1...rounds {
      // As many epochs as the way in rounds has had by then.
      let epochs = round * epochsPerRound
      switch job.way {
      case .chance, .alone, .oneShot:
        model = network.model
        let masks =
          job.way == .chance
          ? randomMasks(model, amount(round), seed: network.seed)
          : qualityMasks(of: model.weights.map(\.value), amount: amount(round))
        let pruning = holding(model, masks)
        if job.way != .alone {
          try network.retrain(model, epochs: epochs, holding: pruning, advance)
        }
      case .rounds:
        let pruning = holding(model, qualityMasks(of: model.weights.map(\.value), amount: amount(round)))
        try network.retrain(model, epochs: epochsPerRound, holding: pruning, advance)
      case .rewound:
        let masks = qualityMasks(of: model.weights.map(\.value), amount: amount(round))
        model.take(network.early)
        try network.retrain(
          model, epochs: max(network.epochs - 1, 1), rate: 1, schedule: .linear,
          holding: holding(model, masks),
          advance)
      case .units:
        model = network.model.withoutUnits(amount(round))
        try network.retrain(model, epochs: epochs, advance)
      }
      points.append(Point(left: left(model), accuracy: network.accuracy(of: model)))
    }
    return points
  }

  private func holding(_ model: Perceptron, _ masks: [Tensor]) -> Pruning {
    let pruning = Pruning()
    for (weight, mask) in zip(model.weights, masks) { pruning.add(weight, mask: mask) }
    return pruning
  }

  private func randomMasks(_ model: Perceptron, _ amount: Double, seed: UInt64) -> [Tensor] {
    var stream = RandomStream(seed: seed, stream: 1_200)
    return model.weights.map { weight in
      let order = stream.permutation(weight.value.count)
      return magnitudeMask(of: Tensor(order.map { Float($0) }, shape: weight.shape), amount: amount)
    }
  }

  /// The weights that are not zero, as a share of those of the whole network.
  private func left(_ model: Perceptron) -> Double {
    let kept = model.weights.reduce(0) { $0 + $1.value.scalars.count { $0 != 0 } }
    return Double(kept) / Double(784 * 300 + 300 * 100 + 100 * 10)
  }

  private func show(_ ways: [(way: Way, runs: [[Point]])], _ experiment: inout Experiment) {
    var table = Table(
      "LeNet-300-100 with fewer and fewer weights: digits read",
      columns: ["weights left"] + Way.allCases.map(\.rawValue))
    for round in 0..<rounds {
      var cells = [percent(1 - amount(round + 1))]
      for (way, runs) in ways {
        let accuracy = Spread(runs.map { $0[round].accuracy })
        cells.append(accuracy.percentText())
        experiment.metrics["\(way.key)_\(round + 1).accuracy"] = accuracy.mean
        experiment.metrics["\(way.key)_\(round + 1).accuracy_deviation"] = accuracy.deviation
        experiment.metrics["\(way.key)_\(round + 1).left"] = Spread(runs.map { $0[round].left }).mean
      }
      table.add(cells)
    }
    let dense = Spread(networks.map(\.accuracy))
    experiment.metrics["rounds"] = Double(rounds)
    experiment.show(
      table,
      note: """
        mean ± deviation of \(counted(networks.count, "network")); with all weights \(dense.percentText()). All but the \
        first are retrained:
          at a tenth of the rate, as many epochs at once as in rounds; rewound: at the full rate, from the weights after
          the first epoch. Whole units: that share of the units is left, and fewer of the weights.
        """)
  }

  private func draw(_ ways: [(way: Way, runs: [[Point]])], _ experiment: inout Experiment) throws {
    var series = ways.map { way, runs in
      Series(
        way.rawValue, x: runs[0].map { $0.left * 100 }, runs: runs.map { $0.map { $0.accuracy * 100 } },
        isDashed: way == .alone || way == .chance)
    }
    let dense = Spread(networks.map(\.accuracy)).mean * 100
    series.append(Series("all weights", x: [runsEnd(ways), 100], y: [dense, dense], isDashed: true))
    try experiment.write(
      LineChart(
        title: "How many weights a network can lose",
        subtitle:
          "LeNet-300-100; mean of \(counted(networks.count, "network")), bands from the lowest to the highest.",
        x: Axis("weights left", unit: "%", isLogarithmic: true), y: Axis("digits read", unit: "%"),
        series: series),
      to: "sparsity.svg", "accuracy against the share of weights that is left")
  }

  private func runsEnd(_ ways: [(way: Way, runs: [[Point]])]) -> Double {
    ways.flatMap { $0.runs.flatMap { $0.map { $0.left * 100 } } }.min() ?? 1
  }
}
