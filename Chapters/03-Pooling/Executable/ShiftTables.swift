import Chapter03Pooling
import Engine
import Workbench

extension Head {
  var name: String { self == .places ? "a weight for each place" : "global mean" }

  /// For titles.
  var description: String {
    self == .places ? "head with a weight for each place" : "head with a global mean"
  }
}

extension Kind {
  /// The name in metrics.
  var key: String { "\(head.rawValue)_\(way == .maxBlur ? "max_blur" : way.rawValue)" }
}

/// A row for each way, a column for each distance.
func readingTable(_ head: Head, _ records: [Kind: ShiftRecord], distances: [Int]) -> Table {
  var table = Table(
    "Digits read correctly in %, moved by so many pixels; \(head.description)",
    columns: ["maps made smaller by"] + distances.map { "\($0)" })
  for way in Downsampling.allCases {
    table.add(
      [way.name]
        + distances.map { t in
          Spread(records[Kind(head: head, way: way)]!.accuracy.map { $0[t] * 100 }).text(1)
        })
  }
  return table
}

func agreementTable(_ head: Head, _ records: [Kind: ShiftRecord], distances: [Int]) -> Table {
  var table = Table(
    "Answers in % that are those to the unmoved digit; \(head.description)",
    columns: ["maps made smaller by"] + distances.map { "\($0)" })
  for way in Downsampling.allCases {
    table.add(
      [way.name]
        + distances.map { t in
          Spread(records[Kind(head: head, way: way)]!.agreement.map { $0[t] * 100 }).text(1)
        })
  }
  return table
}

/// What each kind of network costs.
func costTable(_ microseconds: [Kind: Double]) -> Table {
  var table = Table(
    "What the networks cost",
    columns: ["maps made smaller by", "head", "parameters", "MFLOP an image", "µs an image"])
  for kind in Kind.all {
    let model = kind.network(seed: 0)
    table.add(
      kind.way.name, kind.head.name, grouped(model.parameterCount),
      fixed(Double(flops(model)) / 1e6, 2), fixed(microseconds[kind]!, 0))
  }
  return table
}

/// The costs that do not depend on the machine.
func addCosts(_ metrics: inout [String: Double]) {
  for kind in Kind.all {
    let model = kind.network(seed: 0)
    metrics["\(kind.key)_parameters"] = Double(model.parameterCount)
    metrics["\(kind.key)_flops"] = Double(flops(model))
  }
}

private func flops(_ model: ShrinkingCNN) -> Int { model.summary(inputShape: [1, 1, 28, 28]).operations }

/// Percentages over the distance; the band goes from the lowest seed to the highest.
func chart(
  _ title: String, _ quantity: String, _ distances: [Int], _ seeds: Int,
  _ runs: [(name: String, shares: [[Double]])]
) -> LineChart {
  LineChart(
    title: title,
    subtitle: "Mean of four directions. Line: mean of \(seeds) seeds; band: from the lowest to the highest.",
    x: Axis("shift", unit: "pixels"), y: Axis(quantity, unit: "%"),
    series: runs.map { run in
      Series(run.name, x: distances.map(Double.init), runs: run.shares.map { $0.map { $0 * 100 } })
    })
}
