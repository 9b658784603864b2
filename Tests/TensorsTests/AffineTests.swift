import Testing

@testable import Tensors

/// A linear layer and what follows it in one pass, held to the same done one after the other. The sizes lie on both
/// sides of what is worth a pass of its own, and do not divide evenly.
@Suite struct AffineTests {
  struct Layer {
    let x: Tensor
    let weight: Tensor
    let bias: Tensor
    let other: Tensor
    let slope: Tensor

    init(_ rows: Int, _ outputs: Int, _ inputs: Int) {
      x = random([rows, inputs], 1)
      weight = random([outputs, inputs], 2)
      bias = random([outputs], 3)
      other = random([rows, outputs], 4)
      slope = random([rows, outputs], 5)
    }

    var alone: Tensor {
      var y = matmul(x, weight, transposeB: true)
      y.addToRows(bias)
      return y
    }
  }

  static let sizes = [(4, 6, 5), (255, 40, 33), (300, 130, 64), (2000, 70, 40), (5000, 33, 48)]

  @Test(arguments: sizes) func aSumOnTheWay(_ rows: Int, _ outputs: Int, _ inputs: Int) {
    let layer = Layer(rows, outputs, inputs)
    let (x, w) = (layer.x, layer.weight)
    #expect(affineProduct(x, w, bias: layer.bias, plus: layer.other) == layer.other + layer.alone)
    let plain = matmul(x, w, transposeB: true)
    #expect(affineProduct(x, w, bias: nil, plus: layer.other) == layer.other + plain)
  }

  @Test(arguments: sizes) func geluOnTheWay(_ rows: Int, _ outputs: Int, _ inputs: Int) {
    let layer = Layer(rows, outputs, inputs)
    let (y, slope) = affineGELU(layer.x, layer.weight, bias: layer.bias, withSlope: true)
    let expected = layer.alone.geluWithSlope()
    #expect(error(y.scalars, expected.y.scalars.map(Double.init)) <= 1e-6)
    #expect(error(slope!.scalars, expected.slope.scalars.map(Double.init)) <= 1e-6)
    let (again, none) = affineGELU(layer.x, layer.weight, bias: layer.bias, withSlope: false)
    #expect(error(again.scalars, y.scalars.map(Double.init)) <= 1e-6)
    #expect(none == nil)
  }

  @Test(arguments: sizes) func gradientsAgreeWithTheDefinition(_ rows: Int, _ outputs: Int, _ inputs: Int) {
    let layer = Layer(rows, outputs, inputs)
    for slope in [nil, layer.slope] {
      let dy = layer.other
      let (dx, dw, db) = affineGradients(
        dy: dy, slope: slope, x: layer.x, weight: layer.weight, needs: (true, true, true))
      let d = zip(dy.scalars, slope?.scalars ?? [Float](repeating: 1, count: dy.count)).map {
        Double($0 * $1)
      }
      let (x, w) = (layer.x.scalars.map(Double.init), layer.weight.scalars.map(Double.init))
      var exact = (
        x: [Double](repeating: 0, count: x.count), w: [Double](repeating: 0, count: w.count),
        b: [Double](repeating: 0, count: outputs)
      )
      for r in 0..<rows {
        for o in 0..<outputs {
          let dh = d[r * outputs + o]
          exact.b[o] += dh
          for i in 0..<inputs {
            exact.x[r * inputs + i] += dh * w[o * inputs + i]
            exact.w[o * inputs + i] += dh * x[r * inputs + i]
          }
        }
      }
      #expect(error(dx!.scalars, exact.x) <= 2e-6)
      #expect(error(dw!.scalars, exact.w) <= 2e-6)
      #expect(error(db!.scalars, exact.b) <= 2e-6)
    }
  }

  /// What nobody needs is not computed, and the rest is what it was.
  @Test(arguments: sizes) func onlyWhatIsNeeded(_ rows: Int, _ outputs: Int, _ inputs: Int) {
    let layer = Layer(rows, outputs, inputs)
    func gradients(_ needs: (input: Bool, weight: Bool, bias: Bool)) -> (Tensor?, Tensor?, Tensor?) {
      affineGradients(dy: layer.other, slope: layer.slope, x: layer.x, weight: layer.weight, needs: needs)
    }
    let all = gradients((true, true, true))
    for needs in [(true, false, false), (false, true, false), (false, true, true), (false, false, true)] {
      let some = gradients(needs)
      for (one, whole, isNeeded) in [
        (some.0, all.0, needs.0), (some.1, all.1, needs.1), (some.2, all.2, needs.2),
      ] {
        #expect((one != nil) == isNeeded)
        if let one { #expect(error(one.scalars, whole!.scalars.map(Double.init)) <= 5e-6) }
      }
    }
  }

  @Test func sameBitsWithAnyNumberOfThreads() {
    let layer = Layer(1000, 130, 64)
    let before = Parallel.threads
    defer { Parallel.threads = before }
    let all = [1, 2, 3].map { threads -> [Tensor] in
      Parallel.threads = threads
      let (y, slope) = affineGELU(layer.x, layer.weight, bias: layer.bias, withSlope: true)
      let d = affineGradients(
        dy: layer.other, slope: slope, x: layer.x, weight: layer.weight, needs: (true, true, true))
      return [y, slope!, d.x!, d.weight!, d.bias!]
    }
    #expect(all[0] == all[1] && all[0] == all[2])
  }
}
