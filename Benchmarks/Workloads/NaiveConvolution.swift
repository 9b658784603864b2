import Chapter02Convolution
import Engine

// The formulas as they are written, one number at a time and summed in their order, over any floating-point type: in
// Double what is exact, in Float what a plain program's rounding comes to.

/// A convolution, and its gradients at the input, the filters and the bias.
func naiveConvolution<S: BinaryFloatingPoint>(
  _ g: ConvolutionGeometry, x: [S], w: [S], bias: [S], dy: [S]
) -> [[S]] {
  let y = crossCorrelate2d(x, with: w, bias: bias, g)
  let (groupIn, groupOut) = (g.inChannels / g.groups, g.outChannels / g.groups)
  var dx = [S](repeating: 0, count: x.count)
  var dw = [S](repeating: 0, count: w.count)
  var db = [S](repeating: 0, count: bias.count)
  var at = 0
  for n in 0..<g.batch {
    for o in 0..<g.outChannels {
      for i in 0..<g.outputHeight {
        for j in 0..<g.outputWidth {
          let up = dy[at]
          at += 1
          db[o] += up
          for c in 0..<groupIn {
            let map = (n * g.inChannels + o / groupOut * groupIn + c) * g.height
            for a in 0..<g.kernel.height {
              let row = i * g.stride.height + a * g.dilation.height - g.padding.height
              guard row >= 0, row < g.height else { continue }
              for b in 0..<g.kernel.width {
                let column = j * g.stride.width + b * g.dilation.width - g.padding.width
                guard column >= 0, column < g.width else { continue }
                let tap = ((o * groupIn + c) * g.kernel.height + a) * g.kernel.width + b
                let place = (map + row) * g.width + column
                dx[place] += up * w[tap]
                dw[tap] += up * x[place]
              }
            }
          }
        }
      }
    }
  }
  return [y, dx, dw, db]
}
