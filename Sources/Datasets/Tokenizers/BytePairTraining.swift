/// The words of a text while pairs are merged in them, and how often each pair occurs.
///
/// A merge touches only the words that have the pair: it takes their pairs out of the counts and puts the new ones in.
struct BytePairTraining {
  typealias Pair = BytePairTokenizer.Pair

  private var words: [(ids: [Int], count: Int)] = []
  private var counts: [Pair: Int] = [:]
  /// The words that have, or once had, a pair.
  private var places: [Pair: Set<Int>] = [:]
  private var queue = PairQueue()

  init(_ text: String) {
    var found: [ArraySlice<UInt8>: Int] = [:]
    for piece in BytePairTokenizer.pieces(of: Array(text.utf8)) {
      if let word = found[piece] {
        words[word].count += 1
      } else {
        found[piece] = words.count
        words.append((piece.map(Int.init), 1))
      }
    }
    for word in words.indices { note(word) }
    for (pair, count) in counts { queue.insert(pair, count: count) }
  }

  /// The pair that occurs most, the smallest of several; nil when none occurs twice.
  mutating func mostFrequentPair() -> Pair? {
    // A count that has grown was queued again at once; one that has shrunk is put right when it comes up.
    while let (pair, count) = queue.popFirst() {
      let current = counts[pair] ?? 0
      if current == count { return count > 1 ? pair : nil }
      if current < count, current > 0 { queue.insert(pair, count: current) }
    }
    return nil
  }

  /// Replaces `pair` by `id` in all words.
  mutating func merge(_ pair: Pair, into id: Int) {
    var changed: Set<Pair> = []
    for word in places[pair] ?? [] {
      let (ids, count) = words[word]
      let merged = BytePairTokenizer.merging(pair, into: id, in: ids)
      if merged.count == ids.count { continue }
      for (left, right) in zip(ids, ids.dropFirst()) { counts[Pair(left, right)]! -= count }
      words[word].ids = merged
      note(word)
      // Only pairs with the new number have become more frequent.
      for (left, right) in zip(merged, merged.dropFirst()) where left == id || right == id {
        changed.insert(Pair(left, right))
      }
    }
    counts[pair] = nil
    places[pair] = nil
    for pair in changed { queue.insert(pair, count: counts[pair]!) }
  }

  /// Adds the pairs of a word to the counts.
  private mutating func note(_ word: Int) {
    let (ids, count) = words[word]
    for (left, right) in zip(ids, ids.dropFirst()) {
      counts[Pair(left, right), default: 0] += count
      places[Pair(left, right), default: []].insert(word)
    }
  }
}

/// Pairs with counts, the largest count first and of equal ones the smallest pair: a binary heap.
struct PairQueue {
  typealias Pair = BytePairTokenizer.Pair

  private var heap: [(pair: Pair, count: Int)] = []

  private func precedes(_ i: Int, _ j: Int) -> Bool {
    heap[i].count != heap[j].count ? heap[i].count > heap[j].count : heap[i].pair < heap[j].pair
  }

  mutating func insert(_ pair: Pair, count: Int) {
    heap.append((pair, count))
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> (pair: Pair, count: Int)? {
    guard let first = heap.first else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var top = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, top) {
        top = child
      }
      if top == parent { return first }
      heap.swapAt(top, parent)
      parent = top
    }
  }
}
