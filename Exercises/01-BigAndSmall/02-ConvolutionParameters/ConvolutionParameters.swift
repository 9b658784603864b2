// 1.2  Counting the parameters of a convolution                    (the book: chapter 1, section 1.2)
//
// A convolution layer looks at an image through small windows. An image has channels, such as red, green and blue; what
// comes out has channels too, one for each thing that the layer looks for. For each channel that comes out, the layer
// has one filter: a weight for every place of the window in every channel that goes in. And, if it has biases, one
// number more that is added to all of that channel.
//
//     W   the weights   [C_out, C_in, K_H, K_W]        K_H, K_W   height and width of the window
//     b   the biases    [C_out]
//
//     P = C_out C_in K_H K_W + C_out
//
// For example, 3 channels in, 2 out, a window 2 high and 4 wide, with biases:
//
//     one filter has 3·2·4 = 24 weights;  two filters 48;  with 2 biases  P = 50
//
// The size of the image does not matter: the same filters are used at every place of it. That is why a convolution has
// so few parameters.

import Practice

/// How many parameters a convolution layer has.
func convolutionParameters(
  channelsIn: Int, channelsOut: Int, kernelHeight: Int, kernelWidth: Int, hasBias: Bool
) throws -> Int {
  // BEGIN SOLUTION
  let filter = channelsIn * kernelHeight * kernelWidth
  return channelsOut * (hasBias ? filter + 1 : filter)
  // END SOLUTION
}
