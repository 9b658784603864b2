// 12.9  Find the fault: more seen, worse read                      (the book: chapter 12, section 12.4)
//
// A small network learns to read digits. Then what goes into its second layer is rounded to eight bits, with a step that is measured
// beforehand: some batches are shown, and the range of what goes in is watched. Measured on two batches the rounded network reads as
// well as the one in floats. Measured on 120 it has forgotten half of what it knew, although more images cannot say less.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 12.9
//
//     images, labels   digits of 7×7 pixels, [N, 49], to learn from
//     batches          which images each step sees
//     watched          which images each batch of the calibration shows
//     unseen           other digits
//
// For example, a number 3 among others from 0 to 5.1 has the step 5.1/255 = 0.02, and becomes 150. If the range is taken for
// 0 to 102, the step is 0.4: 3 becomes 8, and what lies below 0.2 is gone.
//
// Mend as little as you can. The data, the sizes, the seed, the rate and the number of bits stay as they are.

import Engine
import Practice

final class SmallReader: Module {
  let linear1 = Linear(inFeatures: 49, outFeatures: 32)
  let linear2 = Linear(inFeatures: 32, outFeatures: 10)

  /// What goes into the second layer, `[N, 32]`.
  func hidden(_ x: Variable) -> Variable { relu(linear1(x)) }
}

/// The step of the grid from 0 to 255 that is measured on the batches, and what the rounded network takes unseen digits for.
func roundedReader(
  _ images: Tensor, labels: [Int], batches: [[Int]], watched: [[Int]], unseen: Tensor
) throws -> (step: Float, guesses: [Int]) {
  let reader = withRandomSource(RandomSource(seed: 1209)) { SmallReader() }
  let optimizer = Adam(reader.parameters, learningRate: 0.01)
  for batch in batches {
    let x = Variable(images.selecting(batch, axis: 0))
    let loss = crossEntropy(reader.linear2(reader.hidden(x)), IntTensor(batch.map { labels[$0] }))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
  }

  return withoutGradients {
    // The range of what goes into the second layer, from 0 on: ReLU leaves nothing below.
    var most: Float = 0
    for batch in watched {
      let h = reader.hidden(Variable(images.selecting(batch, axis: 0))).value
      // BEGIN SOLUTION
      most = max(most, h.extremes().max)
      // INSTEAD
      // most += h.extremes().max
      // END SOLUTION
    }
    let grid = Quantization(scales: [most / 255], zeroPoints: [0], range: 0...255)
    let h = QuantizedTensor(reader.hidden(Variable(unseen)).value, grid).dequantized()
    return (grid.scales[0], reader.linear2(Variable(h)).value.argmax().scalars)
  }
}
