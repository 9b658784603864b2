// 1.3  Counting the operations of a layer                          (the book: chapter 1, section 1.3)
//
// How much work is a layer? Count its multiplications and additions: each is one floating-point operation, a FLOP. A
// sum of products takes for each weight one multiplication and one addition, so 2 FLOP. What is small beside that, the
// biases and the functions between the layers, is left out, as is usual.
//
//     linear         FLOP = 2 N D_in D_out                            N   examples at once
//
//     convolution    FLOP = 2 N H W C_out C_in K_H K_W                H, W   height and width of the result
//
// A convolution has few weights, but it uses all of them again at every place of its result: that is the factor H W.
//
// For example, a linear layer 3 → 2 and a batch of 4:    2·4·3·2 = 48 FLOP
//
// and a convolution of 1 image with 3 channels, 2 filters with a window of 3×4, and a result of 5×6:
//
//     one number of the result takes 3·3·4 = 36 multiplications and as many additions: 72 FLOP
//     there are 2 channels of 5·6 numbers, so 60 of them: 60·72 = 4320 FLOP

import Practice

/// The work of a linear layer.
func linearFLOPs(batch: Int, inputs: Int, outputs: Int) throws -> Int {
  // BEGIN SOLUTION
  return 2 * batch * inputs * outputs
  // END SOLUTION
}

/// The work of a convolution layer; `height` and `width` are those of its result.
func convolutionFLOPs(
  batch: Int, height: Int, width: Int, channelsIn: Int, channelsOut: Int, kernelHeight: Int, kernelWidth: Int
) throws -> Int {
  // BEGIN SOLUTION
  let numbers = batch * height * width * channelsOut
  return numbers * 2 * channelsIn * kernelHeight * kernelWidth
  // END SOLUTION
}
