import Foundation
import Tensors

/// What comes next in a text, by counting: how often each number followed the n − 1 before it.
///
///     P(c | context) = (count(context, c) + α) / (count(context) + α V)
///
/// With α above 0 nothing is impossible, also what was never counted. Where a text has not yet as many numbers as the
/// context asks for, at its beginning, the context is those that are there. n = 1 is the unigram, 2 the bigram, 3 the
/// trigram; n = 0 knows nothing, and gives each of the V the same probability.
///
/// - Source: Laplace's rule of succession, with α in place of 1: Manning, Schütze, *Foundations of Statistical Natural
///   Language Processing*, 1999, section 6.2.2.
/// - Book: chapter 8.
public struct NGramModel: Sendable {
  /// n: how many numbers each count is of, the last one included.
  public let order: Int
  /// V
  public let vocabularySize: Int
  /// For each order up to `order`, how often each context was followed by something, and by what.
  private let tables: [Table]

  private struct Table: Sendable {
    var contexts: [Int: Int] = [:]
    var whole: [Int: Int] = [:]
  }

  /// Counts in `ids`.
  ///
  /// - Parameters:
  ///   - order: n, from 0 to 4.
  ///   - vocabularySize: V, at most 50,000, above every number of the text.
  ///   - ids: The text as numbers, each from `0..<vocabularySize`.
  public init(order: Int, vocabularySize: Int, countingIn ids: [Int]) {
    if !(0...4).contains(order) { trap("NGramModel: the order is from 0 to 4, given \(order)") }
    if !(1...50_000).contains(vocabularySize) {
      trap("NGramModel: the vocabulary has from 1 to 50,000, given \(vocabularySize)")
    }
    if let bad = ids.first(where: { !(0..<vocabularySize).contains($0) }) {
      trap("NGramModel: number \(bad) is not in the vocabulary of \(vocabularySize)")
    }
    self.order = order
    self.vocabularySize = vocabularySize
    tables = (0..<order).map { earlier in
      var table = Table()
      for place in ids.indices.dropFirst(earlier) {
        let context = Self.key(ids[place - earlier..<place], vocabularySize)
        table.contexts[context, default: 0] += 1
        table.whole[context * vocabularySize + ids[place], default: 0] += 1
      }
      return table
    }
  }

  /// The context as one number, its digits to the base V.
  private static func key(_ context: ArraySlice<Int>, _ base: Int) -> Int {
    context.reduce(0) { $0 * base + $1 }
  }

  /// The probability that `id` comes after `context`, of which the last n − 1 count.
  ///
  /// - Parameters:
  ///   - id: The number that is asked about, from `0..<vocabularySize`.
  ///   - context: The numbers before it, the latest last.
  ///   - smoothing: α, above 0.
  public func probability(of id: Int, after context: ArraySlice<Int>, smoothing: Double) -> Double {
    if !(smoothing > 0) { trap("NGramModel: the smoothing must be above 0, given \(smoothing)") }
    if order == 0 { return 1 / Double(vocabularySize) }
    let earlier = min(order - 1, context.count)
    let key = Self.key(context.suffix(earlier), vocabularySize)
    let table = tables[earlier]
    let whole = Double(table.whole[key * vocabularySize + id] ?? 0)
    let all = Double(table.contexts[key] ?? 0)
    return (whole + smoothing) / (all + smoothing * Double(vocabularySize))
  }

  /// The mean of `−ln P` over a text, from its second number on: nats a number, the same as a network's cross-entropy.
  ///
  /// - Parameters:
  ///   - ids: At least two.
  ///   - smoothing: α, above 0.
  public func loss(on ids: [Int], smoothing: Double) -> Double {
    if ids.count < 2 { trap("NGramModel: a text of at least 2 is needed, given \(ids.count)") }
    let sum = ids.indices.dropFirst().reduce(0.0) { sum, place in
      let context = ids[max(0, place - max(0, order - 1))..<place]
      return sum - log(probability(of: ids[place], after: context, smoothing: smoothing))
    }
    return sum / Double(ids.count - 1)
  }
}
