import Tensors

/// The parameters of one direction of one recurrent layer. The gates' rows follow one another: the LSTM's in the order
/// i, f, g, o, the GRU's r, z, n.
///
/// - PyTorch: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`.
public struct RecurrentParameters {
  /// `[gates·H, D]`; above the first layer, `D` is what the layer below puts out.
  public let inputHidden: Variable
  /// `[gates·H, H]`
  public let hiddenHidden: Variable
  /// `[gates·H]`. Both biases or none.
  public let inputBias: Variable?
  /// `[gates·H]`. The two are added up, except in the GRU's candidate, where the reset gate stands between them.
  public let hiddenBias: Variable?

  /// - Parameters:
  ///   - inputHidden: `[gates·H, D]`
  ///   - hiddenHidden: `[gates·H, H]`
  ///   - inputBias: `[gates·H]`; nil only together with the other.
  ///   - hiddenBias: `[gates·H]`
  public init(
    inputHidden: Variable, hiddenHidden: Variable, inputBias: Variable? = nil, hiddenBias: Variable? = nil
  ) {
    self.inputHidden = inputHidden
    self.hiddenHidden = hiddenHidden
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }

  var all: [Variable] { [inputHidden, hiddenHidden] + [inputBias, hiddenBias].compactMap { $0 } }

  var weights: RecurrentWeights {
    func form(_ weight: Variable) -> RecurrentMatrix {
      weight.integers.map { .integers($0) } ?? .floats(weight.value)
    }
    return RecurrentWeights(
      inputHidden: form(inputHidden), hiddenHidden: form(hiddenHidden), inputBias: inputBias?.value,
      hiddenBias: hiddenBias?.value)
  }

  /// With the weights as their rounding wants them.
  var rounded: RecurrentParameters {
    func form(_ weight: Variable) -> Variable { (weight as? Parameter)?.rounding?.weight(weight) ?? weight }
    return RecurrentParameters(
      inputHidden: form(inputHidden), hiddenHidden: form(hiddenHidden), inputBias: inputBias,
      hiddenBias: hiddenBias)
  }
}

/// What `rnn`, `gru` and `lstm` share: the checks of shapes, and the pairing of forward and backward.
struct RecurrentOp {
  let name: String
  let cell: RecurrentCell
  let layers: [[RecurrentParameters]]
  let batchFirst: Bool
  let lengths: [Int]?
  let dropout: Double

  /// The gradients that reach an op with several results, until all have come. The results send theirs here and an
  /// empty one to the op itself, so that `backward` gets to it after all of them.
  private final class Upstream {
    var output: Tensor?
    var hidden: Tensor?
    var cell: Tensor?
  }

  func callAsFunction(
    _ x: Variable, h0: Variable?, c0: Variable?
  ) -> (output: Variable, hidden: Variable, cell: Variable?) {
    check(x.shape, h0?.shape, c0?.shape)
    let x = (layers[0][0].inputHidden as? Parameter)?.rounding?.input(x) ?? x
    let layers = layers.map { $0.map(\.rounded) }
    let inputs = [x] + [h0, c0].compactMap { $0 } + layers.flatMap { $0.flatMap(\.all) }
    let keeps = GradientRecording.isOn && inputs.contains { $0.requiresGradient }
    let streams = dropout > 0 ? layers.dropLast().map { _ in RandomSource.current.next() } : []
    let stack = RecurrentStack(
      cell, weights: layers.map { $0.map(\.weights) }, batchFirst: batchFirst, lengths: lengths,
      dropout: dropout,
      streams: streams)
    let result = stack.forward(x.value, h0: h0?.value, c0: c0?.value, keeps: keeps)
    OperationTrace.add(
      name, cost: .total(products(steps: x.shape[0] * x.shape[1])), inputs, result.output.shape)
    if !keeps {
      return (Variable(result.output), Variable(result.hidden), result.cell.map { Variable($0) })
    }

    let upstream = Upstream()
    let tape = result.tape
    let (hasHidden, hasCell) = (h0 != nil, c0 != nil)
    let needsInput = x.requiresGradient
    let needsState = h0?.requiresGradient == true || c0?.requiresGradient == true
    let needsWeights = layers.map { $0.map { $0.all.contains { $0.requiresGradient } } }
    let empty = Tensor([], shape: [0])
    let op = Variable(untraced: empty, op: name, inputs: inputs) { _ in
      let g = stack.backward(
        tape, dOutput: upstream.output, dHidden: upstream.hidden, dCell: upstream.cell,
        needsInput: needsInput, needsState: needsState, needsWeights: needsWeights)
      (upstream.output, upstream.hidden, upstream.cell) = (nil, nil, nil)
      var gradients: [Tensor?] = [g.x]
      if hasHidden { gradients.append(g.h0) }
      if hasCell { gradients.append(g.c0) }
      for (parameters, w) in zip(layers.joined(), g.weights.joined()) {
        gradients += [w?.inputHidden, w?.hiddenHidden]
        if parameters.inputBias != nil { gradients += [w?.inputBias, w?.hiddenBias] }
      }
      return gradients
    }
    return (
      Variable(untraced: result.output, op: name, inputs: [op]) { dy in
        upstream.output = dy
        return [empty]
      },
      Variable(untraced: result.hidden, op: name, inputs: [op]) { dy in
        upstream.hidden = dy
        return [empty]
      },
      result.cell.map { cell in
        Variable(untraced: cell, op: name, inputs: [op]) { dy in
          upstream.cell = dy
          return [empty]
        }
      }
    )
  }

