import ArgumentParser
import Chapter03Pooling
import Engine
import Workbench

struct Shifts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shifts",
    abstract: "How well networks read digits that were moved by some pixels.",
    discussion: """
      Trains small networks that make their maps smaller in five ways, with two kinds of head, on digits in the middle
      of the image. Then moves other digits by up to six pixels to the right, left, down and up, and lets the networks
      read them.

      EXAMPLES
        pooling shifts
        pooling shifts --seeds 10 --output out/my-shifts
      """)

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many networks of each kind (default: 5; with --quick 2).")
  var seeds: Int?

  func validate() throws {
    if let seeds, seeds < 1 || seeds > 1000 {
      throw ValidationError("--seeds must be from 1 to 1000, given \(seeds)")
    }
  }

  func run() throws {
    try shifts(
      seed: common.seed, quick: common.quick, seeds: seeds, to: common.prepare(chapterFolder + "/shifts"))
  }
}

/// What the networks of one kind came to, one number for each seed.
struct ShiftRecord {
  /// `accuracy[seed][t]`, with digits moved by `t` pixels: the mean over the directions.
  var accuracy: [[Double]] = []
  /// The same, of answers that are those to the digit in the middle, right or wrong.
  var agreement: [[Double]] = []
  /// Microseconds of training for each image.
  var microseconds: [Double] = []
}

/// Trains networks of all kinds, moves digits, and compares.
func shifts(seed: UInt64, quick: Bool, seeds: Int? = nil, to output: OutputFolder) throws {
  let plan = Plan.of(quick)
  let seeds = seeds ?? (quick ? 2 : 5)
  let distances = Array(0...6)
  var experiment = Experiment("pooling shifts", seed: seed, to: output)
  print("How well networks read digits that were moved\n")

  var records: [Head: [Downsampling: ShiftRecord]] = [:]
  let runs = Head.allCases.count * Downsampling.allCases.count
  let perRun = plan.trainingImages * plan.epochs
  let progress = Progress("training \(runs * seeds) networks", total: runs * seeds * perRun, unit: "images")
  var done = 0
  for run in 0..<seeds {
    let seed = seed &+ UInt64(run)
    let data = plan.data(seed: seed)
    // Drawn here, so that no network's time has it in.
    _ = data.training.batch(0..<data.training.count)
    let test = data.test.batch(0..<data.test.count)
    for head in Head.allCases {
      for way in Downsampling.allCases {
        let model = withRandomSource(RandomSource(seed: seed)) { ShrinkingCNN(way, head: head) }
        let start = ContinuousClock.now
        try train(
          model, on: data.training, epochs: plan.epochs, learningRate: plan.learningRate, seed: seed
        ) { images in
          progress.update(done + images, note: "\(way.name), \(head.name)")
        }
        let seconds = (ContinuousClock.now - start).seconds
        done += perRun
        let (accuracy, agreement) = read(test.images, test.labels, model, movedBy: distances)
        records[head, default: [:]][way, default: ShiftRecord()].accuracy.append(accuracy)
        records[head]![way]!.agreement.append(agreement)
        records[head]![way]!.microseconds.append(seconds / Double(perRun) * 1e6)
      }
    }
  }
  progress.finish()

  for head in Head.allCases {
    experiment.show(
      readingTable(head, records[head]!, distances: [0, 1, 2, 3, 4, 6]),
      note: "mean ± deviation over \(seeds) seeds, each with its own digits and first weights")
  }
  for head in Head.allCases {
    experiment.show(agreementTable(head, records[head]!, distances: [1, 2, 3, 4]))
  }
  experiment.show(
    costTable(records),
    note: "FLOPs for reading one image, each multiplication and each addition one; times are of training")

  for head in Head.allCases {
    try experiment.write(
      chart(
        "Digits read correctly, \(head.description)", "read correctly", distances, seeds,
        Downsampling.allCases.map { ($0.name, records[head]![$0]!.accuracy) }),
      to: "accuracy-\(head.rawValue).svg", "digits read correctly after a move, \(head.description)")
    try experiment.write(
      chart(
        "Answers that stay, \(head.description)", "answers that stay", distances, seeds,
        Downsampling.allCases.map { ($0.name, records[head]![$0]!.agreement) }),
      to: "agreement-\(head.rawValue).svg", "answers that a move does not change, \(head.description)")
  }
  for (head, ways) in records {
    for (way, record) in ways {
      let key = "\(head.rawValue)_\(way.key)"
      for t in distances {
        experiment.metrics["\(key)_accuracy_\(t)"] = Spread(record.accuracy.map { $0[t] }).mean
        experiment.metrics["\(key)_accuracy_\(t)_deviation"] =
          Spread(record.accuracy.map { $0[t] }).deviation
        experiment.metrics["\(key)_agreement_\(t)"] = Spread(record.agreement.map { $0[t] }).mean
      }
      experiment.metrics["\(key)_microseconds"] = Spread(record.microseconds).mean
    }
  }
  addCosts(&experiment.metrics)
  experiment.metrics["seeds"] = Double(seeds)
  experiment.metrics["training_images"] = Double(plan.trainingImages)
  experiment.metrics["test_images"] = Double(plan.testImages)
  experiment.metrics["epochs"] = Double(plan.epochs)
  try experiment.finish()
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
    for (down, right_) in directions {
      let now = t == 0 ? still : answers(moved(images, down: down, right: right_))
      right += zip(now, labels.scalars).count { $0 == $1 }
      same += zip(now, still).count { $0 == $1 }
    }
    let all = Double(directions.count * labels.scalars.count)
    accuracy.append(Double(right) / all)
    agreement.append(Double(same) / all)
  }
  return (accuracy, agreement)
}
