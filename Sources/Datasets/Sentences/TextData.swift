import Tensors

/// Texts with their classes, as numbers: one part of ``TextData``.
public struct TextPart: Sendable, Equatable {
  /// The texts as they were written.
  public let texts: [String]
  /// The words' numbers of each text, at least one.
  public let ids: [[Int]]
  /// The class of each text.
  public let labels: [Int]

  init(_ rows: [(text: String, label: Int)], _ tokenizer: WordTokenizer, limit: Int) {
    texts = rows.map(\.text)
    ids = rows.map { tokenizer.encode($0.text, limit: limit) }
    labels = rows.map(\.label)
  }

  private init(texts: [String], ids: [[Int]], labels: [Int]) {
    (self.texts, self.ids, self.labels) = (texts, ids, labels)
  }

  /// The number of texts.
  public var count: Int { ids.count }
  /// How many words each text has.
  public var lengths: [Int] { ids.map(\.count) }

  /// The texts at `places` as one batch, and their classes, `[N]`.
  ///
  /// - Parameters:
  ///   - places: Which texts, from `0..<count`, in the order of the rows.
  ///   - length: How many columns the batch has at least; without it as many as its longest text.
  public func batch(_ places: some Sequence<Int>, paddedTo length: Int = 0) -> (
    sequences: PaddedSequences, labels: IntTensor
  ) {
    let places = Array(places)
    let sequences = PaddedSequences(
      places.map { ids[$0] }, padding: WordTokenizer.padding, atLeast: length)
    return (sequences, IntTensor(places.map { labels[$0] }))
  }

  /// The first `count` texts, or all where there are fewer.
  public func first(_ count: Int) -> TextPart {
    TextPart(
      texts: Array(texts.prefix(count)), ids: Array(ids.prefix(count)), labels: Array(labels.prefix(count)))
  }
}

/// Texts with their classes in three parts: one to learn from, one to watch the learning by, and one that is read once at
/// the end. No text is in two of them, and the vocabulary is that of the training part.
///
/// - Book: chapter 8.
public struct TextData: Sendable {
  /// The texts to learn from; the vocabulary is theirs.
  public let training: TextPart
  /// The texts to watch the learning by.
  public let validation: TextPart
  /// The texts that are read once, at the end.
  public let test: TextPart
  /// What the classes are called, by number.
  public let classes: [String]
  /// Makes numbers of words, by the training part's vocabulary.
  public let tokenizer: WordTokenizer
  /// Where they come from, in words.
  public let source: String
  /// The most words of a text that are read.
  public let limit: Int
  /// How many texts have more.
  public let shortened: Int

  init(
    training: [(text: String, label: Int)], validation: [(text: String, label: Int)],
    test: [(text: String, label: Int)], classes: [String], minimumCount: Int, limit: Int, source: String
  ) {
    tokenizer = WordTokenizer(
      vocabularyOf: training.lazy.map { $0.text }, minimumCount: minimumCount)
    let tokenizer = tokenizer
    self.training = TextPart(training, tokenizer, limit: limit)
    self.validation = TextPart(validation, tokenizer, limit: limit)
    self.test = TextPart(test, tokenizer, limit: limit)
    self.classes = classes
    self.source = source
    self.limit = limit
    let full = [self.training, self.validation, self.test].flatMap { part in
      part.ids.indices.filter { part.ids[$0].count == limit }.map { part.texts[$0] }
    }
    shortened = full.count { WordTokenizer.words(of: $0, limit: limit + 1).count > limit }
  }

  private init(_ data: TextData, training: TextPart, validation: TextPart, test: TextPart) {
    (self.training, self.validation, self.test) = (training, validation, test)
    (classes, tokenizer, source) = (data.classes, data.tokenizer, data.source)
    (limit, shortened) = (data.limit, data.shortened)
  }

  /// As many of each part, or all where there are fewer. The vocabulary stays.
  public func first(training: Int, validation: Int = .max, test: Int = .max) -> TextData {
    TextData(
      self, training: self.training.first(training), validation: self.validation.first(validation),
      test: self.test.first(test))
  }

  /// The sentences of ``SentenceCorpus``. Both sentences of a pair are in the same part, and none is there twice.
  ///
  /// - Parameters: How many sentences each part has; odd numbers are rounded up.
  public static func sentences(
    training: Int = 8_000, validation: Int = 1_000, test: Int = 2_000, seed: UInt64
  ) -> TextData {
    let corpus = SentenceCorpus(seed: seed)
    var seen: Set<String> = []
    var next = 0
    func part(_ count: Int) -> [(text: String, label: Int)] {
      var rows: [(text: String, label: Int)] = []
      while rows.count < count {
        let pair = [next, next + 1].map { (text: corpus.text(at: $0), label: corpus.label(at: $0)) }
        next += 2
        if pair.allSatisfy({ !seen.contains($0.text) }) {
          rows += pair
          seen.formUnion(pair.map(\.text))
        }
      }
      return rows
    }
    return TextData(
      training: part(training), validation: part(validation), test: part(test),
      classes: SentenceCorpus.classes, minimumCount: 1, limit: .max, source: "generated sentences")
  }
}
