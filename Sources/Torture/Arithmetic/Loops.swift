import Tensors

/// The formulas as they are written, over any floating-point type: in Double what is exact, in Float what a plain program's
/// rounding comes to, and of absolute values the size of the sums that rounding is measured by.
enum Loops {
  /// `y = x wᵀ`, with `dx = dy w` and `dw = dyᵀ x`.
  static func linear<S: BinaryFloatingPoint>(_ n: Int, _ d: Int, _ o: Int, x: [S], w: [S], dy: [S]) -> [[S]] {
    var (y, dx, dw) = (
      [S](repeating: 0, count: n * o), [S](repeating: 0, count: n * d), [S](repeating: 0, count: o * d)
    )
    for i in 0..<n {
      for k in 0..<o {
        var sum: S = 0
        for j in 0..<d {
          sum += x[i * d + j] * w[k * d + j]
          dx[i * d + j] += dy[i * o + k] * w[k * d + j]
          dw[k * d + j] += dy[i * o + k] * x[i * d + j]
        }
        y[i * o + k] = sum
      }
    }
    return [y, dx, dw]
  }

  /// A convolution, and its gradients at the input and the filters.
  static func convolution<S: BinaryFloatingPoint>(_ g: ConvolutionGeometry, x: [S], w: [S], dy: [S]) -> [[S]]
  {
    let (groupIn, groupOut) = (g.inChannels / g.groups, g.outChannels / g.groups)
    var y = [S](repeating: 0, count: dy.count)
    var (dx, dw) = ([S](repeating: 0, count: x.count), [S](repeating: 0, count: w.count))
    var at = 0
    for n in 0..<g.batch {
      for o in 0..<g.outChannels {
        for i in 0..<g.outputHeight {
          for j in 0..<g.outputWidth {
            for c in 0..<groupIn {
              let map = (n * g.inChannels + o / groupOut * groupIn + c) * g.height
              for a in 0..<g.kernel.height {
                let row = i * g.stride.height + a - g.padding.height
                guard row >= 0, row < g.height else { continue }
                for b in 0..<g.kernel.width {
                  let column = j * g.stride.width + b - g.padding.width
                  guard column >= 0, column < g.width else { continue }
                  let tap = ((o * groupIn + c) * g.kernel.height + a) * g.kernel.width + b
                  let place = (map + row) * g.width + column
                  y[at] += w[tap] * x[place]
                  dx[place] += dy[at] * w[tap]
                  dw[tap] += dy[at] * x[place]
                }
              }
            }
            at += 1
          }
        }
      }
    }
    return [y, dx, dw]
  }
}
