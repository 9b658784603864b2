// 7.5  What the network got wrong                                  (the book: chapter 7, section 7.5)
//
// The accuracy is one number. Which digit is taken for which, and which mistakes the network is surest of, says more.
// Write the four steps from the network's probabilities to its worst mistakes.
//
//     y        probabilities     [N, C]; each row sums to 1
//     labels   what the N examples are, each from 0 to C − 1
//
//     guess of n       the class c with the largest y_nc; of equal ones the first
//     accuracy         the share of examples whose guess is their label, from 0 to 1
//     confusion        C rows of C whole numbers: row = label, column = guess, and how often that came
//     worst mistakes   the places n where the guess is wrong, the surest first: sorted by the probability of the
//                      guess, from large to small; of equally sure ones the lower n first
//
// For example, three examples of two classes, with the labels 0, 1, 0:
//
//     y =  0.9  0.1        guesses     0, 0, 1             confusion =  1 1      one 0 read right, one taken for a 1,
//          0.6  0.4        accuracy    1/3 = 0.33333                    1 0      the only 1 taken for a 0
//          0.2  0.8        worst       2 (with 0.8), then 1 (with 0.6)
//
// There is at least one example.

import Practice

/// For every row, the class with the largest probability.
func guesses(_ y: Tensor) throws -> [Int] {
  // BEGIN SOLUTION
  (0..<y.shape[0]).map { n in
    var best = 0
    for c in 1..<y.shape[1] where y[n, c] > y[n, best] { best = c }
    return best
  }
  // END SOLUTION
}

/// The share of examples whose guess is right.
func accuracy(labels: [Int], guesses: [Int]) throws -> Double {
  // BEGIN SOLUTION
  let right = labels.indices.filter { labels[$0] == guesses[$0] }.count
  return Double(right) / Double(labels.count)
  // END SOLUTION
}

/// How often each class (row) was taken for each (column).
func confusion(labels: [Int], guesses: [Int], classes: Int) throws -> [[Int]] {
  // BEGIN SOLUTION
  var counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
  for n in labels.indices { counts[labels[n]][guesses[n]] += 1 }
  return counts
  // END SOLUTION
}

/// The places of the examples that were guessed wrong, the surest first.
func worstMistakes(_ y: Tensor, labels: [Int]) throws -> [Int] {
  // BEGIN SOLUTION
  let found = try guesses(y)
  let wrong = labels.indices.filter { found[$0] != labels[$0] }
  return wrong.sorted { a, b in
    let (first, second) = (y[a, found[a]], y[b, found[b]])
    return first == second ? a < b : first > second
  }
  // END SOLUTION
}
