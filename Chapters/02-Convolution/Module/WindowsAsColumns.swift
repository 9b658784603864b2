import Engine

/// All windows of one image, and of one group of its channels, as the columns of a matrix ("im2col").
///
///     X[(c K_H + a) K_W + b,  i M_W + j] = x[c, i s + a d − p, j s + b d − p]
///
/// A row for each weight of a filter, in the filter's own order; a column for each of the `M_H · M_W` places. Zeros lie
/// outside the image.
///
/// - Parameters:
///   - x: `geometry.inputShape`, row by row.
///   - n: Which image of the batch.
///   - group: Which of the groups of channels.
/// - Returns: `[C / groups · K_H · K_W, M_H · M_W]`, row by row.
/// - PyTorch: `torch.nn.functional.unfold`, for one image.
/// - Book: section 2.6.
@inlinable
public func windowColumns<Scalar: FloatingPoint>(
  _ x: [Scalar], image n: Int = 0, group: Int = 0, _ geometry: ConvolutionGeometry
) -> [Scalar] {
  let g = geometry
  let channels = g.inChannels / g.groups
  let (vertical, horizontal) = (g.vertical, g.horizontal)
  var matrix: [Scalar] = []
  matrix.reserveCapacity(channels * g.kernel.height * g.kernel.width * g.outputHeight * g.outputWidth)
  for c in 0..<channels {
    let map = (n * g.inChannels + group * channels + c) * g.height * g.width
    for a in 0..<g.kernel.height {
      for b in 0..<g.kernel.width {
        for i in 0..<g.outputHeight {
          let row = vertical.pixel(under: a, at: i)
          for j in 0..<g.outputWidth {
            let column = horizontal.pixel(under: b, at: j)
            let isInside = row >= 0 && row < g.height && column >= 0 && column < g.width
            matrix.append(isInside ? x[map + row * g.width + column] : 0)
          }
        }
      }
    }
  }
  return matrix
}

extension ConvolutionGeometry {
  /// The window's two axes.
  @inlinable
  public var vertical: SlidingWindow {
    SlidingWindow(
      kernel.height, stride: stride.height, padding: padding.height, dilation: dilation.height)
  }
  @inlinable
  public var horizontal: SlidingWindow {
    SlidingWindow(kernel.width, stride: stride.width, padding: padding.width, dilation: dilation.width)
  }
}

/// The convolution of a batch as one product of matrices for each image and group: `Y = W X`.
///
/// `W` has a row for each filter: its weights as they lie in memory.
///
/// - Parameters:
///   - x: `geometry.inputShape`.
///   - weight: `geometry.weightShape`.
/// - Returns: `geometry.outputShape`.
/// - Book: section 2.6.
public func convolveByColumns(_ x: Tensor, with weight: Tensor, _ geometry: ConvolutionGeometry) -> Tensor {
  let g = geometry
  let filters = weight.reshaped([g.groups, g.outChannels / g.groups, -1])
  let xs = x.scalars
  var y: [Float] = []
  y.reserveCapacity(g.outputShape.reduce(1, *))
  for n in 0..<g.batch {
    for group in 0..<g.groups {
      let W = filters.row(group)
      let X = Tensor(
        windowColumns(xs, image: n, group: group, g), shape: [W.shape[1], g.outputHeight * g.outputWidth])
      y += matmul(W, X).scalars
    }
  }
  return Tensor(y, shape: g.outputShape)
}
