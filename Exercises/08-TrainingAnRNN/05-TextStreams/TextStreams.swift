// 8.5  A long text in streams                                      (the book: chapter 8, section 8.8)
//
// A long text is learned from in N streams side by side, T steps at a time. The text is cut into N pieces of equal length S,
// as long as possible; they are the rows. Batch b holds the columns b·T, b·T + 1, … of all rows, T of them, and the last
// batch what remains. At each place the network is to say what comes next in the text.
//
// A text of L numbers has L − 1 places with a next one, so S = (L − 1) / N, rounded down; what is left over at the end of the
// text is not used. For example, L = 9, N = 2, T = 3:
//
//     text      a b c d e f g h i          S = 8/2 = 4
//
//     batch 0   inputs  a b c   targets  b c d          batch 1   inputs  d   targets  e
//                       e f g            f g h                            h            i
//
// A row of batch 1 goes on where the same row of batch 0 has ended: that is why the network's memory may be carried from
// one to the next. Note the target of d: it is e, the first of the next row.
//
// L is greater than N, and b is a batch that there is.

import Practice

/// How many batches there are.
func batchCount(_ text: [Int], streams: Int, steps: Int) throws -> Int {
  // BEGIN SOLUTION
  let length = (text.count - 1) / streams
  return (length + steps - 1) / steps
  // END SOLUTION
}

/// The inputs and targets of batch `b`, row by row.
func textBatch(_ text: [Int], streams: Int, steps: Int, b: Int) throws -> (inputs: [[Int]], targets: [[Int]])
{
  // BEGIN SOLUTION
  let length = (text.count - 1) / streams
  var inputs: [[Int]] = []
  var targets: [[Int]] = []
  for n in 0..<streams {
    let columns = b * steps..<min(b * steps + steps, length)
    inputs.append(columns.map { text[n * length + $0] })
    targets.append(columns.map { text[n * length + $0 + 1] })
  }
  return (inputs, targets)
  // END SOLUTION
}
