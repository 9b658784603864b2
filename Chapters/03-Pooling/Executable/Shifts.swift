import ArgumentParser
import Chapter03Pooling
import Engine
import Synchronization
import Tensors
import Workbench

struct Shifts: ChapterExperiment {
  static let name = "shifts"
  static let summary = "How well networks read digits that were moved by some pixels."
  static let details = """
    Trains small networks that make their maps smaller in five ways, with two
    kinds of head, on digits in the middle of the image. Then moves other digits by
    up to six pixels to the right, left, down and up, and lets the networks read
    them.

    EXAMPLES
      pooling shifts
      pooling shifts --seeds 10 --output out/my-shifts
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many networks of each kind (default: 3; with --quick 2).")
  var seeds: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...1000)
  }

  func run(_ experiment: inout Experiment) throws {
    try shifts(seed: common.seed, quick: common.quick, seeds: seeds, &experiment)
  }
}

/// What the networks of one kind came to, one number for each seed.
struct ShiftRecord: Sendable {
  /// `accuracy[seed][t]`, with digits moved by `t` pixels: the mean over the directions.
  var accuracy: [[Double]] = []
  /// The same, of answers that are those to the digit in the middle, right or wrong.
  var agreement: [[Double]] = []
}

/// A kind of network.
struct Kind: Hashable {
  let head: Head
  let way: Downsampling

  static let all = Head.allCases.flatMap { head in
    Downsampling.allCases.map { Kind(head: head, way: $0) }
  }

  func network(seed: UInt64) -> ShrinkingCNN {
    withRandomSource(RandomSource(seed: seed)) { ShrinkingCNN(way, head: head) }
  }
}

/// Trains networks of all kinds, moves digits, and compares.
func shifts(seed: UInt64, quick: Bool, seeds: Int? = nil, _ experiment: inout Experiment) throws {
  let plan = Plan.of(quick)
  let seeds = seeds ?? (quick ? 2 : 3)
  let distances = Array(0...6)
  print("How well networks read digits that were moved\n")

  let records = try trainAndRead(plan, seed: seed, seeds: seeds, distances)
  let microseconds = try trainingTimes(seed: seed, batches: quick ? 2 : 20)

  for head in Head.allCases {
    experiment.show(
      readingTable(head, records, distances: [0, 1, 2, 3, 4, 6]),
      note: "mean ± deviation over \(seeds) seeds, each with its own digits and first weights")
  }
  for head in Head.allCases {
    experiment.show(agreementTable(head, records, distances: [1, 2, 3, 4]))
  }
  experiment.show(
    costTable(microseconds),
    note: "FLOPs for reading one image, each multiplication and each addition one; time for learning from one"
  )

  for head in Head.allCases {
    try experiment.write(
      chart(
        "Digits read correctly, \(head.description)", "read correctly", distances, seeds,
        Downsampling.allCases.map { ($0.name, records[Kind(head: head, way: $0)]!.accuracy) }),
      to: "accuracy-\(head.rawValue).svg", "digits read correctly after a move, \(head.description)")
    try experiment.write(
      chart(
        "Answers that stay, \(head.description)", "answers that stay", distances, seeds,
        Downsampling.allCases.map { ($0.name, records[Kind(head: head, way: $0)]!.agreement) }),
      to: "agreement-\(head.rawValue).svg", "answers that a move does not change, \(head.description)")
  }
  for kind in Kind.all {
    let record = records[kind]!
    for t in distances {
      let accuracy = Spread(record.accuracy.map { $0[t] })
      experiment.metrics["\(kind.key)_accuracy_\(t)"] = accuracy.mean
      experiment.metrics["\(kind.key)_accuracy_\(t)_deviation"] = accuracy.deviation
      experiment.metrics["\(kind.key)_agreement_\(t)"] = Spread(record.agreement.map { $0[t] }).mean
    }
    experiment.metrics["\(kind.key)_microseconds"] = microseconds[kind]!
  }
  addCosts(&experiment.metrics)
  experiment.metrics["seeds"] = Double(seeds)
  experiment.metrics["training_images"] = Double(plan.trainingImages)
  experiment.metrics["test_images"] = Double(plan.testImages)
  experiment.metrics["epochs"] = Double(plan.epochs)
}

/// Trains a network of each kind for each seed, and lets it read moved digits. Networks are trained side by side, one
/// on each core: they have nothing to do with each other.
private func trainAndRead(_ plan: Plan, seed: UInt64, seeds: Int, _ distances: [Int]) throws
  -> [Kind: ShiftRecord]
{
  let perNetwork = plan.trainingImages * plan.epochs
  let count = Kind.all.count * seeds
  let title = "training \(count) networks"
  let progress = Progress(title, total: count * perNetwork, unit: "images")
  var records: [Kind: ShiftRecord] = [:]
  for run in 0..<seeds {
    let seed = seed &+ UInt64(run)
    let data = plan.data(seed: seed)
    let test = data.test.batch(0..<data.test.count)
    let done = Mutex(run * Kind.all.count * perNetwork)
    let results = Mutex([Kind: Result<(accuracy: [Double], agreement: [Double]), any Error>]())
    Parallel.forEach(pieces: Kind.all.count) { piece in
      let kind = Kind.all[piece]
      let result = Result {
        let model = kind.network(seed: seed)
        var seen = 0
        try train(
          model, on: data.training, epochs: plan.epochs, batchSize: plan.batchSize,
          learningRate: plan.learningRate(kind.head),
          seed: seed
        ) { images in
          done.withLock {
            $0 += images - seen
            progress.update($0, note: "\(kind.way.name), \(kind.head.name)")
          }
          seen = images
        }
        return read(test.images, test.labels, model, movedBy: distances)
      }
      results.withLock { $0[kind] = result }
    }
    for (kind, result) in results.withLock({ $0 }) {
      let (accuracy, agreement) = try result.get()
      records[kind, default: ShiftRecord()].accuracy.append(accuracy)
      records[kind]!.agreement.append(agreement)
    }
  }
  progress.finish()
  return records
}

/// Microseconds for learning from one image, one kind after the other: the median of some batches.
private func trainingTimes(seed: UInt64, batches: Int) throws -> [Kind: Double] {
  let batchSize = 64
  let images = ImageSet.generatedDigits(count: batches * batchSize, seed: seed)
  let part = ImagePart(images, 0..<images.count)
  _ = part.batch(0..<part.count)  // drawn here, so that no network's time has it in
  var times: [Kind: Double] = [:]
  for kind in Kind.all {
    let model = kind.network(seed: seed)
    var seconds: [Double] = []
    var sinceLast = Stopwatch()
    try train(model, on: part, epochs: 1, batchSize: batchSize, learningRate: 1e-3, seed: seed) { _ in
      seconds.append(sinceLast.seconds)
      sinceLast = Stopwatch()
    }
    times[kind] = seconds.sorted()[seconds.count / 2] / Double(batchSize) * 1e6
  }
  return times
}

/// The shares of digits read correctly, and of answers that stay the same, for each distance: means over four
/// directions.
private func read(_ images: Tensor, _ labels: IntTensor, _ model: ShrinkingCNN, movedBy distances: [Int])
  -> (accuracy: [Double], agreement: [Double])
{
  func answers(_ images: Tensor) -> [Int] {
    Batches(of: images.shape[0], batchSize: 250).flatMap { places in
      let batch = images.sliced(places.first!..<places.last! + 1, axis: 0)
      return withoutGradients { model(Variable(batch)) }.value.argmax().scalars
    }
  }
  let still = answers(images)
  var (accuracy, agreement): ([Double], [Double]) = ([], [])
  for t in distances {
    let directions = t == 0 ? [(0, 0)] : [(0, t), (0, -t), (t, 0), (-t, 0)]
    var (right, same) = (0, 0)
    for (down, across) in directions {
      let now = t == 0 ? still : answers(moved(images, down: down, right: across))
      right += zip(now, labels.scalars).count { $0 == $1 }
      same += zip(now, still).count { $0 == $1 }
    }
    let all = Double(directions.count * labels.scalars.count)
    accuracy.append(Double(right) / all)
    agreement.append(Double(same) / all)
  }
  return (accuracy, agreement)
}
