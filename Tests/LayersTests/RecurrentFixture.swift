import Autograd
import Tensors
import Testing

/// A recurrent network with random numbers everywhere, for the engine and for the naive twin, and a random projection
/// of all its results onto one number.
struct RecurrentFixture: CustomTestStringConvertible {
  let cell: NaiveCell
  let layers: Int
  let directions: Int
  let bias: Bool
  let lengths: [Int]?
  let steps: Int
  /// The input, `h0`, `c0`, then four arrays for each layer and direction.
  var inputs: [Tensor]
  let projections: [Tensor]

  init(
    _ cell: NaiveCell, batch: Int, steps: Int, input: Int, hidden: Int, layers: Int = 1, directions: Int = 1,
    bias: Bool = true, lengths: [Int]? = nil, seed: UInt64 = 1
  ) {
    (self.cell, self.layers, self.directions, self.bias) = (cell, layers, directions, bias)
    (self.lengths, self.steps) = (lengths, steps)
    var stream = RandomStream(seed: seed)
    let gates = cell == .lstm ? 4 : cell == .gru ? 3 : 1
    let states = [layers * directions, batch, hidden]
    inputs = [
      stream.normal(shape: [batch, steps, input]), stream.normal(shape: states), stream.normal(shape: states),
    ]
    let scale = 1 / Float(hidden).squareRoot()
    for layer in 0..<layers {
      for _ in 0..<directions {
        let width = layer == 0 ? input : hidden * directions
        for shape in [
          [gates * hidden, width], [gates * hidden, hidden], [gates * hidden], [gates * hidden],
        ] {
          let isBias = shape.count == 1
          inputs.append(
            isBias && !bias ? Tensor.zeros(shape) : stream.normal(deviation: scale, shape: shape))
        }
      }
    }
    projections = [
      stream.normal(shape: [batch, steps, directions * hidden]), stream.normal(shape: states),
      stream.normal(shape: states),
    ]
  }

  var testDescription: String {
    "\(cell), x \(inputs[0].shape), states \(inputs[1].shape)\(bias ? "" : ", no bias")\(lengths.map { ", lengths \($0)" } ?? "")"
  }

  var names: [String] {
    ["x", "h0", "c0"]
      + (0..<layers).flatMap { l in
        (0..<directions).flatMap { d in ["w_ih", "w_hh", "b_ih", "b_hh"].map { "\($0) of layer \(l), \(d)" } }
      }
  }

  /// Which inputs the network reads.
  func isUsed(_ i: Int) -> Bool { i == 2 ? cell == .lstm : i < 3 || bias || (i - 3) % 4 < 2 }

  /// The engine's results and, with `gradients`, the gradient of their projection at every input.
  func run(gradients: Bool = true) -> (results: [Tensor], gradients: [Tensor?]) {
    let leaves = inputs.map { Variable($0, requiresGradient: gradients) }
    let parameters = (0..<layers).map { l in
      (0..<directions).map { d in
        let at = 3 + (l * directions + d) * 4
        return RecurrentParameters(
          inputHidden: leaves[at], hiddenHidden: leaves[at + 1], inputBias: bias ? leaves[at + 2] : nil,
          hiddenBias: bias ? leaves[at + 3] : nil)
      }
    }
    var results: [Variable]
    switch cell {
    case .tanh, .relu:
      let y = rnn(
        leaves[0], initial: leaves[1], layers: parameters, nonlinearity: cell == .tanh ? .tanh : .relu,
        batchFirst: true, lengths: lengths)
      results = [y.output, y.hidden]
    case .gru:
      let y = gru(leaves[0], initial: leaves[1], layers: parameters, batchFirst: true, lengths: lengths)
      results = [y.output, y.hidden]
    case .lstm:
      let y = lstm(
        leaves[0], initial: (leaves[1], leaves[2]), layers: parameters, batchFirst: true, lengths: lengths)
      results = [y.output, y.hidden, y.cell]
    }
    if gradients {
      let upstream = Array(projections.prefix(results.count))
      Variable(Tensor(0), op: "projection", inputs: results) { _ in upstream }.backward()
    }
    return (results.map(\.value), leaves.map(\.gradient))
  }

  /// The naive twin's results.
  func naive<Scalar: BinaryFloatingPoint>(
    _ type: Scalar.Type, _ inputs: [[Scalar]]
  ) -> [Numbers<Scalar>] {
    func numbers(_ i: Int) -> Numbers<Scalar> { Numbers(inputs[i], self.inputs[i].shape) }
    let parameters = (0..<layers).map { l in
      (0..<directions).map { d in
        let at = 3 + (l * directions + d) * 4
        return NaiveWeights(
          inputHidden: inputs[at], hiddenHidden: inputs[at + 1], inputBias: inputs[at + 2],
          hiddenBias: inputs[at + 3])
      }
    }
    let y = naiveRecurrent(
      cell, x: numbers(0), h0: numbers(1), c0: numbers(2), layers: parameters,
      lengths: lengths ?? Array(repeating: steps, count: self.inputs[0].shape[0]))
    return cell == .lstm ? [y.output, y.h, y.c] : [y.output, y.h]
  }

  var doubles: [[Double]] { inputs.map { $0.scalars.map(Double.init) } }

  /// The projection of the naive twin's results.
  func naiveLoss(_ inputs: [[Double]]) -> Double {
    var sum = 0.0
    for (result, projection) in zip(naive(Double.self, inputs), projections) {
      for (y, p) in zip(result.scalars, projection.scalars) { sum += y * Double(p) }
    }
    return sum
  }
}
