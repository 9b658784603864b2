// 9.11  Find the faults: a map that misleads                       (the book: chapter 9, section 9.3)
//
// A reader of small digits explains itself by integrated gradients: which pixels argue for a class, and which against
// it? But when the pixels are erased that a map calls most important, the score of its class hardly falls, and often it
// rises. And the same image gets another map when other images are explained beside it.
//
// Two things in this file are wrong; the training is fine, and so is the sum over the steps. Check it as it is, look at
// the curve, and find both:
//
//     ./workbook check 9.11
//
//     images, labels     the digits to learn from    [M, 49], and M whole numbers from 0 to 9
//     batches            which of them each step sees
//     explained          other images                [U, 49]
//     classes            the class that each of their maps is to explain, not always the digit that the image shows
//
// With s_c the score of the class and a black image for baseline, the attribution of pixel p is
//
//     I_p = x_p · (1/m) Σ_i ∂s_c/∂x_p at α_i x          α_i = (i + ½)/m
//
// and the parts of a map add up to what they explain: Σ_p I_p = s_c(x) − s_c(0), but for the rounding of the sum over
// steps.
//
// For example, if class 3 has the score 1.5 for the black image and 7 for the image, its map adds up to 5.5.
//
// When you change one thing, check again before you change the next.

import Engine
import Practice

/// Two layers with dropout between them.
private final class Reader: Module {
  let hidden = Linear(inFeatures: 49, outFeatures: 48)
  let dropout = Dropout(0.5)
  let output = Linear(inFeatures: 48, outFeatures: 10)

  /// The scores of a batch of images.
  func callAsFunction(_ images: Variable) -> Variable { output(dropout(relu(hidden(images)))) }
}

/// Trains a reader, and explains its scores: the weights and biases of the hidden layer, the weights of the output layer, and
/// a map for each explained image, [U, 49].
func trainAndExplain(
  _ images: Tensor, labels: [Int], batches: [[Int]], explained: Tensor, classes: [Int]
) throws -> (hidden: Tensor, biases: Tensor, output: Tensor, maps: Tensor) {
  return withRandomSource(RandomSource(seed: 911)) {
    let reader = Reader()
    let optimizer = Adam(reader.parameters, learningRate: 0.01)
    for batch in batches {
      let loss = crossEntropy(reader(Variable(images.rows(batch))), IntTensor(batch.map { labels[$0] }))
      optimizer.clearGradients()
      loss.backward()
      optimizer.step()
    }

    // BEGIN SOLUTION
    reader.evaluate()
    // INSTEAD
    // END SOLUTION
    let steps = 32
    var sum = Tensor.zeros(explained.shape)
    for i in 0..<steps {
      let points = Variable(explained * ((Float(i) + 0.5) / Float(steps)), requiresGradient: true)
      let scores = reader(points)
      // BEGIN SOLUTION
      let asked = (scores * Variable(IntTensor(classes).oneHot(classes: 10))).sum()
      // INSTEAD
      // let asked = crossEntropy(scores, IntTensor(classes))
      // END SOLUTION
      asked.backward()
      sum += points.gradient!
    }
    let maps = explained * sum / Float(steps)
    return (reader.hidden.weight.value, reader.hidden.bias!.value, reader.output.weight.value, maps)
  }
}
