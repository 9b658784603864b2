/// The size of a network of 1997's memory cells, and how many weights that makes.
///
/// Cells stand in blocks; the cells of a block share an input gate and an output gate. Cells and gates see the input,
/// and all cells and gates of the step before; the outputs see the cells alone.
///
///     H = cells + 2·blocks          the hidden units
///     weights = H·(inputs + H) + cells·outputs + biases
///
/// - Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997; the counts of its
///   experiments 1, 4 and 6 follow from this rule.
/// - Book: section 6.5.
public struct Cell1997Size: Sendable, Hashable {
  /// Which units have a bias; the paper's experiments differ.
  public enum Biases: Sendable, Hashable {
    /// Experiment 1.
    case gates
    /// Experiments 4 and 6.
    case allUnits
  }

  public let inputs, outputs, blocks, cellsPerBlock: Int
  public let biases: Biases

  public init(inputs: Int, outputs: Int, blocks: Int, cellsPerBlock: Int, biases: Biases = .gates) {
    if min(inputs, outputs, blocks, cellsPerBlock) < 1 {
      fatalError(
        "Cell1997Size: \(inputs) inputs, \(outputs) outputs, \(blocks) blocks of \(cellsPerBlock): all at least 1"
      )
    }
    (self.inputs, self.outputs, self.blocks) = (inputs, outputs, blocks)
    (self.cellsPerBlock, self.biases) = (cellsPerBlock, biases)
  }

  public var cells: Int { blocks * cellsPerBlock }

  /// Input gates, output gates and cells: what is remembered from one step to the next, and seen by all of them.
  public var hiddenUnits: Int { 2 * blocks + cells }

  public var biasCount: Int {
    switch biases {
    case .gates: 2 * blocks
    case .allUnits: hiddenUnits + outputs
    }
  }

  public var weightCount: Int { hiddenUnits * (inputs + hiddenUnits) + cells * outputs + biasCount }
}
