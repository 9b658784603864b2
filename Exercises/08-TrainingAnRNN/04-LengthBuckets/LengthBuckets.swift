// 8.4  Batches of similar length                                   (the book: chapter 8, section 8.7)
//
// In a batch of texts in random order, one long text makes all others wait: they are padded to its length. So texts of similar
// length are put together, without losing the chance of the order altogether. The order is shuffled already; then
//
//     1. the order is cut into pools of `batchesPerPool` batches' worth of texts; the last pool has what remains
//     2. each pool is sorted by length, the shortest first; texts of equal length stay in the order that they have
//     3. each pool is cut into batches of `size` texts; the last batch of a pool may be smaller
//
// For example, texts with the lengths below in the order 3, 0, 4, 1, 2, two texts a batch and two batches a pool:
//
//     text       0   1   2   3   4          first pool     3 0 4 1     sorted     0 4 3 1   (0 and 4 are both 5 long,
//     length     5   9   2   6   5          second pool    2           sorted     2          and 0 came before 4)
//
//     batches    [0, 4]  [3, 1]  [2]
//
// Write the batches, and the number of places in them that are padding when each is as wide as its longest text: here
// 0 + 3 + 0 = 3.

import Practice

/// The texts of each batch.
func buckets(_ order: [Int], lengths: [Int], size: Int, batchesPerPool: Int) throws -> [[Int]] {
  // BEGIN SOLUTION
  var batches: [[Int]] = []
  for start in stride(from: 0, to: order.count, by: size * batchesPerPool) {
    let pool = order[start..<min(start + size * batchesPerPool, order.count)]
    let places = Array(pool).enumerated().sorted { a, b in
      (lengths[a.element], a.offset) < (lengths[b.element], b.offset)
    }
    let sorted = places.map(\.element)
    for first in stride(from: 0, to: sorted.count, by: size) {
      batches.append(Array(sorted[first..<min(first + size, sorted.count)]))
    }
  }
  return batches
  // END SOLUTION
}

/// How many places are padding.
func paddingCount(_ batches: [[Int]], lengths: [Int]) throws -> Int {
  // BEGIN SOLUTION
  batches.reduce(0) { sum, batch in
    let own = batch.map { lengths[$0] }
    return sum + own.count * own.max()! - own.reduce(0, +)
  }
  // END SOLUTION
}
