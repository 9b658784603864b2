import Chapter03Pooling
import Engine
import Workbench

/// Whether pooled digits still tell where in their windows the strokes stood.
///
/// Digits are moved to the right by 0 to k − 1 columns and then pooled with windows of k×k. A small network is trained
/// to tell from the pooled numbers alone by how many. One that guesses is right in 1/k of the cases.
func placeTable(_ metrics: inout [String: Double], _ sizes: [Int], seed: UInt64, quick: Bool) throws -> Table
{
  let (training, test) = quick ? (400, 100) : (4_000, 1_000)
  let seeds = quick ? 2 : 3
  var table = Table(
    "The move within a window told correctly, in %",
    columns: ["window", "by guessing"] + Keeping.allCases.map(\.rawValue) + ["not pooled"])
  let progress = Progress(
    "reading the place", total: sizes.count * seeds * (Keeping.allCases.count + 1), unit: "networks")
  var done = 0
  for k in sizes {
    var accuracies = [[Double]](repeating: [], count: Keeping.allCases.count + 1)
    for run in 0..<seeds {
      let seed = seed &+ UInt64(run)
      let digits = ImageSet.generatedDigits(count: training + test, seed: seed)
      var stream = RandomStream(seed: seed, stream: 32)
      let moves = (0..<training + test).map { _ in stream.integer(below: k) }
      let images = digits.batch(Array(0..<training + test)).images
      var shifted: [Float] = []
      for (i, t) in moves.enumerated() {
        shifted += moved(images.sliced(i..<i + 1, axis: 0), down: 0, right: t).scalars
      }
      for (i, way) in (Keeping.allCases.map(Optional.some) + [nil]).enumerated() {
        let windows = Windows.sliding(over: 28, size: k)
        let side = way == nil ? 28 : windows.spans.count
        let pooled = way?.pooled(shifted, windows) ?? shifted
        let set = ImageSet(
          pixels: pooled.map { UInt8(($0 * 255).rounded()) }, labels: moves, height: side, width: side,
          classCount: k)
        let model = withRandomSource(RandomSource(seed: seed)) {
          Sequential(
            Flatten(), Linear(inFeatures: side * side, outFeatures: 64), ReLU(),
            Linear(inFeatures: 64, outFeatures: k))
        }
        try train(
          model, on: ImagePart(set, 0..<training), epochs: quick ? 2 : 15, batchSize: 64, learningRate: 3e-3,
          seed: seed)
        accuracies[i].append(evaluate(model, on: ImagePart(set, training..<training + test)).accuracy)
        done += 1
        progress.update(done)
      }
    }
    let spreads = accuracies.map { Spread($0) }
    table.add(
      ["\(k)×\(k)", fixed(100 / Double(k), 1)]
        + spreads.map { Spread($0.values.map { $0 * 100 }).text(1) })
    for (way, spread) in zip(Keeping.allCases.map(\.rawValue) + ["whole"], spreads) {
      metrics["place_\(way)_\(k)_accuracy"] = spread.mean
    }
  }
  progress.finish()
  return table
}
