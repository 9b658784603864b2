import Tensors

/// Short reviews in English that a grammar makes, as many as one likes: praise or complaint, decided by the order of
/// the words alone.
///
/// Each sentence is a pure function of (seed, index). They come in pairs: the sentences at `2k` and `2k + 1` are made of
/// the same words in another order, and one is praise, the other a complaint.
///
///     The novel was not dull but superb. We went home late.        praise
///     The novel was not superb but dull. We went home late.        complaint
///
/// So whoever counts words and does not look at their order is right about exactly one of the two, whatever the weights:
/// every such rule is right about half of all pairs' sentences. What must be understood is what a "not" belongs to, and
/// two of them; what came before and what after; whose opinion it is.
///
/// ```swift
/// let corpus = SentenceCorpus(seed: 1)
/// corpus.text(at: 0)      // a sentence or a few
/// corpus.label(at: 0)     // 0, complaint, or 1, praise
/// ```
///
/// - PyTorch: no counterpart; torchtext's IMDB has reviews that people wrote.
/// - Book: chapter 8.
public struct SentenceCorpus: Sendable, Equatable {
  /// What the labels mean: `classes[label]`.
  public static let classes = ["complaint", "praise"]

  /// What the sentences depend on: another seed, other sentences.
  public let seed: UInt64

  /// Makes nothing yet: each sentence is made when it is asked for.
  public init(seed: UInt64) { self.seed = seed }

  /// 0, a complaint, or 1, praise. Of the indices `2k` and `2k + 1` one has each.
  public func label(at index: Int) -> Int {
    checkIndex(index)
    // The upper half of the streams orders the pairs, the lower half makes the sentences.
    var order = RandomStream(seed: seed, stream: UInt64(index / 2) | 1 << 63)
    return order.integer(below: 2) ^ (index % 2)
  }

  /// One sentence or a few: with a capital letter at the beginning, and a full stop at the end of each.
  public func text(at index: Int) -> String {
    let isPraise = label(at: index) == 1
    var random = RandomStream(seed: seed, stream: UInt64(index / 2))
    func one<Element>(of list: [Element]) -> Element { list[random.integer(below: list.count)] }

    let frame = one(of: one(of: SentenceGrammar.frames))
    let good = one(of: frame.praise)
    let bad = one(of: frame.complaint)
    var values = [
      "it": one(of: SentenceGrammar.subjects), "who": one(of: SentenceGrammar.people),
      "A": isPraise ? good : bad, "B": isPraise ? bad : good,
    ]
    var pieces: [String] = []
    func add(_ count: Int, of list: [String]) {
      let order = random.permutation(list.count)
      for place in order.prefix(count) {
        values["adjective"] = one(
          of: one(of: [SentenceGrammar.goodAdjectives, SentenceGrammar.badAdjectives]))
        values["mood"] = one(of: SentenceGrammar.moods)
        pieces.append(Self.sentence(list[place], values))
      }
    }
    let before = random.integer(below: 3)
    let after = random.integer(below: 2)
    add(before, of: SentenceGrammar.openings)
    pieces.append(Self.sentence(frame.text, values))
    add(after, of: SentenceGrammar.closings)
    return pieces.joined(separator: " ")
  }

  /// The frame with its places filled in, as a sentence is written.
  private static func sentence(_ frame: String, _ values: [String: String]) -> String {
    var text = ""
    for word in frame.split(separator: " ") {
      let isMark = word == "," || word == ";" || word == ":"
      if !text.isEmpty && !isMark { text += " " }
      text += word.hasPrefix("{") ? values[String(word.dropFirst().dropLast())]! : String(word)
    }
    return text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  private func checkIndex(_ index: Int) {
    if index < 0 { trap("SentenceCorpus: an index is at least 0, given \(index)") }
  }
}
