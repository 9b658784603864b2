import Chapter04FullyConnected
import Engine
import Foundation
import Workbench

/// Trains every setting with each learning rate, and shows the best.
func train(_ data: ImageData, seeds: [UInt64], quick: Bool, to experiment: inout Experiment) throws {
  let rates = quick ? [0.01] : [0.001, 0.01, 0.1]
  let epochs = quick ? 1 : 4
  let batchSize = 64
  let steps = epochs * ((data.training.count + batchSize - 1) / batchSize)
  let settings = [Activation.tanh, .relu].flatMap(DepthSetting.all)
  let examples = data.training.batch(0..<256).images
  var table = Table(
    "After \(steps) steps of \(batchSize) digits, plain gradient descent with the best of \(rates.count) learning rates, \(seeds.count) seeds",
    columns: ["activation", "first weights", "learning rate", "loss", "right"])
  let progress = Progress(
    "training", total: settings.count * rates.count * seeds.count * epochs * data.training.count,
    unit: "images")
  var done = 0

  for setting in settings {
    typealias Outcome = (rate: Double, losses: [Double], accuracies: [Double], ranAway: Int)
    var outcomes: [Outcome] = []
    for rate in rates {
      var outcome: Outcome = (rate, [], [], 0)
      for seed in seeds {
        let settings = TrainingSettings(
          epochs: epochs, batchSize: batchSize, optimizer: .sgd, learningRate: rate, seed: seed)
        let run = TrainingRun(ImageClassification(training: data.training), settings) {
          setting.network(for: examples, seed: seed)
        }
        var last = run.model.state
        do {
          try run.finish { images in
            last = run.model.state
            progress.update(done + images, note: setting.rule)
          }
        } catch is LossIsNotFinite {
          outcome.ranAway += 1
          // Judged with the weights that ran away, not with the good ones that the run goes back to.
          try run.model.load(last)
        }
        done += epochs * data.training.count
        let validation = evaluate(run.model, on: data.validation)
        outcome.losses.append(validation.loss)
        outcome.accuracies.append(validation.accuracy)
      }
      outcomes.append(outcome)
    }
    // The best is the one that reads most digits; among equals the lower loss, where it is a number.
    let best = outcomes.max { a, b in
      let (x, y) = (Spread(a.accuracies).mean, Spread(b.accuracies).mean)
      let (u, v) = (Spread(a.losses).mean, Spread(b.losses).mean)
      return x != y ? x < y : !(u <= v)
    }!
    let loss = Spread(best.losses)
    let lossText =
      best.ranAway > 0
      ? "ran away" : loss.mean > 1000 ? power(loss.mean) : loss.text(2)
    table.add(
      setting.activation.rawValue, setting.rule,
      outcomes.allSatisfy { $0.ranAway == seeds.count } ? "any" : "\(best.rate)", lossText,
      Spread(best.accuracies).percentText())
    experiment.metrics["\(setting.key)_accuracy"] = Spread(best.accuracies).mean
    experiment.metrics["\(setting.key)_loss"] = loss.mean
    experiment.metrics["\(setting.key)_rate"] = best.rate
  }
  progress.finish()
  experiment.metrics["steps"] = Double(steps)
  experiment.show(
    table,
    note:
      "On \(grouped(data.validation.count)) digits held out. Guessing gives a loss of ln 10 = 2.30, and 10 %."
  )
}

/// The logarithm to the base of 10.
func tenthPower(_ x: Double) -> Double { log10(x) }
