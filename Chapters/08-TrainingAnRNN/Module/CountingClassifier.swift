import Engine

/// What a classifier without memory is told of a text.
///
/// - Book: section 8.2.
public enum CountedWords: String, CaseIterable, Sendable {
  /// The last word alone.
  case last
  /// How often each word occurs: the bag of words.
  case all
  /// How often each word follows each other word, of the pairs that the training part has more than once.
  case pairs

  public var name: String {
    switch self {
    case .last: "last word only"
    case .all: "bag of words"
    case .pairs: "bag of word pairs"
    }
  }
}

/// Texts as counts: each text a row, each column a word or a pair of words.
///
/// - Book: section 8.2.
public struct WordCounts: Sendable {
  public let kind: CountedWords
  /// The column of each word or pair.
  private let columns: [[Int]: Int]

  /// The columns are those that occur in `part`.
  public init(_ kind: CountedWords, in part: TextPart) {
    self.kind = kind
    var counts: [[Int]: Int] = [:]
    for ids in part.ids { for term in Self.terms(of: ids, kind) { counts[term, default: 0] += 1 } }
    let known = counts.filter { kind != .pairs || $0.value > 1 }.keys.sorted {
      $0.lexicographicallyPrecedes($1)
    }
    columns = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
  }

  /// At least 1, so that there is a matrix.
  public var count: Int { max(columns.count, 1) }

  private static func terms(of ids: [Int], _ kind: CountedWords) -> [[Int]] {
    switch kind {
    case .last: [[ids[ids.count - 1]]]
    case .all: ids.map { [$0] }
    case .pairs: zip(ids, ids.dropFirst()).map { [$0, $1] }
    }
  }

  /// The counts of some texts, `[N, columns]`; what no column stands for is left out.
  public func callAsFunction(_ part: TextPart, _ places: some Sequence<Int>) -> Tensor {
    let places = Array(places)
    var counts = [Float](repeating: 0, count: places.count * count)
    for (n, place) in places.enumerated() {
      for term in Self.terms(of: part.ids[place], kind) {
        if let column = columns[term] { counts[n * count + column] += 1 }
      }
    }
    return Tensor(counts, shape: [places.count, count])
  }
}

/// A linear classifier of counts: one weight for each word and class, added up. It cannot know where a word stands.
///
/// - PyTorch: `nn.Linear` on `CountVectorizer` of scikit-learn; its `LogisticRegression`.
/// - Book: section 8.2.
public final class CountingClassifier: Module {
  public let fc: Linear

  public init(terms: Int, classes: Int) { fc = Linear(inFeatures: terms, outFeatures: classes) }

  public func callAsFunction(_ counts: Variable) -> Variable { fc(counts) }
}

/// Telling the class of texts by counts alone.
///
/// - Book: section 8.2.
public struct CountingTask: ClassificationTask, Sendable {
  public typealias Model = CountingClassifier

  public let data: TextData
  public let counts: WordCounts

  public init(_ data: TextData, _ kind: CountedWords) {
    self.data = data
    counts = WordCounts(kind, in: data.training)
  }

  public var exampleCount: Int { data.training.count }
  public var validationCount: Int { data.validation.count }
  public var classCount: Int { data.classes.count }

  public func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<Tensor> {
    batch(data.training, places)
  }

  public func validationBatch(_ places: ArraySlice<Int>) -> Labelled<Tensor> {
    batch(data.validation, places)
  }

  private func batch(_ part: TextPart, _ places: ArraySlice<Int>) -> Labelled<Tensor> {
    Labelled(counts(part, places), IntTensor(places.map { part.labels[$0] }))
  }

  public func logits(_ model: CountingClassifier, _ counts: Tensor) -> Variable { model(Variable(counts)) }

  public var identity: [(name: String, value: String)] { [("the words counted", counts.kind.rawValue)] }

  /// Trains the classifier and says how it does on the test part.
  public func testEvaluation(seed: UInt64, epochs: Int = 8) throws -> Evaluation {
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.learningRate = 1e-2
    settings.schedule = .linear
    settings.seed = seed
    let run = TrainingRun(self, settings) {
      CountingClassifier(terms: counts.count, classes: data.classes.count)
    }
    while !run.isFinished { try run.nextEpoch() }
    let batches = Batches(of: data.test.count, batchSize: 256).lazy.map { batch(data.test, $0) }
    return evaluate(run.model, on: batches, classCount: classCount) { run.model(Variable($0)) }
  }
}

extension TextData {
  /// The share of the test part that has the most frequent class of the training part: what a classifier is right about
  /// that does not read.
  public var majorityAccuracy: Double {
    let counts = classes.indices.map { label in training.labels.count { $0 == label } }
    let most = counts.indices.max { (counts[$0], $1) < (counts[$1], $0) }!
    return Double(test.labels.count { $0 == most }) / Double(test.count)
  }
}
