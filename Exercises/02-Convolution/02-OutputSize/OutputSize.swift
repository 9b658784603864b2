// 2.2  How large is the result?                                    (the book: chapter 2, section 2.4)
//
// Before a layer can be built, one must know how many numbers come out of it. Three choices change that:
//
//     padding   p   zeros put in front of the input, and as many behind it
//     stride    s   how far the kernel moves from one place to the next
//     dilation  d   how far apart the kernel's weights lie: with d = 2, every second number is left out
//
// A kernel of k weights then spans d (k − 1) + 1 numbers, and the result has
//
//     m = ⌊ (n + 2p − d (k − 1) − 1) / s ⌋ + 1
//
// numbers; ⌊ ⌋ rounds down. Where the kernel does not fit onto the padded input at all, the result has 0 numbers.
//
// For example, n = 7 numbers, a kernel of k = 3, stride 2, padding 1, dilation 1:
//
//     ⌊ (7 + 2·1 − 1·(3 − 1) − 1) / 2 ⌋ + 1  =  ⌊ 6 / 2 ⌋ + 1  =  4
//
// and without padding and stride, n = 2 numbers and a kernel of k = 4 give 0.

import Practice

/// How many numbers come out when a kernel of `k` weights slides over `n` numbers.
func outputSize(input n: Int, kernel k: Int, stride s: Int, padding p: Int, dilation d: Int) throws -> Int {
  // BEGIN SOLUTION
  let span = d * (k - 1) + 1
  let padded = n + 2 * p
  return padded < span ? 0 : (padded - span) / s + 1
  // END SOLUTION
}
