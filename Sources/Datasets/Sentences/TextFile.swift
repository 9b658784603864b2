import Formats
import NumberText
import Tensors

extension TextData {
  /// The fewest texts that a class may have in a file: one for each part.
  public static let fewestOfAClass = 3

  /// The labelled texts of a file: on each line a label, a tab and a text; see `TSVFile`.
  ///
  /// Of each class a tenth of the texts goes to the validation part and a tenth to the test part, at least one to each,
  /// chosen at random. A text that stands in the file several times is in one part only.
  ///
  /// - Parameters:
  ///   - path: A file of UTF-8 text.
  ///   - minimumCount: How often a word must occur in the training part to be known.
  ///   - limit: The most words of a text that are read, its first.
  ///   - seed: The seed of the division.
  /// - Throws: `FileError` with the line: a text without words, a class with fewer than three different texts, one class
  ///   only; what `TSVFile` throws; or where no word is frequent enough.
  public static func file(
    _ path: String, minimumCount: Int = 2, limit: Int = 200, seed: UInt64
  ) throws(FileError) -> TextData {
    let rows = try TSVFile.read(path)
    let classes = Set(rows.map(\.label)).sorted()
    if classes.count == 1 {
      let label = classes[0]
      throw FileError(
        path, at: .line(1),
        "all \(grouped(rows.count)) lines, from this one on, have the label \(shown(label))",
        expected: "at least two classes to tell apart")
    }
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })

    // Texts that read the same stay together, by their words.
    var groups: [[(text: String, label: Int)]] = []
    var places: [[String]: Int] = [:]
    var firstLines = [Int?](repeating: nil, count: classes.count)
    for row in rows {
      let words = WordTokenizer.words(of: row.text, limit: limit)
      if words.isEmpty {
        throw FileError(
          path, at: .line(row.line), "the text has no words", expected: "a label, a tab and a text")
      }
      let label = numbers[row.label]!
      firstLines[label] = firstLines[label] ?? row.line
      if let place = places[words] {
        groups[place].append((row.text, label))
      } else {
        places[words] = groups.count
        groups.append([(row.text, label)])
      }
    }

    var parts: [[(text: String, label: Int)]] = [[], [], []]
    for label in classes.indices {
      // A group goes by its first text's label.
      let own = groups.indices.filter { groups[$0][0].label == label }
      if own.count < fewestOfAClass {
        let texts = own.count == 1 ? "1 text" : "\(own.count) different texts"
        throw FileError(
          path, at: .line(firstLines[label]!), "the class \(shown(classes[label])) has \(texts)",
          expected: "at least \(fewestOfAClass): one each to learn from, to watch by and to test with")
      }
      var stream = RandomStream(seed: seed, stream: partStreams + UInt64(label))
      let order = stream.permutation(own.count)
      let tenth = max(1, own.count / 10)
      for (i, place) in order.enumerated() {
        parts[i < tenth ? 2 : i < 2 * tenth ? 1 : 0] += groups[own[place]]
      }
    }
    let data = TextData(
      training: parts[0], validation: parts[1], test: parts[2], classes: classes, minimumCount: minimumCount,
      limit: limit, source: path)
    if data.tokenizer.vocabularySize == 2 {
      throw FileError(
        path, "no word of the training part occurs \(minimumCount) times",
        advice: "Give more texts, or let rarer words count with a smaller --minimum-count.")
    }
    return data
  }

  /// Where the streams begin that divide files.
  private static let partStreams: UInt64 = 1 << 42

  /// A label in quotes, fit for one line of a terminal.
  private static func shown(_ label: String) -> String { quoted(label) }
}
