import Engine
import Training

/// A batch of sequences as a network takes them: numbers of symbols, or the numbers themselves.
public enum SequenceInput: Sendable {
  /// Symbols by number, the shorter sequences filled up at their end.
  case symbols(PaddedSequences)
  /// `[N, T, D]`: T steps of D numbers, all sequences equally long.
  case numbers(Tensor)

  public var count: Int {
    switch self {
    case .symbols(let sequences): sequences.lengths.count
    case .numbers(let x): x.shape[0]
    }
  }
}

/// What the steps of a task's sequences are.
public enum StepKind: Sendable, Equatable {
  /// Symbols, of so many different ones.
  case symbols(count: Int)
  /// Numbers, so many at each step.
  case numbers(width: Int)
}

/// Sequences with their classes, in three parts: what five kinds of network are compared on.
///
/// - Book: section 10.7.
public struct SequenceData: Sendable {
  /// One part: examples and their classes.
  public struct Part: Sendable {
    fileprivate enum Examples: Sendable {
      case symbols([[Int]])
      case images(ImagePart, SequenceData.ImageOrder)
    }
    fileprivate let examples: Examples
    public let labels: [Int]

    public var count: Int { labels.count }

    /// The examples at `places`.
    public func batch(_ places: some Sequence<Int>) -> Labelled<SequenceInput> {
      let places = Array(places)
      let labels = IntTensor(places.map { self.labels[$0] })
      switch examples {
      case .symbols(let sequences):
        return Labelled(.symbols(PaddedSequences(places.map { sequences[$0] })), labels)
      case .images(let part, let order):
        return Labelled(.numbers(order.steps(part.batch(places).images)), labels)
      }
    }
  }

  /// How an image becomes a sequence.
  public enum ImageOrder: Sendable {
    /// Its rows from top to bottom: 28 steps of 28 numbers.
    case rows
    /// Its pixels, row by row, after four became one: 196 steps of one number.
    case pixels

    /// `[N, 1, 28, 28]` → `[N, T, D]`
    func steps(_ images: Tensor) -> Tensor {
      let (n, side) = (images.shape[0], images.shape[2])
      switch self {
      case .rows: return images.reshaped([n, side, side])
      case .pixels:
        let halves = withoutGradients { avgPool2d(Variable(images), kernelSize: 2) }.value
        return halves.reshaped([n, side * side / 4, 1])
      }
    }
  }

  public let name: String
  public let steps: StepKind
  /// The side of the image that the steps are the rows of, where they are: a network may take it as such.
  public let imageSide: Int?
  public let classCount: Int
  public let training, validation, test: Part
  /// The longest sequence.
  public let longest: Int

  private init(
    _ name: String, _ steps: StepKind, imageSide: Int? = nil, classCount: Int, longest: Int, _ parts: [Part]
  ) {
    (self.name, self.steps, self.imageSide, self.classCount) = (name, steps, imageSide, classCount)
    (training, validation, test, self.longest) = (parts[0], parts[1], parts[2], longest)
  }

  /// Generated digits, row by row or pixel by pixel.
  public static func digits(_ counts: Counts, as order: ImageOrder, seed: UInt64) -> SequenceData {
    let data = ImageData.generatedDigits(
      training: counts.training, validation: counts.validation, test: counts.test, seed: seed)
    let side = data.training.set.height
    let parts = [data.training, data.validation, data.test].map { part in
      Part(examples: .images(part, order), labels: part.indices.map { part.set.labels[$0] })
    }
    switch order {
    case .rows:
      return SequenceData(
        "digits by rows", .numbers(width: side), imageSide: side, classCount: 10, longest: side, parts)
    case .pixels:
      return SequenceData(
        "digits by pixels", .numbers(width: 1), classCount: 10, longest: side * side / 4, parts)
    }
  }

  /// Nested lists.
  public static func lists(_ counts: Counts, lengths: ClosedRange<Int> = 64...96, seed: UInt64)
    -> SequenceData
  {
    let lists = ListOperations(seed: seed, lengths: lengths)
    var next = 0
    let parts = [counts.training, counts.validation, counts.test].map { count in
      let examples = (next..<next + count).map { lists.example(at: $0) }
      next += count
      return Part(examples: .symbols(examples.map(\.symbols)), labels: examples.map(\.answer))
    }
    return SequenceData(
      "nested lists", .symbols(count: ListOperations.symbols.count), classCount: 10,
      longest: lengths.upperBound, parts)
  }

  /// Sentences in pairs that have the same words in another order, and the opposite class: section 8.2.
  public static func sentences(_ counts: Counts, seed: UInt64) -> SequenceData {
    SequenceData(
      .sentences(
        training: counts.training, validation: counts.validation, test: counts.test, seed: seed))
  }

  /// Any texts.
  public init(_ data: TextData) {
    let parts = [data.training, data.validation, data.test]
    self.init(
      "sentences", .symbols(count: data.tokenizer.vocabularySize), classCount: data.classes.count,
      longest: parts.flatMap(\.lengths).max() ?? 1,
      parts.map { Part(examples: .symbols($0.ids), labels: $0.labels) })
  }

  /// How many examples each part has.
  public struct Counts: Sendable {
    public var training, validation, test: Int
    public init(training: Int, validation: Int, test: Int) {
      (self.training, self.validation, self.test) = (training, validation, test)
    }
  }
}

/// Telling the class of sequences by any of the networks that are compared.
///
/// - Book: section 10.7.
public struct SequenceTask: ClassificationTask, Sendable {
  public typealias Model = SequenceClassifier

  public let data: SequenceData

  public init(_ data: SequenceData) { self.data = data }

  public var exampleCount: Int { data.training.count }
  public var validationCount: Int { data.validation.count }
  public var classCount: Int { data.classCount }
  public var identity: [(name: String, value: String)] { [("the data", data.name)] }

  public func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<SequenceInput> {
    data.training.batch(places)
  }

  public func validationBatch(_ places: ArraySlice<Int>) -> Labelled<SequenceInput> {
    data.validation.batch(places)
  }

  public func logits(_ model: SequenceClassifier, _ input: SequenceInput) -> Variable { model(input) }
}

extension SequenceClassifier {
  /// The share of a part's examples whose class it tells.
  public func accuracy(on part: SequenceData.Part, classCount: Int) -> Double {
    let batches = Batches(of: part.count, batchSize: 128).lazy.map { part.batch($0) }
    return Training.evaluate(self, on: batches, classCount: classCount) { self($0) }.accuracy
  }
}
