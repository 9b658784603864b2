import ArgumentParser
import Chapter12OptimizingModels
import Engine
import Workbench

struct Distil: ChapterExperiment {
  static let name = "distil"
  static let summary = "A small network learns from a large one."
  static let details = """
    The article's CNN is the teacher, a network with a tenth of its weights the student. It learns from labels alone, \
    and from the teacher's answers at several temperatures; then from a teacher alone, on digits among which there is \
    not a single 3.

    EXAMPLES
      optimize-model distil
      optimize-model distil --temperatures 1,3,10 --seeds 10
      optimize-model distil --teacher-images 1000     a teacher that knows no more than its student
      optimize-model distil --full           about 2 minutes on two cores
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: SeedsOption

  @Option(
    help: ArgumentHelp("Temperatures to try, with commas between them.", valueName: "T,T,…"),
    transform: { text in
      try text.split(separator: ",", omittingEmptySubsequences: false).map {
        guard let number = Float($0), number > 0, number.isFinite else {
          throw ValidationError(
            "--temperatures must be numbers above 0 with commas between them, given \(text)")
        }
        return number
      }
    })
  var temperatures: [Float] = [1, 2, 4, 8, 20]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many digits the teacher learns from; the student has the first 1,000 of them (default: 4,000; 8,000 with --full).",
      valueName: "n"))
  var teacherImages: Int?

  func validate() throws {
    if let teacherImages, !(1_000...100_000).contains(teacherImages) {
      throw ValidationError("--teacher-images must be from 1,000 to 100,000, given \(teacherImages)")
    }
  }

  func run(_ experiment: inout Experiment) throws {
    let seeds = options.values(common)
    let size = DistilSize(
      teacherImages: teacherImages ?? common.scale.of(quick: 200, standard: 4_000, full: 8_000),
      images: common.scale.of(quick: 100, standard: 1_000, full: 1_000),
      test: common.scale.of(quick: 200, standard: 2_000, full: 2_000),
      teacherEpochs: common.scale.of(quick: 1, standard: 4, full: 5),
      studentEpochs: common.scale.of(quick: 1, standard: 20, full: 20))
    if common.full { print("--full: five networks of each kind, about 2 minutes on two cores\n") }
    let (large, small) = (Teacher.network(), Teacher.student())
    print(
      """
      Teacher: the article's CNN, \(grouped(large.parameterCount)) parameters. Student: \
      \(grouped(small.parameterCount)), \(percent(Double(small.parameterCount) / Double(large.parameterCount))) of it.
      The teacher learns from \(grouped(size.teacherImages)) digits, the student from \(grouped(size.images)) of them; \
      \(counted(seeds.count, "pair"))

      """)
    experiment.metrics["teacher.parameters"] = Double(large.parameterCount)
    experiment.metrics["student.parameters"] = Double(small.parameterCount)
    experiment.metrics["seeds"] = Double(seeds.count)
    experiment.metrics["teacher.images"] = Double(size.teacherImages)
    experiment.metrics["student.images"] = Double(size.images)
    let teachers = try sideBySide(
      "training \(counted(seeds.count, "teacher"))", seeds, steps: size.teacherImages * size.teacherEpochs,
      unit: "images"
    ) { seed, advance in try Teacher(size, seed: seed, advance) }
    showAnswers(teachers[0], &experiment)
    try StudentsByTemperature(teachers, temperatures: temperatures).run(&experiment)
    try MissingClass(teachers).run(&experiment)
  }

  /// What the teacher says of one digit, at several temperatures.
  private func showAnswers(_ teacher: Teacher, _ experiment: inout Experiment) {
    var table = Table(
      "What the teacher says of one 7, at several temperatures",
      columns: ["T"] + (0..<10).map { "\($0)" })
    guard let place = teacher.training.indices.indices.first(where: { teacher.labels[$0] == 7 }) else {
      return
    }
    let logits = teacher.logits.row(place).scalars.map(Double.init)
    for temperature in [1.0, 4, 20] {
      table.add(
        [readable(temperature)]
          + softTargets(logits, temperature: temperature).map { $0 < 1e-4 ? "0" : fixed($0, 4) })
    }
    experiment.show(table, note: "0: below 0.0001")
  }
}

/// How much a run of `distil` does.
struct DistilSize: Sendable {
  let teacherImages, images, test, teacherEpochs, studentEpochs: Int
}

/// The article's CNN after its training, with its logits for all that a student learns from.
struct Teacher: Sendable {
  let size: DistilSize
  let seed: UInt64
  let data: ImageData
  let state: [(name: String, tensor: Tensor)]
  /// `[images, 10]`
  let logits: Tensor
  let accuracy: Double

  static func network() -> SizedCNN { SizedCNN(filters: (32, 64), hidden: 128) }
  static func student() -> SizedCNN { SizedCNN(filters: (8, 16), hidden: 48) }

  var training: ImagePart { data.training }
  var labels: [Int] { training.indices.map { training.set.labels[$0] } }

  init(_ size: DistilSize, seed: UInt64, _ advance: (Int) -> Void) throws {
    (self.size, self.seed) = (size, seed)
    let all = ImageData.generatedDigits(
      training: size.teacherImages, validation: size.test / 2, test: size.test, seed: seed)
    data = ImageData(
      training: all.training.first(size.images), validation: all.validation, test: all.test,
      source: all.source)
    let model = withRandomSource(RandomSource(seed: seed)) { Self.network() }
    try train(
      model, on: ImageClassification<SizedCNN>(training: all.training),
      Self.settings(epochs: size.teacherEpochs, seed: seed), advance: advance)
    state = model.state
    logits = Chapter12OptimizingModels.logits(of: model, on: data.training)
    accuracy = evaluate(model, on: data.test).accuracy
  }

  static func settings(epochs: Int, seed: UInt64) -> TrainingSettings {
    var settings = TrainingSettings(epochs: epochs, batchSize: 32, learningRate: 2e-3, seed: seed)
    settings.schedule = .linear
    return settings
  }

  /// A student that learns from labels alone where `temperature` is nil.
  func student(
    temperature: Float?, alpha: Float = 0.1, on part: ImagePart? = nil, logits: Tensor? = nil,
    epochs: Int? = nil, advance: (Int) -> Void = { _ in }
  ) throws -> SizedCNN {
    let student = withRandomSource(RandomSource(seed: seed &+ 500)) { Self.student() }
    let part = part ?? training
    let settings = Self.settings(epochs: epochs ?? size.studentEpochs, seed: seed &+ 500)
    if let temperature {
      let task = DistillationTask<SizedCNN>(
        training: part, teacher: logits ?? self.logits, temperature: temperature, alpha: alpha)
      try train(student, on: task, settings, advance: advance)
    } else {
      try train(student, on: ImageClassification<SizedCNN>(training: part), settings, advance: advance)
    }
    return student
  }
}
