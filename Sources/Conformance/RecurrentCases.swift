import Autograd
import Layers
import Tensors

let recurrentCases: [String: CaseHandler] = [
  "rnn": { golden in
    let nonlinearity: RNNNonlinearity =
      switch try golden.option("nonlinearity") {
      case "tanh": .tanh
      case "relu": .relu
      case let other: throw CaseFault("`nonlinearity` is unknown: \(other)")
      }
    try golden.checkRecurrent(gates: 1) { x, h0, _, layers, batchFirst in
      let y = rnn(x, initial: h0, layers: layers, nonlinearity: nonlinearity, batchFirst: batchFirst)
      return [("output", y.output), ("hn", y.hidden)]
    }
  },
  "gru": { golden in
    try golden.require("gate_order", oneOf: "r,z,n")
    try golden.require("reset", oneOf: "after")
    try golden.checkRecurrent(gates: 3) { x, h0, _, layers, batchFirst in
      let y = gru(x, initial: h0, layers: layers, batchFirst: batchFirst)
      return [("output", y.output), ("hn", y.hidden)]
    }
  },
  "lstm": { golden in
    try golden.require("gate_order", oneOf: "i,f,g,o")
    try golden.checkRecurrent(gates: 4) { x, h0, c0, layers, batchFirst in
      guard let c0 else { throw CaseFault("the file has no array `c0`") }
      let y = lstm(x, initial: (h0, c0), layers: layers, batchFirst: batchFirst)
      return [("output", y.output), ("hn", y.hidden), ("cn", y.cell)]
    }
  },
  "seed_rnn": { golden in
    try golden.require("layers", oneOf: "embedding; lstm batch_first from zero state; fc on the last step")
    let model = SeedRNN(
      vocabulary: try golden.integer("vocab"), hidden: try golden.integer("hidden_size"),
      layers: try golden.integer("num_layers"), classes: try golden.integer("num_classes"))
    let (ids, target) = (try golden.integers("ids"), try golden.integers("target"))
    try golden.trainSeed(model, target: target) {
      model(ids)
    } compare: { name, value in
      try golden.compare(name, value.tensor)
    }
  },
]

extension GoldenCase {
  /// Runs a recurrent op on the file's input, states and parameters, and sends all upstream gradients back at once.
  fileprivate func checkRecurrent(
    gates: Int,
    _ run: (
      _ x: Variable, _ h0: Variable, _ c0: Variable?, _ layers: [[RecurrentParameters]], _ batchFirst: Bool
    ) throws -> [(name: String, result: Variable)]
  ) throws {
    let hasBias = try flag("bias")
    let (inputSize, hiddenSize) = (try integer("input_size"), try integer("hidden_size"))
    var leaves: [(name: String, leaf: Variable)] = []
    func take(_ name: String, shape: [Int]? = nil) throws -> Variable {
      let variable = try leaf(name)
      if let shape, variable.shape != shape {
        throw CaseFault("`\(name)` has shape \(variable.shape), \(shape) was expected")
      }
      leaves.append((name, variable))
      return variable
    }
    let x = try take("input")
    let h0 = try take("h0")
    let c0 = has("c0") ? try take("c0") : nil
    let suffixes = try flag("bidirectional") ? ["", "_reverse"] : [""]
    let layers = try (0..<(try integer("num_layers"))).map { layer in
      let width = layer == 0 ? inputSize : hiddenSize * suffixes.count
      return try suffixes.map { suffix in
        RecurrentParameters(
          inputHidden: try take("weight_ih_l\(layer)\(suffix)", shape: [gates * hiddenSize, width]),
          hiddenHidden: try take("weight_hh_l\(layer)\(suffix)", shape: [gates * hiddenSize, hiddenSize]),
          inputBias: hasBias ? try take("bias_ih_l\(layer)\(suffix)") : nil,
          hiddenBias: hasBias ? try take("bias_hh_l\(layer)\(suffix)") : nil)
      }
    }
    let results = try run(x, h0, c0, layers, try flag("batch_first"))
    for (name, result) in results { try compare(name, result.value) }
    let upstream = try results.map { try self.upstream($0.name, shape: $0.result.shape) }
    Variable(Tensor(0), op: "upstream", inputs: results.map(\.result)) { _ in upstream }.backward()
    for (name, leaf) in leaves { try compareGradient(of: name, leaf) }
  }
}

/// The article's recurrent classifier.
private final class SeedRNN: Module {
  let embedding: Table
  let lstm: LSTM
  let fc: Linear

  init(vocabulary: Int, hidden: Int, layers: Int, classes: Int) {
    embedding = Table(rows: vocabulary, width: hidden)
    lstm = LSTM(inputSize: hidden, hiddenSize: hidden, layers: layers, batchFirst: true)
    fc = Linear(inFeatures: hidden, outFeatures: classes)
    super.init()
  }

  func callAsFunction(_ ids: IntTensor) -> Variable {
    let states = [lstm.layerCount, ids.shape[0], lstm.hiddenSize]
    let zero = Variable(Tensor.zeros(states))
    let output = lstm(embedding(ids), initial: (zero, zero)).output
    let (steps, width) = (output.shape[1], output.shape[2])
    let flat = output.reshaped([-1, width])
    return fc(pick(flat, (0..<ids.shape[0]).map { $0 * steps + steps - 1 }))
  }
}

/// Rows of a matrix by their numbers.
private func pick(_ x: Variable, _ rows: [Int]) -> Variable {
  let shape = x.shape
  return Variable(x.value.rows(rows), op: "pick", inputs: [x]) { dy in
    var dx = [Float](repeating: 0, count: shape[0] * shape[1])
    let dy = dy.scalars
    for (i, row) in rows.enumerated() {
      for j in 0..<shape[1] { dx[row * shape[1] + j] += dy[i * shape[1] + j] }
    }
    return [Tensor(dx, shape: shape)]
  }
}

private final class Table: Module {
  let weight: Parameter

  init(rows: Int, width: Int) {
    weight = Parameter(Tensor.zeros([rows, width]))
    super.init()
  }

  func callAsFunction(_ ids: IntTensor) -> Variable {
    pick(weight, ids.scalars).reshaped(ids.shape + [weight.shape[1]])
  }
}
