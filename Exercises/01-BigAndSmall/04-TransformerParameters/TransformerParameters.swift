// 1.4  Counting the parameters of a GPT                            (the book: chapter 1, section 1.2)
//
// A GPT is described by a handful of numbers, and they are enough to count its parameters. (What the parts do is told
// in chapter 10; here they are only counted.)
//
//     D   width        numbers for each token        V   vocabulary   different tokens
//     L   layers       blocks, all alike             T   context      the longest text, in tokens
//     F   hidden       width inside the perceptron   h   heads        parts that the attention is cut into
//
//     embeddings    a vector for each token, V D, and one for each position, T D
//     each block    attention:   four linear layers D → D (query, key, value, output), all with biases
//                   perceptron:  two linear layers, D → F and F → D, with biases
//                   two norms:   each has D gains and D biases
//     at the end    one norm more
//     the head      a linear layer D → V without biases; when it is tied, it uses the token vectors once more and
//                   has no parameters of its own
//
// The heads share the D numbers among themselves, D/h each, so however many they are, the count stays the same.
//
// For example, D = 2, L = 1, F = 8, V = 5, T = 3, h = 2, tied:
//
//     embeddings   5·2 + 3·2 = 16          attention    4·(2·2 + 2) = 24
//     perceptron   (2·8 + 8) + (8·2 + 2) = 42           norms   2·(2 + 2) = 8, and 4 at the end        together 94
//
// GPT-2 has D = 768, L = 12, F = 3072, V = 50257, T = 1024, h = 12, tied: 124 439 808 parameters.

import Practice

/// How many parameters a GPT of this description has.
func transformerParameters(
  layers: Int, width: Int, hidden: Int, heads: Int, vocabulary: Int, context: Int, isTied: Bool
) throws -> Int {
  // BEGIN SOLUTION
  func linear(_ inputs: Int, _ outputs: Int) -> Int { inputs * outputs + outputs }
  let norm = 2 * width
  let block = 4 * linear(width, width) + linear(width, hidden) + linear(hidden, width) + 2 * norm
  let embeddings = (vocabulary + context) * width
  return embeddings + layers * block + norm + (isTied ? 0 : width * vocabulary)
  // END SOLUTION
}
