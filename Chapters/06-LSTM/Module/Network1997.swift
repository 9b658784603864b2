import Foundation
import Tensors

/// The memory cell of 1997, in blocks, with its own way to learn.
///
/// There is no forget gate: what is in a cell stays there until the sequence ends.
///
///     y_in = f(net_in)        y_out = f(net_out)                  input and output gate of a block
///     s = s(t − 1) + y_in g(net_c)                                a cell's state
///     y_c = y_out h(s)                                            what it shows
///     y_k = f(Σ_c w_kc y_c)                                       an output
///
///     f(x) = 1 / (1 + e⁻ˣ)      g(x) = 4 f(x) − 2, in [−2, 2]      h(x) = 2 f(x) − 1, in [−1, 1]
///
/// Each `net` sums over the input, and over all gates and cells of the step before.
///
///     backward, with e_k = (target_k − y_k) f′(net_k) and e_c = Σ_k w_kc e_k:
///       output weights       e_k y_c
///       output gate          f′(net_out) Σ_c e_c h(s_c) · y_u(t − 1)
///       cell and input gate  e_c y_out h′(s_c) · ∂s_c/∂w, where ∂s_c/∂w is carried along from step to step:
///         ∂s_c/∂w_in += g(net_c) f′(net_in) y_u(t − 1)      ∂s_c/∂w_c += y_in g′(net_c) y_u(t − 1)
///
/// That gradient is truncated: an error that reaches a gate or the input of a cell changes its weights and goes no
/// further back. Only inside a cell it lasts, with the factor 1 from step to step. So nothing has to be stored, and the
/// weights change after every step.
///
/// - PyTorch: no counterpart; today's `torch.nn.LSTM` is another cell, with another gradient.
/// - Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
/// - Book: section 6.5.
public struct Network1997: Sendable {
  public let size: Cell1997Size

  // Hidden units in this order: input gates, output gates, cells. A row of weights for each source, so that a source
  // that is 0 costs nothing: the inputs, the hidden units of the step before, the bias.

  /// To the hidden units, `[inputs + hidden + 1, hidden]`.
  public private(set) var hiddenWeights: [Double]
  /// From the cells to the outputs, `[cells + 1, outputs]`; the last row are the biases.
  public private(set) var outputWeights: [Double]

  /// The states of the cells.
  public private(set) var states: [Double]
  /// What input gates, output gates and cells gave at the last step.
  public private(set) var activations: [Double]
  /// What the outputs gave at the last step.
  public private(set) var outputs: [Double]

  // What the last step computed on the way, for the way back.
  private var sources: [Double]
  private var squashedInput: [Double]
  private var squashedState: [Double]
  /// `∂s_c/∂w` by source and cell, for the weights to the cell and to its block's input gate.
  private var cellSlopes: [Double]
  private var gateSlopes: [Double]
  private var cellErrors: [Double]

  /// First weights even from −0.2 to 0.2; the output gates' biases are −1, −2, −3 and so on, so that the blocks come
  /// into use one after the other.
  public init(_ size: Cell1997Size, from stream: inout RandomStream) {
    self.size = size
    let (hidden, cells) = (size.hiddenUnits, size.cells)
    let rows = size.inputs + hidden + 1
    func draw() -> Double { Double(stream.uniform(-0.2..<0.2)) }
    hiddenWeights = (0..<rows * hidden).map { _ in draw() }
    outputWeights = (0..<(cells + 1) * size.outputs).map { _ in draw() }
    states = Array(repeating: 0, count: cells)
    activations = Array(repeating: 0, count: hidden)
    outputs = Array(repeating: 0, count: size.outputs)
    sources = Array(repeating: 0, count: rows)
    (squashedInput, squashedState, cellErrors) = (states, states, states)
    cellSlopes = Array(repeating: 0, count: rows * cells)
    gateSlopes = cellSlopes
    let biasRow = (rows - 1) * hidden
    for block in 0..<size.blocks { hiddenWeights[biasRow + size.blocks + block] = -Double(block + 1) }
    if size.biases == .gates {
      for cell in 0..<cells { hiddenWeights[biasRow + 2 * size.blocks + cell] = 0 }
      for output in 0..<size.outputs { outputWeights[cells * size.outputs + output] = 0 }
    }
  }

  /// Forgets the sequence: states, activations, and what was carried along for learning.
  public mutating func reset() {
    for i in states.indices { states[i] = 0 }
    for i in activations.indices { activations[i] = 0 }
    for i in cellSlopes.indices { (cellSlopes[i], gateSlopes[i]) = (0, 0) }
  }

