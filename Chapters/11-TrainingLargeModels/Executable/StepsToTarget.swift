import Chapter11TrainingLargeModels
import Engine
import Foundation

/// A training that ends as soon as the loss on the validation part is as low as it should be.
struct StepsToTarget: Sendable {
  let data: ImageData
  /// The loss to come to.
  let target: Double
  let batch: Int
  let rate: Double
  let seed: UInt64
  /// How many examples may be read on the way.
  let limit: Int

  private struct Reached: Error {}

  /// The steps that it took, interpolated between two looks; infinite where the limit came first, or the loss ran away.
  ///
  /// - Parameter onLook: Called now and then, with the step's number, the loss on the validation part, and the network.
  func run(onLook: (_ step: Int, _ loss: Double, Sequential) throws -> Void = { _, _, _ in }) throws -> Double
  {
    var settings = TrainingSettings(
      epochs: 1 + limit / data.training.count, batchSize: batch, optimizer: .sgd, learningRate: rate,
      seed: seed)
    settings.schedule = .constant
    let run = TrainingRun(ImageClassification<Sequential>(training: data.training), settings) {
      digitPerceptron()
    }
    var (steps, next) = (0, 1)
    var before = (step: 0, loss: evaluate(run.model, on: data.validation).loss)
    var reached = Double.infinity
    do {
      while !run.isFinished {
        try run.nextEpoch { _ in
          steps += 1
          if steps * batch > limit { throw Reached() }
          if steps < next { return }
          next = max(steps + 1, Int(Double(steps) * 1.08))
          let loss = evaluate(run.model, on: data.validation).loss
          try onLook(steps, loss, run.model)
          if loss <= target {
            let share = (before.loss - target) / (before.loss - loss)
            let (a, b) = (log(Double(max(1, before.step))), log(Double(steps)))
            reached = exp(a + (b - a) * share)
            throw Reached()
          }
          if !(loss < 50) { throw Reached() }
          before = (steps, loss)
        }
      }
    } catch is Reached {
    } catch is LossIsNotFinite {
    }
    return reached
  }
}
