import Chapter12OptimizingModels
import Engine
import Workbench

/// A student that never sees a 3, and learns it all the same, from what its teacher says of the other digits.
struct MissingClass {
  static let missing = 3
  static let temperature: Float = 4
  static let shifts = stride(from: Float(0), through: 12, by: 0.25).map { $0 }

  struct Job: Sendable {
    let teacher: Teacher
    let usesTeacher: Bool
  }

  /// Before and after the bias of the 3 was raised.
  struct Outcome: Sendable {
    let accuracy, threes, shiftedAccuracy, shiftedThrees: Double
    let shift: Double
  }

  let teachers: [Teacher]

  init(_ teachers: [Teacher]) { self.teachers = teachers }

  func run(_ experiment: inout Experiment) throws {
    let jobs = teachers.flatMap { teacher in [true, false].map { Job(teacher: teacher, usesTeacher: $0) } }
    let size = teachers[0].size
    let outcomes = try sideBySide(
      "students that see no 3", jobs, steps: size.images * size.studentEpochs, unit: "images"
    ) { job, advance in try outcome(job, advance) }
    print("")
    var table = Table(
      "No 3 among the digits to learn from",
      columns: ["taught by", "bias of the 3", "digits read", "of the 3s", "of the others"])
    for (name, key, usesTeacher) in [("labels", "labels", false), ("the teacher", "teacher", true)] {
      let own = jobs.indices.filter { jobs[$0].usesTeacher == usesTeacher }.map { outcomes[$0] }
      func spread(_ value: (Outcome) -> Double) -> Spread { Spread(own.map(value)) }
      let others = spread { ($0.accuracy - 0.1 * $0.threes) / 0.9 }
      let shiftedOthers = spread { ($0.shiftedAccuracy - 0.1 * $0.shiftedThrees) / 0.9 }
      table.add(
        name, "as learned", spread(\.accuracy).percentText(), spread(\.threes).percentText(),
        others.percentText())
      table.add(
        name, "raised by " + spread(\.shift).text(1), spread(\.shiftedAccuracy).percentText(),
        spread(\.shiftedThrees).percentText(), shiftedOthers.percentText())
      experiment.metrics["missing.\(key)_accuracy"] = spread(\.accuracy).mean
      experiment.metrics["missing.\(key)_threes"] = spread(\.threes).mean
      experiment.metrics["missing.\(key)_shift"] = spread(\.shift).mean
      experiment.metrics["missing.\(key)_shifted_accuracy"] = spread(\.shiftedAccuracy).mean
      experiment.metrics["missing.\(key)_shifted_threes"] = spread(\.shiftedThrees).mean
    }
    experiment.metrics["missing.temperature"] = Double(Self.temperature)
    experiment.show(
      table,
      note: """
        mean ± deviation of \(counted(teachers.count, "student")); T = \(readable(Double(Self.temperature))), no labels \
        beside the teacher. How far the bias is raised is chosen on
          validation digits, and what is shown measured on others
        """)
  }

  private func outcome(_ job: Job, _ advance: (Int) -> Void) throws -> Outcome {
    let teacher = job.teacher
    let places = teacher.labels.indices.filter { teacher.labels[$0] != Self.missing }
    let part = ImagePart(teacher.training.set, places.map { teacher.training.indices[$0] })
    let student = try teacher.student(
      temperature: job.usesTeacher ? Self.temperature : nil, alpha: 0, on: part,
      logits: teacher.logits.rows(places), advance: advance)
    let validation = LabelledLogits(student, teacher.data.validation)
    let test = LabelledLogits(student, teacher.data.test)
    let scores = Self.shifts.map { validation.accuracy(raising: Self.missing, by: $0).all }
    // The smallest of those that do best.
    let shift = Self.shifts[scores.firstIndex(of: scores.max()!)!]
    let (before, after) = (
      test.accuracy(raising: Self.missing, by: 0), test.accuracy(raising: Self.missing, by: shift)
    )
    return Outcome(
      accuracy: before.all, threes: before.own, shiftedAccuracy: after.all, shiftedThrees: after.own,
      shift: Double(shift))
  }
}

/// What a network says of images whose labels are known.
private struct LabelledLogits {
  let logits: Tensor
  let labels: [Int]

  init(_ model: SizedCNN, _ part: ImagePart) {
    logits = Chapter12OptimizingModels.logits(of: model, on: part)
    labels = part.indices.map { part.set.labels[$0] }
  }

  /// The share read correctly when a class's logit is raised: of all, and of that class.
  func accuracy(raising raised: Int, by shift: Float) -> (all: Double, own: Double) {
    let shifts = Tensor((0..<10).map { $0 == raised ? shift : 0 })
    let guesses = (logits + shifts).argmax().scalars
    let right = labels.indices.filter { guesses[$0] == labels[$0] }
    let own = labels.count { $0 == raised }
    return (
      Double(right.count) / Double(labels.count),
      Double(right.count { labels[$0] == raised }) / Double(max(own, 1))
    )
  }
}
