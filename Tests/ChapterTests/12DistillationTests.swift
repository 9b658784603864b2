import Chapter12OptimizingModels
import Engine
import Foundation
import Testing

/// Chapter 12's soft targets, held to the engine's loss and to differences.
@Suite struct DistillationChapterTests {
  private func rows(_ n: Int, _ c: Int, seed: UInt64) -> [[Double]] {
    var stream = RandomStream(seed: seed)
    return (0..<n).map { _ in (0..<c).map { _ in Double(stream.normal()) * 3 } }
  }

  private func tensor(_ x: [[Double]]) -> Tensor {
    Tensor(x.flatMap { $0.map { Float($0) } }, shape: [x.count, x[0].count])
  }

  /// Section 12.3's numbers.
  @Test func temperatureSoftens() {
    let logits = [log(9.0), 0]
    #expect(abs(softTargets(logits, temperature: 1)[0] - 0.9) < 1e-12)
    #expect(abs(softTargets(logits, temperature: 2)[0] - 0.75) < 1e-12)
    // Far beyond what exp can take.
    #expect(softTargets([2_000.0, 0], temperature: 1) == [1, 0])
  }

  @Test func lossAndGradientAreTheEngines() {
    for (seed, temperature) in [(1, 1), (2, 2.5), (3, 20)] as [(UInt64, Double)] {
      let (student, teacher) = (rows(4, 5, seed: seed), rows(4, 5, seed: seed + 10))
      let z = Parameter(tensor(student))
      let loss = softTargetLoss(student: z, teacher: tensor(teacher), temperature: Float(temperature))
      loss.backward()
      let plain = zip(student, teacher).map {
        softTargetLoss(student: $0, teacher: $1, temperature: temperature)
      }
      #expect(abs(plain.map(\.loss).reduce(0, +) / 4 - Double(loss.scalar)) < 1e-4)
      for (a, b) in zip(plain.flatMap(\.gradient), z.gradient!.scalars) {
        #expect(abs(a / 4 - Double(b)) < 1e-4)
      }
    }
  }

  @Test func theGradientIsTheLossesSlope() {
    let (student, teacher) = (rows(1, 6, seed: 4)[0], rows(1, 6, seed: 5)[0])
    let gradient = softTargetLoss(student: student, teacher: teacher, temperature: 3).gradient
    for i in student.indices {
      func loss(_ step: Double) -> Double {
        var moved = student
        moved[i] += step
        return softTargetLoss(student: moved, teacher: teacher, temperature: 3).loss
      }
      #expect(abs((loss(1e-5) - loss(-1e-5)) / 2e-5 - gradient[i]) < 1e-6)
    }
    // Who says the same pays nothing.
    #expect(softTargetLoss(student: teacher, teacher: teacher, temperature: 3).loss == 0)
  }

  /// For a high temperature it is half the mean square between the logits, freed of their means: section 12.3.
  @Test func aHighTemperatureMatchesLogits() {
    let (student, teacher) = (rows(1, 5, seed: 6)[0], rows(1, 5, seed: 7)[0])
    func centred(_ x: [Double]) -> [Double] { x.map { $0 - x.reduce(0, +) / Double(x.count) } }
    let expected = zip(centred(student), centred(teacher)).map { ($0 - $1) / 5 }
    let gradient = softTargetLoss(student: student, teacher: teacher, temperature: 1e4).gradient
    for (a, b) in zip(gradient, expected) { #expect(abs(a - b) < 1e-2) }
  }

  @Test func theTaskHandsTheRightRowsOut() {
    let set = ImageSet.generatedDigits(count: 6, seed: 1)
    let teacher = Tensor((0..<60).map { Float($0) }, shape: [6, 10])
    let task = DistillationTask<Perceptron>(
      training: ImagePart(set, [3, 1, 5, 0, 2, 4]), teacher: teacher, temperature: 2, alpha: 0.25)
    let batch = task.batch([4, 1][...], epoch: 1)
    #expect(batch.labels.scalars == [set.labels[2], set.labels[1]])
    #expect(
      batch.teacher == Tensor((40..<50).map { Float($0) } + (10..<20).map { Float($0) }, shape: [2, 10]))
    let model = withRandomSource(RandomSource(seed: 2)) { Perceptron(hidden: (4, 4)) }
    let step = task.step(model, on: batch)
    let z = model(Variable(batch.images))
    let expected =
      0.25 * crossEntropy(z, batch.labels).scalar
      + 0.75 * softTargetLoss(student: z, teacher: batch.teacher, temperature: 2).scalar
    #expect(abs(step.loss.scalar - expected) < 1e-4 && step.examples == 2)
  }

  @Test func aStudentComesToSayWhatItsTeacherSays() throws {
    let data = ImageData.generatedDigits(training: 200, validation: 0, test: 10, seed: 4)
    let labels = data.training.indices.map { data.training.set.labels[$0] }
    // A teacher that is sure, and takes every digit for the next one.
    let teacher = IntTensor(labels.map { ($0 + 1) % 10 }).oneHot(classes: 10) * 8
    let student = withRandomSource(RandomSource(seed: 3)) { Perceptron(hidden: (32, 16)) }
    let task = DistillationTask<Perceptron>(
      training: data.training, teacher: teacher, temperature: 4, alpha: 0)
    try train(student, on: task, TrainingSettings(epochs: 12, batchSize: 20, learningRate: 3e-3))
    let guesses = logits(of: student, on: data.training).argmax().scalars
    let agreement = zip(guesses, labels).count { $0 == ($1 + 1) % 10 }
    #expect(agreement > 180, "\(agreement) of 200")
  }
}