  /// One step: reads `x`, and leaves the outputs in `outputs`.
  ///
  /// - Parameters:
  ///   - x: The input. Traps when it has another size.
  ///   - learns: Whether to carry along what `learn` needs.
  public mutating func step(_ x: [Double], learns: Bool = true) {
    let (inputs, hidden, cells, blocks) = (size.inputs, size.hiddenUnits, size.cells, size.blocks)
    if x.count != inputs { fatalError("Network1997: \(x.count) inputs for a network of \(inputs)") }
    for i in 0..<inputs { sources[i] = x[i] }
    for u in 0..<hidden { sources[inputs + u] = activations[u] }
    sources[inputs + hidden] = 1

    // The sums of all hidden units, source by source.
    for u in 0..<hidden { activations[u] = 0 }
    for (row, y) in sources.enumerated() where y != 0 {
      let start = row * hidden
      for u in 0..<hidden { activations[u] += hiddenWeights[start + u] * y }
    }
    for gate in 0..<2 * blocks { activations[gate] = logistic(activations[gate]) }
    for cell in 0..<cells {
      let block = cell / size.cellsPerBlock
      let (inputGate, outputGate) = (activations[block], activations[blocks + block])
      squashedInput[cell] = 4 * logistic(activations[2 * blocks + cell]) - 2
      states[cell] += inputGate * squashedInput[cell]
      squashedState[cell] = 2 * logistic(states[cell]) - 1
      activations[2 * blocks + cell] = outputGate * squashedState[cell]
    }
    if learns { carrySlopes() }

    for k in 0..<size.outputs {
      var sum = outputWeights[cells * size.outputs + k]
      for cell in 0..<cells {
        sum += outputWeights[cell * size.outputs + k] * activations[2 * blocks + cell]
      }
      outputs[k] = logistic(sum)
    }
  }

  /// Adds what this step did to `∂s_c/∂w`.
  private mutating func carrySlopes() {
    let cells = size.cells
    for cell in 0..<cells {
      let gate = activations[cell / size.cellsPerBlock]
      let g = squashedInput[cell]
      // f′ = f (1 − f), and g′ = (4 − g²) / 4 with g = 4 f − 2.
      let (gateSlope, cellSlope) = (g * gate * (1 - gate), gate * (4 - g * g) / 4)
      for (row, y) in sources.enumerated() where y != 0 {
        gateSlopes[row * cells + cell] += gateSlope * y
        cellSlopes[row * cells + cell] += cellSlope * y
      }
    }
  }

  /// Changes the weights by what the last step's outputs say: one step down the truncated gradient of
  /// `½ Σ_k (y_k − target_k)²`.
  ///
  /// - Parameters:
  ///   - target: What the outputs should have been. Traps when it has another size.
  ///   - rate: The learning rate.
  public mutating func learn(_ target: [Double], rate: Double) {
    let (hidden, cells, blocks, outs) = (size.hiddenUnits, size.cells, size.blocks, size.outputs)
    if target.count != outs { fatalError("Network1997: \(target.count) targets for \(outs) outputs") }
    for cell in 0..<cells { cellErrors[cell] = 0 }
    for k in 0..<outs {
      let error = (target[k] - outputs[k]) * outputs[k] * (1 - outputs[k])
      for cell in 0..<cells {
        cellErrors[cell] += outputWeights[cell * outs + k] * error
        outputWeights[cell * outs + k] += rate * error * activations[2 * blocks + cell]
      }
      if size.biases == .allUnits { outputWeights[cells * outs + k] += rate * error }
    }
    for block in 0..<blocks {
      let gate = activations[blocks + block]
      var gateError = 0.0
      for cell in block * size.cellsPerBlock..<(block + 1) * size.cellsPerBlock {
        let shown = squashedState[cell]
        gateError += cellErrors[cell] * shown
        // What reaches the state: h′ = (1 − h²) / 2 with h = 2 f − 1.
        let stateError = rate * cellErrors[cell] * gate * (1 - shown * shown) / 2
        let last = size.biases == .allUnits ? sources.count : sources.count - 1
        for row in 0..<sources.count {
          hiddenWeights[row * hidden + block] += stateError * gateSlopes[row * cells + cell]
        }
        for row in 0..<last {
          hiddenWeights[row * hidden + 2 * blocks + cell] += stateError * cellSlopes[row * cells + cell]
        }
      }
      gateError *= rate * gate * (1 - gate)
      for (row, y) in sources.enumerated() where y != 0 {
        hiddenWeights[row * hidden + blocks + block] += gateError * y
      }
    }
  }
}

/// The logistic function.
private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
