// 6.8  What may come next                                          (the book: chapter 6, section 6.6)
//
// A network that reads strings of a grammar cannot know the next symbol, but it can know which symbols are possible. It
// has understood the grammar when these always have greater scores than all others.
//
// First function: the symbols that may come after a beginning of a string of the embedded Reber grammar, in the order
// B T P S X V E. After a whole string, none. The grammar is that of exercise 6.7:
//
//     0: B → 1      1: T → 2, P → 3      2: S → 2, X → 4      3: T → 3, V → 5      4: X → 3, S → 6
//     5: P → 4, V → 6      6: E ends     and around it  B T … T E  or  B P … P E
//
// Second function: whether every possible symbol has a greater score than every other symbol. Equal is not enough.
//
//     possible    the numbers of the possible symbols, from 0        scores    one for each symbol
//
// For example:
//
//     after "BP" comes "B";  after "BPBT" come "SX";  after "BPBPVVE" comes "P";  after "BPBPVVEPE" comes ""
//     possible 1 2, scores 0 3 2 1: right        scores 0 3 1 1: not, 1 is not greater than 1

import Practice

/// The symbols that may come after `beginning`, which is the beginning of a string of the grammar.
func possibleNext(after beginning: String) throws -> String {
  // BEGIN SOLUTION
  let ways: [[(Character, Int)]] = [
    [("B", 1)], [("T", 2), ("P", 3)], [("S", 2), ("X", 4)], [("T", 3), ("V", 5)], [("X", 3), ("S", 6)],
    [("P", 4), ("V", 6)], [("E", 7)],
  ]
  let symbols = Array(beginning)
  if symbols.count == 0 { return "B" }
  if symbols.count == 1 { return "TP" }
  var place = 0
  for (n, symbol) in symbols.enumerated().dropFirst(2) {
    if place == 7 { return n == symbols.count - 1 ? "E" : "" }
    place = ways[place].first { $0.0 == symbol }!.1
  }
  if place == 7 { return String(symbols[1]) }
  let possible = ways[place].map(\.0)
  return String("BTPSXVE".filter { possible.contains($0) })
  // END SOLUTION
}

/// Whether the possible symbols are the most active.
func areMostActive(_ possible: [Int], scores: [Float]) throws -> Bool {
  // BEGIN SOLUTION
  for (symbol, score) in scores.enumerated() where !possible.contains(symbol) {
    for p in possible where !(scores[p] > score) { return false }
  }
  return true
  // END SOLUTION
}
