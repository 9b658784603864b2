// 8.1  A vocabulary, and texts as numbers                          (the book: chapter 8, section 8.1)
//
// A network reads numbers. Write both directions of the first step: which words have a number, and a text as numbers.
// Texts are already cut into words.
//
// `vocabulary(of:minimumCount:limit:)`: the words that occur at least `minimumCount` times in all texts together, the most
// frequent first; of equally frequent ones, the one that is smaller by `<` first. Of these, at most `limit` are kept.
//
// `encoded(_:vocabulary:length:)`: the words of one text as exactly `length` numbers. Number 0 is padding and number 1 the
// unknown word; the first word of the vocabulary has number 2, the next 3, and so on. A longer text is cut off at its end,
// a shorter one filled up at its end.
//
// For example, with the texts "not bad not bad at all" and "bad weather":
//
//     counts                     bad 3   not 2   all 1   at 1   weather 1
//     minimumCount 2, limit 9    bad not
//     minimumCount 1, limit 3    bad not all
//
//     "weather not bad" with the vocabulary "bad not" and length 5:      1 3 2 0 0
//
// Words are compared as they are: capital letters count. `length` is at least 1, and a word of a vocabulary is there once.

import Practice

/// The words that have a number of their own.
func vocabulary(of texts: [[String]], minimumCount: Int, limit: Int) throws -> [String] {
  // BEGIN SOLUTION
  var counts: [String: Int] = [:]
  for word in texts.flatMap({ $0 }) { counts[word, default: 0] += 1 }
  let known = counts.keys.filter { counts[$0]! >= minimumCount }
  let sorted = known.sorted { a, b in
    counts[a]! == counts[b]! ? a < b : counts[a]! > counts[b]!
  }
  return Array(sorted.prefix(limit))
  // END SOLUTION
}

/// The text as `length` numbers.
func encoded(_ words: [String], vocabulary: [String], length: Int) throws -> [Int] {
  // BEGIN SOLUTION
  var numbers: [Int] = []
  for word in words.prefix(length) {
    if let place = vocabulary.firstIndex(of: word) {
      numbers.append(place + 2)
    } else {
      numbers.append(1)
    }
  }
  while numbers.count < length { numbers.append(0) }
  return numbers
  // END SOLUTION
}