  /// What multiplying each step of each sequence by every layer's matrices takes: the gates' own arithmetic is little
  /// beside it, and is left out.
  private func products(steps: Int) -> Int {
    2 * steps
      * layers.joined().flatMap { [$0.inputHidden, $0.hiddenHidden] }.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }

  private func check(_ x: [Int], _ h0: [Int]?, _ c0: [Int]?) {
    guard let directions = layers.first?.count, directions == 1 || directions == 2 else {
      trap("\(name): one direction or two are needed in each of one or more layers")
    }
    let axes = batchFirst ? "[N, T, D]" : "[T, N, D]"
    if x.count != 3 { trap("\(name): input \(x): \(axes) is needed") }
    let (steps, batch) = batchFirst ? (x[1], x[0]) : (x[0], x[1])
    if steps < 1 { trap("\(name): input \(x) has no steps: \(axes) is needed") }
    let first = layers[0][0]
    guard first.hiddenHidden.rank == 2 else {
      trap("\(name): hidden weight \(first.hiddenHidden.shape): [\(cell.gates)·H, H] is needed")
    }
    let hidden = first.hiddenHidden.shape[1]
    let rows = cell.gates * hidden

    for (l, layer) in layers.enumerated() {
      if layer.count != directions {
        trap("\(name): layer \(l) has \(layer.count) directions, layer 0 has \(directions)")
      }
      for (d, p) in layer.enumerated() {
        let suffix = "_l\(l)" + (d == 1 ? "_reverse" : "")
        let width = l == 0 ? x[2] : directions * hidden
        if l == 0 && p.inputHidden.shape != [rows, width] {
          trap(
            "\(name): input \(x) does not fit weight_ih\(suffix) \(p.inputHidden.shape): [\(rows), \(width)] is needed"
          )
        }
        expect("weight_ih\(suffix)", p.inputHidden.shape, [rows, width])
        expect("weight_hh\(suffix)", p.hiddenHidden.shape, [rows, hidden])
        if (p.inputBias == nil) != (p.hiddenBias == nil) {
          trap("\(name): of bias_ih\(suffix) and bias_hh\(suffix) one is missing: both are needed, or none")
        }
        if let bias = p.inputBias { expect("bias_ih\(suffix)", bias.shape, [rows]) }
        if let bias = p.hiddenBias { expect("bias_hh\(suffix)", bias.shape, [rows]) }
      }
    }
    let state = [layers.count * directions, batch, hidden]
    if let h0, h0 != state { trap("\(name): hidden state \(h0) does not fit input \(x): \(state) is needed") }
    if let c0, c0 != state { trap("\(name): cell state \(c0) does not fit input \(x): \(state) is needed") }
    if let lengths {
      if lengths.count != batch {
        trap("\(name): \(lengths.count) lengths for input \(x): \(batch) are needed")
      }
      if let bad = lengths.first(where: { $0 < 1 || $0 > steps }) {
        trap("\(name): length \(bad) for input \(x): 1 to \(steps) is needed")
      }
    }
    if !(0...1).contains(dropout) { trap("\(name): dropout \(dropout): 0 to 1 is needed") }
  }

  private func expect(_ what: String, _ shape: [Int], _ needed: [Int]) {
    if shape != needed { trap("\(name): \(what) is \(shape), \(needed) is needed") }
  }
}
