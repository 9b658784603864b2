import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Workbench

/// The tasks that networks are compared on.
enum TaskName: String, CaseIterable, Sendable, ExpressibleByArgument {
  case digits, pixels, lists, sentences

  func data(_ counts: SequenceData.Counts, seed: UInt64) -> SequenceData {
    switch self {
    case .digits: .digits(counts, as: .rows, seed: seed)
    case .pixels: .digits(counts, as: .pixels, seed: seed)
    case .lists: .lists(counts, seed: seed)
    case .sentences: .sentences(counts, seed: seed)
    }
  }
}

extension NetworkKind: ExpressibleByArgument {}

/// One network, trained once.
struct SequenceTraining: Sendable {
  let kind: NetworkKind
  let data: SequenceData
  let width: Int
  let epochs: Int
  let learningRate: Double
  let seed: UInt64

  func run() -> TrainingRun<SequenceTask> {
    var settings = TrainingSettings(
      epochs: epochs, batchSize: 32, optimizer: .adam, learningRate: learningRate, seed: seed)
    settings.schedule = .warmup(steps: warmUp, then: .cosine)
    settings.clipNorm = 1
    return TrainingRun(SequenceTask(data), settings) {
      SequenceClassifier(kind, for: data, width: width)
    }
  }

  /// The rate rises over the first twentieth of the steps.
  private var warmUp: Int { (data.training.count + 31) / 32 * epochs / 20 }

  /// How many examples it reads in all.
  var examples: Int { data.training.count * epochs }

  /// Trains it. A run whose loss becomes infinite counts as one that knows nothing.
  func finished(_ advance: (Int) -> Void) throws -> TrainingRun<SequenceTask>? {
    let run = run()
    var done = 0
    do {
      try run.finish { examples in
        advance(examples - done)
        done = examples
      }
    } catch is LossIsNotFinite {
      return nil
    }
    return run
  }
}
