// 8.6  What counting pairs reaches                                 (the book: chapter 8, section 8.8)
//
// Before a network is praised for its loss, one should know what counting reaches. Count how often each character follows
// each other one in the training text; the probability of c after a is then
//
//     P(c | a) = (count(a, c) + α) / (count(a) + α V)
//
// count(a, c) is how often c comes directly after a, and count(a) how often anything comes after a: the last character of the
// text has nothing after it. V is the number of different characters, and α > 0 keeps what was never seen from being impossible.
// The loss of another text is the mean of −ln P over its characters from the second on, each given the one before it, in nats a
// character; and the perplexity is exp(loss), so many equally likely characters would be as hard to tell.
//
// For example, the training text 0 1 0 1 1, V = 2, α = 1:
//
//     count(0, 1) = 2   count(0) = 2      P(1 | 0) = (2 + 1)/(2 + 2) = 3/4
//     count(1, 0) = 1   count(1, 1) = 1   P(0 | 1) = (1 + 1)/(2 + 2) = 1/2
//
//     text 0 1 0:   loss = (−ln 3/4 − ln 1/2)/2 = 0.49041      perplexity = 1.63299
//
// Characters are numbers from 0 to V − 1; both texts have at least two.

import Foundation
import Practice

/// The loss of `text`, in nats a character, and its perplexity.
func bigramLoss(
  training: [Int], text: [Int], vocabularySize V: Int, alpha: Double
) throws -> (loss: Double, perplexity: Double) {
  // BEGIN SOLUTION
  var pairs = [Double](repeating: 0, count: V * V)
  var firsts = [Double](repeating: 0, count: V)
  for (a, c) in zip(training, training.dropFirst()) {
    pairs[a * V + c] += 1
    firsts[a] += 1
  }
  var sum = 0.0
  for (a, c) in zip(text, text.dropFirst()) {
    sum -= log((pairs[a * V + c] + alpha) / (firsts[a] + alpha * Double(V)))
  }
  let loss = sum / Double(text.count - 1)
  return (loss, exp(loss))
  // END SOLUTION
}
