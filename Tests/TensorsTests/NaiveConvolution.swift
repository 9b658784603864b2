import Tensors
import Testing

/// The convolution as its definition says, over any floating-point type: what the fast ones are held to.
struct NaiveConvolution<T: BinaryFloatingPoint> {
  let g: ConvolutionGeometry
  let x: [T]
  let w: [T]

  init(_ g: ConvolutionGeometry, _ x: Tensor, _ w: Tensor) {
    self.g = g
    self.x = x.scalars.map { T($0) }
    self.w = w.scalars.map { T($0) }
  }

  /// Visits every product: where it stands in the output, in the input and in the filters.
  func forEachProduct(_ body: (_ y: Int, _ x: Int, _ w: Int) -> Void) {
    let (inGroup, outGroup) = (g.inChannels / g.groups, g.outChannels / g.groups)
    for n in 0..<g.batch {
      for o in 0..<g.outChannels {
        for i in 0..<g.outputHeight {
          for j in 0..<g.outputWidth {
            let y = ((n * g.outChannels + o) * g.outputHeight + i) * g.outputWidth + j
            for c in 0..<inGroup {
              let map = n * g.inChannels + o / outGroup * inGroup + c
              for a in 0..<g.kernel.height {
                for b in 0..<g.kernel.width {
                  let row = i * g.stride.height + a * g.dilation.height - g.padding.height
                  let column = j * g.stride.width + b * g.dilation.width - g.padding.width
                  guard row >= 0, row < g.height, column >= 0, column < g.width else { continue }
                  body(
                    y, (map * g.height + row) * g.width + column,
                    ((o * inGroup + c) * g.kernel.height + a) * g.kernel.width + b)
                }
              }
            }
          }
        }
      }
    }
  }

  func forward(_ bias: Tensor?) -> [T] {
    let places = g.outputHeight * g.outputWidth
    var y = (0..<g.outputShape.reduce(1, *)).map { T(bias?.scalars[$0 / places % g.outChannels] ?? 0) }
    y.withUnsafeMutableBufferPointer { y in forEachProduct { y[$0] += x[$1] * w[$2] } }
    return y
  }

  func backward(_ dy: [T]) -> (dx: [T], dw: [T], db: [T]) {
    var dx = [T](repeating: 0, count: x.count)
    var dw = [T](repeating: 0, count: w.count)
    var db = [T](repeating: 0, count: g.outChannels)
    dx.withUnsafeMutableBufferPointer { dx in
      dw.withUnsafeMutableBufferPointer { dw in
        forEachProduct {
          dx[$1] += dy[$0] * w[$2]
          dw[$2] += dy[$0] * x[$1]
        }
      }
    }
    let places = g.outputHeight * g.outputWidth
    for i in dy.indices { db[i / places % g.outChannels] += dy[i] }
    return (dx, dw, db)
  }
}

/// The largest error of `a`, as a part of the largest number of `exact` if that is not 0.
func error<T: BinaryFloatingPoint>(_ a: [T], _ exact: [Double]) -> Double {
  #expect(a.count == exact.count)
  var worst = 0.0
  for (a, b) in zip(a, exact) {
    let difference = abs(Double(a) - b)
    if !(difference <= worst) { worst = difference }  // a NaN too
  }
  let largest = exact.map { abs($0) }.max() ?? 0
  return largest == 0 ? worst : worst / largest
}

/// Holds a method to the definition, forward with and without a bias, and backward; gives its gradients.
@discardableResult
func expectTheDefinition(
  _ g: ConvolutionGeometry, by method: ConvolutionMethod, sourceLocation: SourceLocation = #_sourceLocation
) -> (dx: Tensor?, dw: Tensor?, db: Tensor?) {
  let (x, w, b) = (random(g.inputShape, 1), random(g.weightShape, 2), random([g.outChannels], 3))
  let dy = random(g.outputShape, 4)
  let exact = NaiveConvolution<Double>(g, x, w)
  let gradients = exact.backward(dy.scalars.map { Double($0) })
  return ConvolutionMethod.$forced.withValue(method) {
    let d = convolveBackward(
      g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
    for (fast, exact) in [
      (convolve(g, x, w, b), exact.forward(b)), (convolve(g, x, w, nil), exact.forward(nil)),
      (d.dx!, gradients.dx), (d.dw!, gradients.dw), (d.db!, gradients.db),
    ] { #expect(error(fast.scalars, exact) <= 1e-6, sourceLocation: sourceLocation) }
    return d
  }
}

func random(_ shape: [Int], _ stream: UInt64) -> Tensor {
  var state = stream &* 0x9E37_79B9_7F4A_7C15 | 1
  return Tensor(
    (0..<shape.reduce(1, *)).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
    }, shape: shape)
}
