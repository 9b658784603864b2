// 7.10  Find the faults: it gets worse again                        (the book: chapter 7, section 7.3)
//
// A reader of small digits with dropout, trained by gradient descent, and tested after every epoch on digits that it
// never saw. The first epochs look fine. Then the loss climbs, and the test jumps up and down; and when somebody ran
// the test twice on the same images, it gave two results.
//
// Two things are wrong, and neither is a wrong line: each is a line that is missing. Check the program as it is, look at
// the curves, and find out what is not there:
//
//     ./workbook check 7.10
//
//     x              the images                            [M, 49]    digits of 7 × 7 pixels, from 0 to 1
//     labels         what digits they are                  M whole numbers from 0 to 9
//     epochs         for each epoch its batches            lists of lists of places in x
//     dropout        the probability that a number is set to 0 in training
//     unseen         other images                          [U, 49]
//
// What a right program does, batch after batch:
//
//     g = ∂L/∂W       of this batch alone
//     W ← W − η g
//
// and before it reads what it never saw, it leaves the mode in which dropout drops. For example, with two batches whose
// gradients are 1 and 3, η = 0.1 and W = 2: after the first step W = 1.9, after the second W = 1.6.

import Engine
import Practice

/// Two layers with dropout between them.
private final class Reader: Module {
  let hidden = Linear(inFeatures: 49, outFeatures: 64)
  let dropout: Dropout
  let output = Linear(inFeatures: 64, outFeatures: 10)

  init(dropout probability: Float) { dropout = Dropout(probability) }

  /// The scores of a batch of images.
  func callAsFunction(_ images: Variable) -> Variable { output(dropout(relu(hidden(images)))) }
}

/// Trains a reader: the loss of every step, and after every epoch what it reads in the unseen images.
func trainWithDropout(
  _ x: Tensor, labels: [Int], epochs: [[[Int]]], learningRate: Double, dropout: Float, unseen: Tensor
) throws -> (losses: [Float], readings: [[Int]]) {
  return withRandomSource(RandomSource(seed: 710)) {
    let reader = Reader(dropout: dropout)
    let optimizer = SGD(reader.parameters, learningRate: learningRate)
    var losses: [Float] = []
    var readings: [[Int]] = []
    for batches in epochs {
      // BEGIN SOLUTION
      reader.train()
      // INSTEAD
      // END SOLUTION
      for batch in batches {
        let targets = IntTensor(batch.map { labels[$0] }, shape: [batch.count])
        let loss = crossEntropy(reader(Variable(x.rows(batch))), targets)
        // BEGIN SOLUTION
        optimizer.clearGradients()
        // INSTEAD
        // END SOLUTION
        loss.backward()
        optimizer.step()
        losses.append(loss.value.scalar)
      }
      // BEGIN SOLUTION
      reader.evaluate()
      // INSTEAD
      // END SOLUTION
      let scores = withoutGradients { reader(Variable(unseen)).value }
      readings.append(scores.argmax(axis: 1).scalars)
    }
    return (losses, readings)
  }
}
