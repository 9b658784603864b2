import Engine

/// Cross-correlation in one dimension: the window `w` slides along `x`, one place at a time.
///
///     yᵢ = Σ_a  w_a · x_{i+a},      i = 0 … N − K
///
/// - Parameters:
///   - x: `N` numbers.
///   - w: `K` numbers, `K ≤ N`.
/// - Returns: `N − K + 1` numbers.
/// - PyTorch: `torch.nn.functional.conv1d` with one channel.
/// - Book: section 2.1.
@inlinable
public func crossCorrelate<Scalar: FloatingPoint>(_ x: [Scalar], with w: [Scalar]) -> [Scalar] {
  precondition(
    !w.isEmpty && w.count <= x.count, "a window of \(w.count) does not fit into \(x.count) numbers")
  return (0...x.count - w.count).map { i in
    w.indices.reduce(0) { $0 + w[$1] * x[i + $1] }
  }
}

/// Cross-correlation in two dimensions, with all that a convolution layer knows.
///
///     yₙₒᵢⱼ = bₒ + Σ_c Σ_a Σ_b  w_ocab · xₙ,c,(i·stride + a·dilation − padding),(j·stride + b·dilation − padding)
///
/// Seven loops, as the formula has seven indices: image, filter, row, column; channel, and the window's row and column.
/// It is written over any floating-point type. In `Double` it is what the engine's fast kernels are held to.
///
/// - Parameters:
///   - x: `geometry.inputShape`, row by row.
///   - w: `geometry.weightShape`, row by row.
///   - bias: One number for each filter.
/// - Returns: `geometry.outputShape`, row by row.
/// - PyTorch: `torch.nn.functional.conv2d`.
/// - Book: section 2.5.
@inlinable
public func crossCorrelate2d<Scalar: FloatingPoint>(
  _ x: [Scalar], with w: [Scalar], bias: [Scalar]? = nil, _ geometry: ConvolutionGeometry
) -> [Scalar] {
  let g = geometry
  let (groupIn, groupOut) = (g.inChannels / g.groups, g.outChannels / g.groups)
  var y: [Scalar] = []
  y.reserveCapacity(g.outputShape.reduce(1, *))
  for n in 0..<g.batch {
    for o in 0..<g.outChannels {
      for i in 0..<g.outputHeight {
        for j in 0..<g.outputWidth {
          var sum = bias?[o] ?? 0
          for c in 0..<groupIn {
            let channel = o / groupOut * groupIn + c
            for a in 0..<g.kernel.height {
              let row = i * g.stride.height + a * g.dilation.height - g.padding.height
              guard row >= 0, row < g.height else { continue }  // outside the image there are zeros
              for b in 0..<g.kernel.width {
                let column = j * g.stride.width + b * g.dilation.width - g.padding.width
                guard column >= 0, column < g.width else { continue }
                let weight = w[((o * groupIn + c) * g.kernel.height + a) * g.kernel.width + b]
                sum += weight * x[((n * g.inChannels + channel) * g.height + row) * g.width + column]
              }
            }
          }
          y.append(sum)
        }
      }
    }
  }
  return y
}
