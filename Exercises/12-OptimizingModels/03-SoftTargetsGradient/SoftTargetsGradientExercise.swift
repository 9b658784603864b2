import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class SoftTargetsGradientExercise: Exercise {
  public typealias Answer =
    @Sendable (_ z: Tensor, _ teachers: [Tensor], _ labels: [Int], _ T: Float, _ alpha: Float) throws ->
    Tensor

  public init() {}

  public let title = "Two teachers, and the labels"
  public let section = "12.3"
  public let difficulty = 3
  public let minutes = 30
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["Tensor.exp", "Tensor.sum", "Tensor.maximum"])
  public let functions = ["softTargetsGradient"]
  public let solution: Answer = {
    try softTargetsGradient(student: $0, teachers: $1, labels: $2, temperature: $3, alpha: $4)
  }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("softTargetsGradient", $0, $1, $2, $3, $4) }
  }

  public let hints = [
    "Write a softmax of one row at a temperature first; everything is made of it. The mean is one of probabilities, after the "
      + "softmax, not one of logits.",
    "dL/dz_ni = (1/N) [ α (softmax(z_n)_i − y_ni) + (1 − α) T (softmax(z_n / T)_i − p̄_ni) ]. The T² of the loss and the 1/T of the "
      + "inner derivative leave one T.",
    """
    let (hard, q) = (softmax(z, n, 1), softmax(z, n, T))
    let told = teachers.map { softmax($0, n, T) }
    for i in q.indices {
      let p = told.reduce(0) { $0 + $1[i] } / …
      gradient[n, i] = (α * (hard[i] - …) + (1 - α) * … * (q[i] - p)) / …
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a number for each logit", points: 1) { answer, trial in
      for (n, c, k) in [(3, 4, 2), (1, 2, 1), (5, 3, 3)] {
        let lesson = Lesson(n, c, k, 2, 0.5, seed: 1231)
        trial.expect(try lesson.result(of: answer), hasShape: [n, c], lesson.call)
      }
    },
    Check(.byHand, "one image, two classes", points: 1) { answer, trial in
      try Lesson([[0, 0]], [[[2.1972246, 0]]], [1], 1, 0.5).expect(answer, trial)
      try Lesson([[0, 0]], [[[2.1972246, 0]]], [1], 1, 1).expect(answer, trial)
    },
    Check(.byHand, "the teacher alone, at a temperature", points: 1) { answer, trial in
      try Lesson([[1, 0, -1]], [[[4, 0, 2]]], [2], 2, 0).expect(answer, trial)
      try Lesson([[1, 0, -1], [0, 2, 1]], [[[4, 0, 2], [3, -1, 1]]], [2, 0], 4, 0).expect(answer, trial)
    },
    Check(.byHand, "two teachers that disagree", points: 1) { answer, trial in
      try Lesson([[0, 1, 0]], [[[6, 0, 0]], [[0, 0, 3]]], [1], 1, 0).expect(answer, trial)
    },
    Check(.property, "as the formulas say, for ten lessons", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1232)
      for i in 0..<10 {
        try Lesson(
          inputs.integer(1...4), inputs.integer(2...5), inputs.integer(1...3),
          Float(inputs.integer(1...12)) / 2, Float(inputs.integer(0...4)) / 4, seed: 12_330 + UInt64(i)
        ).expect(answer, trial)
      }
      // Logits far beyond what exp can take.
      try Lesson([[300, -300, 10]], [[[400, 0, -400]]], [2], 1, 0.25).expect(answer, trial)
    },
    Check(.gradients, "the loss changes as the gradient says", points: 1) { answer, trial in
      for seed in [1234, 1235] as [UInt64] {
        let lesson = Lesson(2, 4, 2, 3, 0.3, seed: seed)
        trial.expect(
          try lesson.result(of: answer), equals: lesson.slopes(), lesson.call, given: lesson.given,
          tolerance: 1e-3)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "without the square of T",
      advice:
        "Your second part is divided by T. The loss has T², and its inner derivative 1/T: one T is left."
    ) { $0.factor = { 1 / $0 } },
    wrong(
      "the square of T",
      advice: "Your second part is multiplied by T². z / T has the derivative 1/T, so that one T is left."
    ) { $0.factor = { $0 * $0 } },
    wrong(
      "T is forgotten", advice: "Your second part has no T: T² of the loss times 1/T of z / T is T."
    ) { $0.factor = { _ in 1 } },
    wrong(
      "a sum over the batch", advice: "You add over the batch. The loss is a mean: divide by N."
    ) { $0.dividesByCount = false },
    wrong(
      "the mean of the logits",
      advice:
        "You take the mean of the teachers' logits. Their probabilities are averaged, after the softmax."
    ) { $0.averagesLogits = true },
    wrong(
      "only the first teacher", advice: "You ask one teacher. The soft targets are the mean over all K."
    ) { $0.asksFirst = true },
    wrong(
      "a sum of teachers", advice: "You add up what the teachers say. Divide by K, or their targets sum to K."
    ) { $0.addsTeachers = true },
    wrong(
      "the shares are exchanged", advice: "You give α to the teachers. It is the labels' share."
    ) { $0.alpha = 1 - $0.alpha },
    wrong(
      "labels at the temperature",
      advice: "You soften the student for the labels too. Against labels the temperature is 1."
    ) { $0.softensHard = true },
    wrong(
      "teachers at temperature 1",
      advice: "Your teachers are not softened. Both sides are divided by T before the softmax."
    ) { $0.teacherTemperature = { _ in 1 } },
    wrong(
      "upwards",
      advice: "Your gradient has the wrong sign: it is what the student says less what it should say."
    ) {
      $0.sign = -1
    },
    wrong("the labels are not subtracted", advice: "You forgot y: softmax(z) − y, with 1 at the label.") {
      $0.subtractsLabel = false
    },
  ]
}

/// What a student is taught, and every way in which its gradient may be wrong.
private struct Lesson: Sendable {
  var z: Rows
  var teachers: [Rows]
  var labels: [Int]
  var temperature, alpha: Double
  var factor: @Sendable (Double) -> Double = { $0 }
  var teacherTemperature: @Sendable (Double) -> Double = { $0 }
  var dividesByCount = true
  var averagesLogits = false
  var asksFirst = false
  var addsTeachers = false
  var softensHard = false
  var subtractsLabel = true
  var sign = 1.0

  init(_ z: Rows, _ teachers: [Rows], _ labels: [Int], _ temperature: Double, _ alpha: Double) {
    (self.z, self.teachers, self.labels) = (z, teachers, labels)
    (self.temperature, self.alpha) = (temperature, alpha)
  }

  init(_ n: Int, _ c: Int, _ k: Int, _ temperature: Float, _ alpha: Float, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      rows(inputs.normal([n, c]) * 2), (0..<k).map { _ in rows(inputs.normal([n, c]) * 3) },
      (0..<n).map { _ in inputs.integer(0...c - 1) }, Double(temperature), Double(alpha))
  }

  var call: String {
    "softTargetsGradient(student: z, teachers: …, labels: \(labels), temperature: \(written(Float(temperature))), "
      + "alpha: \(written(Float(alpha))))"
  }

  var given: KeyValuePairs<String, any Passable> {
    teachers.count == 1
      ? ["z": tensor(z), "teachers[0]": tensor(teachers[0])]
      : ["z": tensor(z), "teachers[0]": tensor(teachers[0]), "teachers[1]": tensor(teachers[1])]
  }

  func result(of answer: SoftTargetsGradientExercise.Answer) throws -> Tensor {
    try answer(tensor(z), teachers.map { tensor($0) }, labels, Float(temperature), Float(alpha))
  }

  /// The mean of what the teachers say of image n.
  func targets(_ n: Int) -> [Double] {
    let t = teacherTemperature(temperature)
    func divided(_ row: [Double]) -> [Double] { row.map { $0 / t } }
    let asked = asksFirst ? [teachers[0]] : teachers
    func mean(_ rows: Rows) -> [Double] {
      rows[0].indices.map { i in
        rows.reduce(0) { $0 + $1[i] } / (addsTeachers ? 1 : Double(rows.count))
      }
    }
    return averagesLogits
      ? softmax(divided(mean(asked.map { $0[n] }))) : mean(asked.map { softmax(divided($0[n])) })
  }

  func gradient() -> Rows {
    z.indices.map { n in
      let hard = softmax(z[n].map { $0 / (softensHard ? temperature : 1) })
      let q = softmax(z[n].map { $0 / temperature })
      let p = targets(n)
      return q.indices.map { i in
        let y = subtractsLabel && i == labels[n] ? 1.0 : 0
        let sum = alpha * (hard[i] - y) + (1 - alpha) * factor(temperature) * (q[i] - p[i])
        return sign * sum / (dividesByCount ? Double(z.count) : 1)
      }
    }
  }

  /// Differences of the loss.
  func slopes() -> Tensor {
    func loss(_ z: Rows) -> Double {
      z.indices.reduce(0.0) { sum, n in
        let (hard, q, p) = (softmax(z[n]), softmax(z[n].map { $0 / temperature }), targets(n))
        let soft = p.indices.reduce(0.0) { $0 + p[$1] * (log(p[$1]) - log(q[$1])) }
        return sum - alpha * log(hard[labels[n]]) + (1 - alpha) * temperature * temperature * soft
      } / Double(z.count)
    }
    return tensor(
      z.indices.map { n in
        z[n].indices.map { i in
          var (up, down) = (z, z)
          up[n][i] += 1e-4
          down[n][i] -= 1e-4
          return (loss(up) - loss(down)) / 2e-4
        }
      })
  }

  func expect(_ answer: SoftTargetsGradientExercise.Answer, _ trial: Trial) throws {
    trial.expect(
      try result(of: answer), equals: tensor(gradient()), call, given: given,
      by: { place in
        let (n, i) = (place[0], place[1])
        let hard = softmax(z[n])[i]
        let (q, p) = (softmax(z[n].map { $0 / temperature })[i], targets(n)[i])
        func number(_ x: Double) -> String { written(Float(x)) }
        return
          "(\(number(alpha))·(\(number(hard)) − \(i == labels[n] ? 1 : 0)) + \(number(1 - alpha))·\(number(temperature))·"
          + "(\(number(q)) − \(number(p)))) / \(z.count)"
      })
  }
}

private func wrong(
  _ name: String, advice: String, _ change: @Sendable @escaping (inout Lesson) -> Void
) -> Mistake<SoftTargetsGradientExercise.Answer> {
  Mistake(name, advice: advice) { z, teachers, labels, temperature, alpha in
    var lesson = Lesson(rows(z), teachers.map { rows($0) }, labels, Double(temperature), Double(alpha))
    change(&lesson)
    return tensor(lesson.gradient())
  }
}
