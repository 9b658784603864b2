// 7.1  Batches in a shuffled order                                 (the book: chapter 7, section 7.3)
//
// One pass over all examples is an epoch. It visits them in a new order each time, and a few at a time: a batch. Write
// both: the order, and its cutting.
//
// To shuffle n examples, begin with the order 0, 1, …, n − 1. Go through its places from the last to the second,
// i = n − 1, n − 2, …, 1. For each, draw a number r from 0 to i, and exchange what stands at the places i and r. This
// is the Fisher–Yates shuffle; every order is as likely as every other. The drawn numbers are given, n − 1 of them, in
// the order in which they are needed: the first belongs to i = n − 1, the last to i = 1.
//
// For example, n = 5 and the draws 1, 3, 0, 1:
//
//     i = 4, r = 1      0 1 2 3 4   becomes   0 4 2 3 1
//     i = 3, r = 3      stays
//     i = 2, r = 0                  becomes   2 4 0 3 1
//     i = 1, r = 1      stays
//
// Batches are cut from the order as it stands: the first `size` examples, then the next `size`. When the examples run
// out, the last batch is smaller; no example is left out, and no batch is empty.
//
//     2 4 0 3 1  in batches of 2:      [2, 4]  [0, 3]  [1]
//
// There is at least one example, and a batch has room for at least one.

import Practice

/// The numbers from 0 to `count` − 1 in the order that the draws give.
func shuffledOrder(of count: Int, draws: [Int]) throws -> [Int] {
  // BEGIN SOLUTION
  var order = Array(0..<count)
  var i = count - 1
  for r in draws {
    order.swapAt(i, r)
    i -= 1
  }
  return order
  // END SOLUTION
}

/// The order, cut into batches.
func batches(of order: [Int], size: Int) throws -> [[Int]] {
  // BEGIN SOLUTION
  stride(from: 0, to: order.count, by: size).map { start in
    Array(order[start..<min(start + size, order.count)])
  }
  // END SOLUTION
}
