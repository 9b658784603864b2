import Engine
import Training

/// Which step of a padded batch a classifier judges by.
///
/// - Book: section 8.4.
public enum JudgedStep: String, CaseIterable, Sendable {
  /// Each sequence's own last step.
  case lastReal = "real"
  /// The last column, as the article's listing has it: padding, for all but the longest.
  case lastColumn = "column"

  public var meaning: String {
    switch self {
    case .lastReal: "the last real step"
    case .lastColumn: "the last column"
    }
  }
}

/// Telling the class of texts by the article's network.
///
/// - Book: chapter 8.
public struct SentenceTask: ClassificationTask, Sendable {
  public typealias Model = RNNClassifier

  public let data: TextData
  public let judgedStep: JudgedStep
  /// Whether batches are made of texts of similar length.
  public let hasBuckets: Bool

  /// - Parameter data: Its test part is not touched.
  public init(_ data: TextData, judgedStep: JudgedStep = .lastReal, buckets hasBuckets: Bool = false) {
    self.data = data
    self.judgedStep = judgedStep
    self.hasBuckets = hasBuckets
  }

  public var exampleCount: Int { data.training.count }
  public var validationCount: Int { data.validation.count }
  public var classCount: Int { data.classes.count }

  public func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
    hasBuckets
      ? Array(LengthBuckets(of: data.training.lengths, batchSize: batchSize, shuffledBy: seed, epoch: epoch))
      : Array(Batches(of: exampleCount, batchSize: batchSize, shuffledBy: seed, epoch: epoch))
  }

  public func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<PaddedSequences> {
    let (sequences, labels) = data.training.batch(places)
    return Labelled(sequences, labels)
  }

  public func validationBatch(_ places: ArraySlice<Int>) -> Labelled<PaddedSequences> {
    let (sequences, labels) = data.validation.batch(places)
    return Labelled(sequences, labels)
  }

  public func logits(_ model: RNNClassifier, _ batch: PaddedSequences) -> Variable {
    model.logits(batch, judgedStep)
  }

  public var identity: [(name: String, value: String)] {
    var fingerprint = DataFingerprint()
    for part in [data.training, data.validation] {
      fingerprint.add(part.labels)
      for ids in part.ids { fingerprint.add(ids) }
    }
    return [
      ("--step", judgedStep.rawValue), ("buckets", "\(hasBuckets)"),
      (
        "the data",
        "\(data.training.count) texts to learn from and \(data.validation.count) to watch by (\(fingerprint))"
      ),
    ]
  }
}

extension RNNClassifier {
  /// The scores of a batch that starts from nothing, `[N, classes]`.
  public func logits(_ batch: PaddedSequences, _ step: JudgedStep = .lastReal) -> Variable {
    let start = initHidden(batch.lengths.count)
    return switch step {
    case .lastReal: self(batch.ids, start, lengths: batch.lengths).logits
    case .lastColumn: self(batch.ids, start).logits
    }
  }

  /// What the network makes of a part's texts.
  ///
  /// - Parameters:
  ///   - batchSize: How many texts are shown together.
  ///   - length: How many columns the batches have at least.
  public func evaluation(
    of part: TextPart, classCount: Int, step: JudgedStep = .lastReal, batchSize: Int = 256,
    paddedTo length: Int = 0
  ) -> Evaluation {
    let batches = Batches(of: part.count, batchSize: batchSize).lazy.map { places in
      let (sequences, labels) = part.batch(places, paddedTo: length)
      return Labelled(sequences, labels)
    }
    return Training.evaluate(self, on: batches, classCount: classCount) { self.logits($0, step) }
  }
}

/// The training of the article's classifier on texts.
///
/// ```swift
/// let run = SentenceRun(.rnn, on: data)
/// while !run.isFinished { try run.nextEpoch() }
/// let test = run.model.evaluation(of: data.test, classCount: 2)
/// ```
///
/// - Book: chapter 8.
public typealias SentenceRun = TrainingRun<SentenceTask>

extension TrainingSettings {
  /// This chapter's: gradients clipped to a norm of 1, and a learning rate that falls in a straight line to 0.
  public static let rnn: TrainingSettings = {
    var settings = TrainingSettings()
    settings.epochs = 6
    settings.batchSize = 32
    settings.learningRate = 1e-2
    settings.schedule = .linear
    settings.clipNorm = 1
    return settings
  }()
}

/// What the article's network is made with, beside the numbers of words and classes.
public struct ClassifierSize: Sendable, Equatable {
  public var hiddenSize = 64
  public var layers = 1
  /// What the forget gates' biases begin with, in place of numbers near 0: chapter 6. Above 0, memory lasts longer at the
  /// beginning, and so does the gradient.
  public var forgetBias: Float = 1

  public init(hiddenSize: Int = 64, layers: Int = 1, forgetBias: Float = 1) {
    (self.hiddenSize, self.layers, self.forgetBias) = (hiddenSize, layers, forgetBias)
  }
}

extension RNNClassifier {
  /// Sets the forget gates' biases of all layers: one of the two that are added to `bias`, the other to 0.
  ///
  /// - Source: Jozefowicz, Zaremba, Sutskever, "An empirical exploration of recurrent network architectures", ICML 2015.
  /// - Book: section 8.3.
  public func setForgetBias(_ bias: Float) {
    let size = rnn.hiddenSize
    for direction in rnn.directions.joined() {
      for (parameter, number) in [(direction.inputBias, bias), (direction.hiddenBias, 0)] {
        (parameter as? Parameter)?.update { biases in
          for unit in size..<2 * size { biases[unit] = number }
        }
      }
    }
  }
}

extension TrainingRun where Task == SentenceTask {
  public convenience init(
    _ settings: TrainingSettings, size: ClassifierSize = ClassifierSize(), on data: TextData,
    judgedStep: JudgedStep = .lastReal, buckets: Bool = false
  ) {
    self.init(SentenceTask(data, judgedStep: judgedStep, buckets: buckets), settings) {
      let model = RNNClassifier(
        inputSize: data.tokenizer.vocabularySize, hiddenSize: size.hiddenSize, layers: size.layers,
        classes: data.classes.count)
      model.setForgetBias(size.forgetBias)
      return model
    }
  }
}
