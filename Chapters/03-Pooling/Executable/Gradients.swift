import ArgumentParser
import Chapter03Pooling
import Engine
import Workbench

struct Gradients: ChapterExperiment {
  static let name = "gradients"
  static let summary = "Where the gradient arrives that comes back through a pooling."
  static let details = """
    EXAMPLES
      pooling gradients
      pooling gradients --digit 8 --seed 3
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "The digit to look at, 0 to 9.")
  var digit = 5

  func validate() throws { try checkDigit(digit) }

  func run(_ experiment: inout Experiment) throws {
    try gradients(seed: common.seed, quick: common.quick, digit: digit, &experiment)
  }
}

func checkDigit(_ digit: Int) throws {
  try checkOption("--digit", digit, in: 0...9)
}

/// A way back through which gradients go: from the results of a pooling to its input.
private struct Route {
  let name: String
  let key: String
  /// The windows for maps of a given side.
  let windows: @Sendable (Int) -> Windows
  let forward: @Sendable ([Float], Windows) -> [Float]
  let back: @Sendable (_ x: [Float], _ dy: [Float], Windows) -> [Float]

  static let all: [Route] = [(2, 2), (3, 2)].flatMap { k, s in
    [max(k, s), mean(k, s)] + (k == s ? [corner(k)] : [])
  }

  private static func max(_ k: Int, _ s: Int) -> Route {
    Route(
      name: "max \(k)×\(k),\nstride \(s)", key: "max_\(k)_\(s)",
      windows: { .sliding(over: $0, size: k, stride: s) },
      forward: { maxPool($0, rows: $1, columns: $1).values },
      back: { x, dy, windows in
        maxPoolGradient(
          dy, places: maxPool(x, rows: windows, columns: windows).places, rows: windows, columns: windows)
      })
  }

  private static func mean(_ k: Int, _ s: Int) -> Route {
    Route(
      name: "mean \(k)×\(k),\nstride \(s)", key: "mean_\(k)_\(s)",
      windows: { .sliding(over: $0, size: k, stride: s) },
      forward: { averagePool($0, rows: $1, columns: $1) },
      back: { _, dy, windows in averagePoolGradient(dy, rows: windows, columns: windows) })
  }

  /// A stride alone is a window of one number.
  private static func corner(_ s: Int) -> Route {
    Route(
      name: "corner,\nstride \(s)", key: "corner_\(s)",
      windows: { .sliding(over: $0, size: 1, stride: s) },
      forward: { corners($0, rows: $1, columns: $1) },
      back: { _, dy, windows in averagePoolGradient(dy, rows: windows, columns: windows) })
  }

  func result(_ x: Tensor) -> Tensor {
    let windows = windows(x.shape[0])
    let side = windows.spans.count
    return Tensor(forward(x.scalars, windows), shape: [side, side])
  }

  /// Where it arrives when every result sends back `upstream`.
  func arrival(_ x: Tensor, upstream: Float) -> Tensor {
    let windows = windows(x.shape[0])
    let dy = [Float](repeating: upstream, count: windows.spans.count * windows.spans.count)
    return Tensor(back(x.scalars, dy, windows), shape: x.shape)
  }
}

/// Draws the ways of gradients through five poolings, and measures them on a trained network's maps.
func gradients(seed: UInt64, quick: Bool, digit: Int = 5, _ experiment: inout Experiment) throws {
  print("Where the gradient arrives that comes back through a pooling\n")
  let routes = Route.all

  var stream = RandomStream(seed: seed, stream: 31)
  let small = Tensor((0..<49).map { _ in Float(stream.integer(below: 10)) }, shape: [7, 7])
  let upstream: Float = 36
  try experiment.write(
    mapTable(
      [
        MapRow("the map x", routes.map { _ in small }, quantity: "number"),
        MapRow("pooled: y", routes.map { $0.result(small) }, quantity: "number", range: 0...9),
        MapRow(
          "what arrives of \(Int(upstream)) from each y",
          routes.map { $0.arrival(small, upstream: upstream) }, quantity: "gradient",
          colorMap: .blues),
      ], columns: routes.map(\.name), title: "The way back through a pooling",
      subtitle: "Each number of y sends back a gradient of \(Int(upstream)). "
        + "White: nothing arrives there, and nothing is learned there.",
      cellSize: 147, showsValues: true),
    to: "routes.png", "gradient routes on a map of whole numbers")

  let (maps, channel) = try networkMaps(seed: seed, quick: quick, digit: digit)
  let map = maps.selected(channel, axis: 0)
  try experiment.write(
    mapTable(
      [
        MapRow("a network's map", routes.map { _ in map }, quantity: "activation"),
        MapRow(
          "pooled", routes.map { $0.result(map) }, quantity: "activation", range: 0...map.extremes().max),
        MapRow(
          "what arrives of 1 from each number", routes.map { $0.arrival(map, upstream: 1) },
          quantity: "gradient", colorMap: .blues),
      ], columns: routes.map(\.name), title: "The way back to a feature map",
      subtitle: "One map of a trained network's first convolution, after ReLU, as it sees a \(digit).",
      cellSize: 140),
    to: "routes-feature-map.png", "the same on a trained network's feature map")

  var table = Table(
    "The way back to a trained network's first maps",
    columns: ["pooling", "results for each place", "places that get some", "passes the ReLU before it"])
  for route in routes {
    let measured = measure(route, maps, stream: &stream)
    table.add(
      route.name.replacing("\n", with: " "), fixed(measured.results, 2), percent(measured.reached),
      percent(measured.passes))
    experiment.metrics["\(route.key)_reached"] = measured.reached
    experiment.metrics["\(route.key)_passes"] = measured.passes
  }
  experiment.show(
    table,
    note: "with random gradients from above; what meets a 0 after ReLU goes no further")
}

/// The maps of a trained network's first convolution as it sees one digit, `[C, 28, 28]`, and which of them has most to
/// show.
private func networkMaps(seed: UInt64, quick: Bool, digit: Int) throws -> (maps: Tensor, channel: Int) {
  let (model, data) = try trainedForMaps(seed: seed, quick: quick)
  let image = data.test.batch([place(of: digit, in: data.test)]).images
  let maps = model.firstMaps(Variable(image)).selected(0, axis: 0)
  let deviations = (0..<maps.shape[0]).map { c in
    Spread(maps.selected(c, axis: 0).scalars.map(Double.init)).deviation
  }
  return (maps, deviations.indices.max { deviations[$0] < deviations[$1] }!)
}

/// Sends random gradients back to every map.
private func measure(_ route: Route, _ maps: Tensor, stream: inout RandomStream)
  -> (results: Double, reached: Double, passes: Double)
{
  let windows = route.windows(maps.shape[1])
  let x = maps.scalars
  let dy = stream.normal(shape: [maps.shape[0] * windows.spans.count * windows.spans.count]).scalars
  let dx = route.back(x, dy, windows)
  var (reached, all, passes) = (0, 0.0, 0.0)
  for (x, dx) in zip(x, dx) {
    if dx != 0 { reached += 1 }
    all += Double(abs(dx))
    if x > 0 { passes += Double(abs(dx)) }
  }
  return (Double(dy.count) / Double(x.count), Double(reached) / Double(x.count), passes / all)
}
