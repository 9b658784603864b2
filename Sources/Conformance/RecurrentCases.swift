import Autograd
import Layers
import Tensors

let recurrentCases: [String: CaseHandler] = [
  "rnn": { golden in try golden.checkRNN() },
  "gru": { golden in try golden.checkGRU() },
  "lstm": { golden in try golden.checkLSTM() },
  "rnn_lengths": { golden in try golden.checkRNN(lengths: golden.lengths()) },
  "gru_lengths": { golden in try golden.checkGRU(lengths: golden.lengths()) },
  "lstm_lengths": { golden in try golden.checkLSTM(lengths: golden.lengths()) },
  "truncated_bptt": { golden in try golden.checkTruncatedLSTM() },
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
  /// How many steps of each sequence are real. What stands beyond them is numbers or NaN, and reaches nothing.
  fileprivate func lengths() throws -> [Int] {
    try require("padding", oneOf: "numbers", "nan")
    return try integers("lengths").scalars
  }

  fileprivate func checkRNN(lengths: [Int]? = nil) throws {
    let nonlinearity: RNNNonlinearity =
      switch try optionIfPresent("nonlinearity") {
      case "tanh", nil: .tanh
      case "relu": .relu
      case let other?: throw CaseFault("`nonlinearity` is unknown: \(other)")
      }
    try checkRecurrent(gates: 1) { x, h0, _, layers, batchFirst in
      let y = rnn(
        x, initial: h0, layers: layers, nonlinearity: nonlinearity, batchFirst: batchFirst, lengths: lengths)
      return [("output", y.output), ("hn", y.hidden)]
    }
  }

  fileprivate func checkGRU(lengths: [Int]? = nil) throws {
    try requireIfPresent("gate_order", oneOf: "r,z,n")
    try requireIfPresent("reset", oneOf: "after")
    try checkRecurrent(gates: 3) { x, h0, _, layers, batchFirst in
      let y = gru(x, initial: h0, layers: layers, batchFirst: batchFirst, lengths: lengths)
      return [("output", y.output), ("hn", y.hidden)]
    }
  }

  fileprivate func checkLSTM(lengths: [Int]? = nil) throws {
    try requireIfPresent("gate_order", oneOf: "i,f,g,o")
    try checkRecurrent(gates: 4) { x, h0, c0, layers, batchFirst in
      guard let c0 else { throw CaseFault("the file has no array `c0`") }
      let y = lstm(x, initial: (h0, c0), layers: layers, batchFirst: batchFirst, lengths: lengths)
      return [("output", y.output), ("hn", y.hidden), ("cn", y.cell)]
    }
  }

  /// Runs a recurrent op on the file's input, states and parameters, and sends all upstream gradients back at once.
  private func checkRecurrent(
    gates: Int,
    _ run: (
      _ x: Variable, _ h0: Variable, _ c0: Variable?, _ layers: [[RecurrentParameters]], _ batchFirst: Bool
    ) throws -> [(name: String, result: Variable)]
  ) throws {
    let leaves = RecurrentLeaves(of: self)
    let x = try leaves.take("input")
    let h0 = try leaves.take("h0")
    let c0 = has("c0") ? try leaves.take("c0") : nil
    let layers = try leaves.layers(
      gates: gates, count: try integer("num_layers"), isBidirectional: try flag("bidirectional"),
      hasBias: try flag("bias", default: true))
    let results = try run(x, h0, c0, layers, try flag("batch_first"))
    for (name, result) in results { try compare(name, result.value) }
    let upstream = try results.map { try self.upstream($0.name, shape: $0.result.shape) }
    Variable(Tensor(0), op: "upstream", inputs: results.map(\.result)) { _ in upstream }.backward()
    try leaves.compareGradients()
  }

  /// Back-propagation that stops at the borders of chunks: each begins with the state that the one before left, without
  /// its history.
  fileprivate func checkTruncatedLSTM() throws {
    try require("loss", oneOf: "sum of squared outputs; the state is detached after each chunk")
    let leaves = RecurrentLeaves(of: self)
    let x = try leaves.take("input")
    let layers = try leaves.layers(
      gates: 4, count: try integer("num_layers", default: 1),
      isBidirectional: false, hasBias: try flag("bias", default: true))
    let (chunk, batchFirst) = (try integer("chunk"), try flag("batch_first", default: true))
    guard x.rank == 3, chunk > 0 else { throw CaseFault("`input` is \(x.shape), `chunk` is \(chunk)") }
    let steps = batchFirst ? x.shape[1] : x.shape[0]
    var state: (hidden: Variable, cell: Variable)?
    var losses: [Variable] = []
    for start in stride(from: 0, to: steps, by: chunk) {
      let part = x.sliced(start..<min(start + chunk, steps), axis: batchFirst ? 1 : 0)
      let y = lstm(part, initial: state, layers: layers, batchFirst: batchFirst)
      losses.append((y.output * y.output).sum())
      state = (y.hidden.detached(), y.cell.detached())
    }
    let loss = losses.dropFirst().reduce(losses[0], +)
    try compare("loss", loss.value)
    loss.backward()
    try leaves.compareGradients()
  }
}

/// The file's tensors that gradients are to reach, as they are asked for.
private final class RecurrentLeaves {
  private let golden: GoldenCase
  private var taken: [(name: String, leaf: Variable)] = []

  init(of golden: GoldenCase) { self.golden = golden }

  func take(_ name: String, shape: [Int]? = nil) throws -> Variable {
    let variable = try golden.leaf(name)
    if let shape, variable.shape != shape {
      throw CaseFault("`\(name)` has shape \(variable.shape), \(shape) was expected")
    }
    taken.append((name, variable))
    return variable
  }

  /// The parameters, layer by layer, of the sizes that the file's options say.
  func layers(gates: Int, count: Int, isBidirectional: Bool, hasBias: Bool) throws
    -> [[RecurrentParameters]]
  {
    let (inputSize, hiddenSize) = (try golden.integer("input_size"), try golden.integer("hidden_size"))
    let suffixes = isBidirectional ? ["", "_reverse"] : [""]
    let rows = gates * hiddenSize
    return try (0..<count).map { layer in
      let width = layer == 0 ? inputSize : hiddenSize * suffixes.count
      return try suffixes.map { suffix in
        let place = "l\(layer)\(suffix)"
        return RecurrentParameters(
          inputHidden: try take("weight_ih_\(place)", shape: [rows, width]),
          hiddenHidden: try take("weight_hh_\(place)", shape: [rows, hiddenSize]),
          inputBias: hasBias ? try take("bias_ih_\(place)") : nil,
          hiddenBias: hasBias ? try take("bias_hh_\(place)") : nil)
      }
    }
  }

  func compareGradients() throws {
    for (name, leaf) in taken { try golden.compareGradient(of: name, leaf) }
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
