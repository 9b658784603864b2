// 6.7  Strings of the embedded Reber grammar                       (the book: chapter 6, section 6.6)
//
// The simple Reber grammar is a walk over numbered places. Each way writes a symbol and leads to a place:
//
//     place    first way    second way
//       0        B → 1
//       1        T → 2        P → 3
//       2        S → 2        X → 4
//       3        T → 3        V → 5
//       4        X → 3        S → 6
//       5        P → 4        V → 6
//       6        E, and the string ends
//
// A string of the embedded grammar is  B, T or P, a whole string of the simple grammar, the same T or P again, E.
//
// Where there are two ways, the next of the given choices decides: 0 the first way, 1 the second. The first choice is
// between T (0) and P (1) of the embedded grammar. There are always enough choices; what is left over is not used.
//
// For example:
//
//     choices 0 1 1 1        B T  B P V V E  T E        0: T;  1: P, to place 3;  1: V, to place 5;  1: V, to place 6
//     choices 1 0 0 1 1      B P  B T S X S E  P E

import Practice

/// The string that the choices lead to.
func embeddedReber(_ choices: [Int]) throws -> String {
  // BEGIN SOLUTION
  let ways: [[(Character, Int)]] = [
    [("B", 1)], [("T", 2), ("P", 3)], [("S", 2), ("X", 4)], [("T", 3), ("V", 5)], [("X", 3), ("S", 6)],
    [("P", 4), ("V", 6)], [("E", 7)],
  ]
  var left = choices[...]
  let outer = left.removeFirst() == 0 ? "T" : "P"
  var (inner, place) = ("", 0)
  while place < 7 {
    let (symbol, next) = ways[place][ways[place].count == 1 ? 0 : left.removeFirst()]
    inner.append(symbol)
    place = next
  }
  return "B" + outer + inner + outer + "E"
  // END SOLUTION
}
