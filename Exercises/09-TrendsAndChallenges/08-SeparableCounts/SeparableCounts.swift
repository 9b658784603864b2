// 9.8  What a separable convolution saves                          (the book: chapter 9, section 9.8)
//
// A full convolution looks at a window of all channels at once. A depthwise-separable one does that in two steps: first
// every channel is filtered by itself (depthwise), then a 1 × 1 convolution mixes the channels (pointwise). With a
// multiplier m the first step makes m maps of every channel, each with a window of its own, and the second step has
// them all as its input.
//
// Count the parameters of both, with one bias for every map that a convolution makes, and the multiplications for one
// image. Adding a bias is no multiplication. Both steps are counted. The stride s and the padding p, on all four sides,
// belong to the depthwise step; the pointwise step works on what it has made, place by place:
//
//     H' = (H + 2p − K_H)/s + 1        W' = (W + 2p − K_W)/s + 1        divisions rounded down
//
// One number of a result takes one multiplication for every weight that it depends on.
//
// For example, 3 → 5 channels, a window of 2 × 3, m = 2:
//
//     full         5 maps with 3·2·3 weights and a bias                   5·(18 + 1) = 95 parameters
//     separable    3·2 = 6 maps with 2·3 weights and a bias, then         6·(6 + 1)
//                  5 maps with 6 weights and a bias                       + 5·(6 + 1) = 77
//
// On an image of 5 × 8 with stride 2 and padding 1, H' = 3 and W' = 4:
//
//     full 12·5·18 = 1080 multiplications          separable 12·6·6 + 12·5·6 = 792

import Practice

/// The parameters of the full convolution and of the separable one.
func parameterCounts(
  channelsIn: Int, channelsOut: Int, kernelHeight: Int, kernelWidth: Int, multiplier: Int
) throws -> (full: Int, separable: Int) {
  // BEGIN SOLUTION
  let window = kernelHeight * kernelWidth
  let between = channelsIn * multiplier
  return (
    channelsOut * (channelsIn * window + 1), between * (window + 1) + channelsOut * (between + 1)
  )
  // END SOLUTION
}

/// The multiplications of both for one image of `height` × `width`.
func multiplicationCounts(
  height: Int, width: Int, channelsIn: Int, channelsOut: Int, kernelHeight: Int, kernelWidth: Int,
  stride: Int, padding: Int, multiplier: Int
) throws -> (full: Int, separable: Int) {
  // BEGIN SOLUTION
  let rows = (height + 2 * padding - kernelHeight) / stride + 1
  let columns = (width + 2 * padding - kernelWidth) / stride + 1
  let window = kernelHeight * kernelWidth
  let between = channelsIn * multiplier
  return (
    rows * columns * channelsOut * channelsIn * window, rows * columns * between * (window + channelsOut)
  )
  // END SOLUTION
}
