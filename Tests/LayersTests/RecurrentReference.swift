import Foundation

// The recurrent networks as their formulas are written: one number at a time, over any floating-point type. The tests
// hold the engine's to them; in Double they are differenced to check its gradients.

/// Numbers in three axes, row by row.
struct Numbers<Scalar: BinaryFloatingPoint> {
  var shape: [Int]
  var scalars: [Scalar]

  init(_ scalars: [Scalar], _ shape: [Int]) { (self.scalars, self.shape) = (scalars, shape) }
  init(zeros shape: [Int]) { self.init(Array(repeating: 0, count: shape.reduce(1, *)), shape) }

  subscript(i: Int, j: Int, k: Int) -> Scalar {
    get { scalars[(i * shape[1] + j) * shape[2] + k] }
    set { scalars[(i * shape[1] + j) * shape[2] + k] = newValue }
  }
}

enum NaiveCell { case tanh, relu, gru, lstm }

/// One direction's parameters: the two weights row by row, and the two biases.
struct NaiveWeights<Scalar: BinaryFloatingPoint> {
  var inputHidden: [Scalar]
  var hiddenHidden: [Scalar]
  var inputBias: [Scalar]
  var hiddenBias: [Scalar]
}

func naiveSigmoid<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar { Scalar(1 / (1 + exp(-Double(x)))) }
func naiveTanh<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar { Scalar(Foundation.tanh(Double(x))) }

/// One step of one sequence: the next `h` and `c`.
func naiveStep<Scalar: BinaryFloatingPoint>(
  _ cell: NaiveCell, x: [Scalar], h: [Scalar], c: [Scalar], _ w: NaiveWeights<Scalar>
) -> (h: [Scalar], c: [Scalar]) {
  let (width, size) = (x.count, h.count)
  func fromInput(_ row: Int) -> Scalar {
    (0..<width).reduce(w.inputBias[row]) { $0 + w.inputHidden[row * width + $1] * x[$1] }
  }
  func fromState(_ row: Int) -> Scalar {
    (0..<size).reduce(w.hiddenBias[row]) { $0 + w.hiddenHidden[row * size + $1] * h[$1] }
  }
  var (next, nextCell) = (h, c)
  for j in 0..<size {
    switch cell {
    case .tanh: next[j] = naiveTanh(fromInput(j) + fromState(j))
    case .relu: next[j] = max(0, fromInput(j) + fromState(j))
    case .gru:
      let r = naiveSigmoid(fromInput(j) + fromState(j))
      let z = naiveSigmoid(fromInput(size + j) + fromState(size + j))
      let n = naiveTanh(fromInput(2 * size + j) + r * fromState(2 * size + j))
      next[j] = (1 - z) * n + z * h[j]
    case .lstm:
      let i = naiveSigmoid(fromInput(j) + fromState(j))
      let f = naiveSigmoid(fromInput(size + j) + fromState(size + j))
      let g = naiveTanh(fromInput(2 * size + j) + fromState(2 * size + j))
      let o = naiveSigmoid(fromInput(3 * size + j) + fromState(3 * size + j))
      nextCell[j] = f * c[j] + i * g
      next[j] = o * naiveTanh(nextCell[j])
    }
  }
  return (next, nextCell)
}

/// Layers one on top of the other. `x`: `[N, T, D]`; `h0`, `c0`: `[layers·directions, N, H]`.
func naiveRecurrent<Scalar: BinaryFloatingPoint>(
  _ cell: NaiveCell, x: Numbers<Scalar>, h0: Numbers<Scalar>, c0: Numbers<Scalar>,
  layers: [[NaiveWeights<Scalar>]], lengths: [Int]
) -> (output: Numbers<Scalar>, h: Numbers<Scalar>, c: Numbers<Scalar>) {
  let (batch, steps, size) = (x.shape[0], x.shape[1], h0.shape[2])
  var (hn, cn, input) = (h0, c0, x)
  for (l, layer) in layers.enumerated() {
    var output = Numbers<Scalar>(zeros: [batch, steps, layer.count * size])
    for (d, w) in layer.enumerated() {
      for n in 0..<batch {
        let place = l * layer.count + d
        var h = (0..<size).map { h0[place, n, $0] }
        var c = (0..<size).map { c0[place, n, $0] }
        let order = d == 0 ? Array(0..<lengths[n]) : (0..<lengths[n]).reversed()
        for t in order {
          (h, c) = naiveStep(cell, x: (0..<input.shape[2]).map { input[n, t, $0] }, h: h, c: c, w)
          for j in 0..<size { output[n, t, d * size + j] = h[j] }
        }
        for j in 0..<size { (hn[place, n, j], cn[place, n, j]) = (h[j], c[j]) }
      }
    }
    input = output
  }
  return (input, hn, cn)
}
