import ArgumentParser
import Chapter06LSTM
import Engine
import Workbench

struct Reber: ChapterExperiment {
  static let name = "reber"
  static let summary = "The embedded Reber grammar, by the protocol of 1997."
  static let details = """
    Networks of 1997's memory cells and today's LSTM read strings of the embedded
    Reber grammar, one after the other, and predict the next symbol. A trial has
    succeeded when in all strings of both sets, 256 to learn from and 256 others,
    the possible next symbols are always the most active.

    EXAMPLES
      lstm reber
      lstm reber --trials 10
      lstm reber --full         30 trials a row, as in the paper; some minutes
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many trials a row (default: 6; --quick 2, --full 30).")
  var trials: Int?

  func validate() throws {
    try checkOption("--trials", trials, in: 1...1000)
  }

  func run(_ experiment: inout Experiment) throws {
    let trials = trials ?? common.scale.of(quick: 2, standard: 6, full: 30)
    let limit = common.scale.of(quick: 2_000, standard: 30_000, full: 100_000)
    if common.scale == .full, !experiment.isPartOfAll {
      print("This takes about three minutes on two cores.\n")
    }
    // Three pairs of sets, as in the paper; each trial has first weights and an order of its own.
    let sets = (0..<3).map { set in
      var stream = RandomStream(seed: common.seed, stream: 6_000 + UInt64(set))
      return ReberTask(from: &stream)
    }
    let jobs = ReberRow.all.indices.flatMap { row in (0..<trials).map { (row: row, trial: $0) } }
    let seed = common.seed
    let outcomes = try sideBySide(
      "embedded Reber grammar, \(jobs.count) trials", jobs, steps: 1, unit: "trials"
    ) { job, _ in
      var stream = RandomStream(seed: seed, stream: 6_100 + UInt64(job.trial))
      return ReberRow.all[job.row].trial(sets[job.trial % 3], limit, &stream)
    }

    var table = Table(
      "Strings until success, \(trials) trials of at most \(grouped(limit)) strings",
      columns: [
        "network", "weights", "learning rate", "success", "mean", "from", "to", "1997", "1997 success",
      ])
    for (index, row) in ReberRow.all.enumerated() {
      let counts = zip(jobs, outcomes).filter { $0.0.row == index }.compactMap { $0.1 }.map(Double.init)
      let share = Double(counts.count) / Double(trials)
      let mean = counts.isEmpty ? nil : Spread(counts).mean
      table.add(
        row.name, "\(row.weights)", "\(row.rate)", percent(share, 0), mean.map { grouped($0) } ?? "",
        counts.min().map { grouped($0) } ?? "", counts.max().map { grouped($0) } ?? "",
        row.printed.map { grouped($0.strings) } ?? "",
        row.printed.map { percent($0.success, 0) } ?? "")
      for key in row.keys {
        experiment.metrics["\(key).success_rate"] = share
        experiment.metrics["\(key).weights"] = Double(row.weights)
        if let mean {
          experiment.metrics["\(key).sequences"] = mean
          experiment.metrics["\(key).fewest"] = counts.min()!
          experiment.metrics["\(key).most"] = counts.max()!
        }
        if let printed = row.printed { experiment.metrics["\(key).printed"] = Double(printed.strings) }
      }
    }
    experiment.show(
      table, note: "Mean and range of the successful trials; 1997: Hochreiter and Schmidhuber, table 1.")
    experiment.metrics["trials"] = Double(trials)
    experiment.metrics["limit"] = Double(limit)
    let strings = sets.flatMap(\.training).map { Double($0.symbols.count) }
    experiment.metrics["mean_length"] = Spread(strings).mean
  }
}

/// One row of the table: a kind of network, and the rate at which it learns.
struct ReberRow: Sendable {
  let name: String
  let keys: [String]
  let weights: Int
  let rate: Double
  /// What the paper's table 1 has.
  let printed: (strings: Int, success: Double)?
  let trial: @Sendable (_ task: ReberTask, _ limit: Int, inout RandomStream) -> Int?

  /// A network of 1997.
  init(
    blocks: Int, cells: Int, rate: Double, biases: Cell1997Size.Biases = .gates, keys: [String],
    printed: (strings: Int, success: Double)? = nil
  ) {
    let size = Cell1997Size(inputs: 7, outputs: 7, blocks: blocks, cellsPerBlock: cells, biases: biases)
    self.init(
      name: "1997, \(blocks) × \(cells)" + (biases == .gates ? "" : ", all units biased"), keys: keys,
      weights: size.weightCount, rate: rate, printed: printed
    ) { Network1997(size, from: &$0) }
  }

  /// Today's LSTM.
  init(hidden: Int, rate: Double, keys: [String]) {
    @Sendable func make(_ stream: inout RandomStream) -> SymbolLSTM {
      SymbolLSTM(symbols: 7, hiddenSize: hidden, forgetBias: 1, from: &stream)
    }
    var stream = RandomStream(seed: 0)
    self.init(
      name: "today, \(hidden) units", keys: keys, weights: make(&stream).weightCount, rate: rate,
      printed: nil,
      network: make)
  }

  private init<Network: SymbolNetwork>(
    name: String, keys: [String], weights: Int, rate: Double, printed: (strings: Int, success: Double)?,
    network: @escaping @Sendable (inout RandomStream) -> Network
  ) {
    (self.name, self.keys, self.weights, self.rate, self.printed) = (name, keys, weights, rate, printed)
    trial = { task, limit, stream in
      var network = network(&stream)
      return task.stringsUntilSuccess(&network, rate: rate, limit: limit, from: &stream)
    }
  }

  static let all = [
    ReberRow(blocks: 4, cells: 1, rate: 0.1, keys: ["paper_4x1_01"], printed: (39_740, 1)),
    ReberRow(blocks: 3, cells: 2, rate: 0.1, keys: ["paper_3x2_01"], printed: (21_730, 1)),
    ReberRow(blocks: 3, cells: 2, rate: 0.2, keys: ["paper_3x2_02"], printed: (14_060, 0.97)),
    ReberRow(blocks: 4, cells: 1, rate: 0.5, keys: ["paper_4x1", "paper_4x1_05"], printed: (9_500, 0.97)),
    ReberRow(blocks: 3, cells: 2, rate: 0.5, keys: ["paper_3x2", "paper_3x2_05"], printed: (8_440, 1)),
    ReberRow(blocks: 4, cells: 1, rate: 0.1, biases: .allUnits, keys: ["biased_4x1_01"]),
    ReberRow(blocks: 4, cells: 1, rate: 0.5, biases: .allUnits, keys: ["biased_4x1_05"]),
    ReberRow(hidden: 4, rate: 0.1, keys: ["today_4"]),
    ReberRow(hidden: 5, rate: 0.1, keys: ["today", "today_5"]),
    ReberRow(hidden: 8, rate: 0.1, keys: ["today_8"]),
  ]
}
