// 7.7  When to stop                                                (the book: chapter 7, section 7.7)
//
// While a network learns, the loss on the training part falls and falls. On the validation part it falls too, then it
// turns and grows again: from there on the network learns the training images by heart. The best weights are those of
// the epoch with the lowest validation loss. Nobody knows beforehand which that is, and the curve is not smooth; so one
// waits a while before one gives up. How many epochs one waits is called the patience.
//
// Given are the validation losses, epoch by epoch, as they would be if nobody stopped. Find out
//
//     best      the epoch whose weights are kept: the lowest loss up to the stop; of equally low ones the first
//     stopped   the epoch after which training stops: the first by which `patience` epochs in a row have brought no
//               loss below the lowest before them; or the last epoch, when that never happens
//
// Epochs are counted from 1. What comes after the stop is never known: it must not change the answer. A loss that is
// not a number (`isNaN`) is no improvement; as long as there was no other, epoch 1 counts as the best.
//
// For example, with patience 2:
//
//     epoch     1     2     3     4     5     6          epoch 2 is the lowest so far; 3 and 4 are not lower:
//     loss     0.9   0.5   0.6   0.5   0.2   0.1         best 2, stopped 4
//
// There is at least one epoch; patience is at least 1.

import Practice

/// The epoch whose weights are kept, and the epoch after which training stops.
func earlyStopping(_ losses: [Float], patience: Int) throws -> (best: Int, stopped: Int) {
  // BEGIN SOLUTION
  var lowest = Float.infinity
  var best = 1
  for (index, loss) in losses.enumerated() {
    if loss < lowest {
      lowest = loss
      best = index + 1
    } else if index + 1 - best >= patience {
      return (best, index + 1)
    }
  }
  return (best, losses.count)
  // END SOLUTION
}
