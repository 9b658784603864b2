import Chapter12OptimizingModels
import Engine
import Workbench

/// The same student, taught by labels alone and by a teacher at several temperatures.
struct StudentsByTemperature {
  enum Lesson: Sendable, Hashable {
    case labels
    case teacher(Float)
    /// The teacher's answers alone, for digits that nobody has labelled: others in each epoch.
    case unlabelled

    var name: String {
      switch self {
      case .labels: "labels alone"
      case .teacher(let temperature): "teacher, T = \(readable(Double(temperature)))"
      case .unlabelled: "teacher alone, T = 4, new digits"
      }
    }

    var key: String {
      switch self {
      case .labels: "alone"
      case .teacher(let temperature): "T_\(readable(Double(temperature)))"
      case .unlabelled: "unlabelled"
      }
    }
  }

  struct Job: Sendable {
    let teacher: Teacher
    let lesson: Lesson
  }

  struct Outcome: Sendable {
    let accuracy: Double
    /// How often it says what the teacher says, right or wrong.
    let agreement: Double
  }

  let teachers: [Teacher]
  let lessons: [Lesson]

  init(_ teachers: [Teacher], temperatures: [Float]) {
    self.teachers = teachers
    lessons = [.labels] + temperatures.map { .teacher($0) } + [.unlabelled]
  }

  func run(_ experiment: inout Experiment) throws {
    let jobs = teachers.flatMap { teacher in lessons.map { Job(teacher: teacher, lesson: $0) } }
    let size = teachers[0].size
    let outcomes = try sideBySide(
      "teaching \(jobs.count) students", jobs, steps: size.images * size.studentEpochs, unit: "images"
    ) { job, advance in try outcome(job, advance) }
    print("")
    let results = lessons.map { lesson in
      (lesson: lesson, outcomes: jobs.indices.filter { jobs[$0].lesson == lesson }.map { outcomes[$0] })
    }
    show(results, &experiment)
    try draw(results, &experiment)
  }

  private func outcome(_ job: Job, _ advance: (Int) -> Void) throws -> Outcome {
    let teacher = job.teacher
    let network = Teacher.network()
    network.take(teacher.state)
    let student: SizedCNN
    switch job.lesson {
    case .labels: student = try teacher.student(temperature: nil, advance: advance)
    case .teacher(let temperature):
      student = try teacher.student(temperature: temperature, advance: advance)
    case .unlabelled:
      let count = teacher.size.images * teacher.size.studentEpochs
      let part = ImagePart(.generatedDigits(count: count, seed: teacher.seed &+ 10_000), 0..<count)
      student = try teacher.student(
        temperature: 4, alpha: 0, on: part, logits: logits(of: network, on: part), epochs: 1, advance: advance
      )
    }
    let own = evaluate(student, on: teacher.data.test)
    let other = evaluate(network, on: teacher.data.test)
    let same = zip(own.predictions, other.predictions).count { $0 == $1 }
    return Outcome(accuracy: own.accuracy, agreement: Double(same) / Double(own.count))
  }

  private func show(_ results: [(lesson: Lesson, outcomes: [Outcome])], _ experiment: inout Experiment) {
    let teacher = Spread(teachers.map(\.accuracy))
    let alone = results[0].outcomes.map(\.accuracy)
    var table = Table(
      "A student with a tenth of its teacher's weights",
      columns: ["taught by", "digits read", "better than labels alone", "says what the teacher says"])
    table.add("(the teacher)", teacher.percentText(), "", "")
    experiment.metrics["teacher.accuracy"] = teacher.mean
    experiment.metrics["teacher.accuracy_deviation"] = teacher.deviation
    for (lesson, outcomes) in results {
      let accuracy = Spread(outcomes.map(\.accuracy))
      let gain = Spread(zip(outcomes, alone).map { $0.0.accuracy - $0.1 })
      let agreement = Spread(outcomes.map(\.agreement))
      table.add(
        lesson.name, accuracy.percentText(),
        lesson == .labels ? "" : Spread(gain.values.map { $0 * 100 }).text(1) + " points",
        agreement.percentText())
      experiment.metrics["\(lesson.key).accuracy"] = accuracy.mean
      experiment.metrics["\(lesson.key).accuracy_deviation"] = accuracy.deviation
      experiment.metrics["\(lesson.key).gain"] = gain.mean
      experiment.metrics["\(lesson.key).gain_deviation"] = gain.deviation
      experiment.metrics["\(lesson.key).agreement"] = agreement.mean
    }
    experiment.show(
      table,
      note: """
        mean ± deviation of \(counted(teachers.count, "pair")). The labels' share of the loss is 0.1 with a teacher, and \
        0 on the
          new digits, as many as the others saw in all their epochs
        """)
  }

  private func draw(_ results: [(lesson: Lesson, outcomes: [Outcome])], _ experiment: inout Experiment) throws
  {
    let taught = results.compactMap { result -> (Double, [Double])? in
      guard case .teacher(let temperature) = result.lesson else { return nil }
      return (Double(temperature), result.outcomes.map { $0.accuracy * 100 })
    }.sorted { $0.0 < $1.0 }
    let x = taught.map(\.0)
    func level(_ name: String, _ value: Double) -> Series {
      let ends = x.count > 1 ? [x.first!, x.last!] : [x[0] / 2, x[0] * 2]
      return Series(name, x: ends, y: [value * 100, value * 100], isDashed: true)
    }
    try experiment.write(
      LineChart(
        title: "What a teacher is worth",
        subtitle:
          "Mean of \(counted(teachers.count, "student")); the band reaches from the lowest to the highest.",
        x: Axis("temperature T", isLogarithmic: true), y: Axis("digits read", unit: "%"),
        series: [
          Series(
            "taught by the teacher", x: x,
            runs: teachers.indices.map { seed in taught.map { $0.1[seed] } }),
          level("by labels alone", Spread(results[0].outcomes.map(\.accuracy)).mean),
          level("the teacher itself", Spread(teachers.map(\.accuracy)).mean),
        ]), to: "temperature.svg", "the student's accuracy against the temperature")
  }
}
