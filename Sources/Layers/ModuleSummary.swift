import NumberText
import Autograd
import Tensors

/// What a module does with an input, op by op: shapes, parameters, multiplications and additions, memory.
///
/// - PyTorch: the package `torchinfo`.
/// - Book: chapter 1.
public struct ModuleSummary: Sendable, CustomStringConvertible {
  /// One op: a line of the table.
  public struct Row: Sendable, Equatable {
    /// The layer whose parameters the op uses; empty where it uses none.
    public let layer: String
    /// The op's name, such as `conv2d`.
    public let op: String
    /// The shape of its result.
    public let outputShape: [Int]
    /// The numbers of the parameters that are used here for the first time.
    public let parameters: Int
    /// Multiplications and additions, each counting one; a comparison or a function counts as one too. 0 when the op
    /// states no cost.
    public let operations: Int
    /// Whether the op states its cost, as all of the engine's do; see `OperationCost`.
    public let isCounted: Bool
    /// The bytes of the result.
    public var bytes: Int { 4 * outputShape.reduce(1, *) }
  }

  /// The ops, in the order in which they were done.
  public let rows: [Row]
  /// All of the module's parameters, used or not.
  public let parameterCount: Int
  /// The operations of all rows that are counted.
  public var operations: Int { rows.reduce(0) { $0 + $1.operations } }
  /// The names of ops that state no cost, each once: `operations` is without theirs.
  public var uncounted: [String] {
    var seen: Set<String> = []
    return rows.filter { !$0.isCounted && seen.insert($0.op).inserted }.map(\.op)
  }
  /// The bytes of all results together. Ops done in one pass, and reshaping, need less.
  public var activationBytes: Int { rows.reduce(0) { $0 + $1.bytes } }

  public var description: String {
    let header = ["layer", "op", "output", "parameters", "FLOPs", "memory"]
    let cells =
      rows.map { row in
        [
          row.layer, row.op, "\(row.outputShape)", row.parameters == 0 ? "" : grouped(row.parameters),
          !row.isCounted ? "?" : row.operations == 0 ? "" : grouped(row.operations), Self.memory(row.bytes),
        ]
      }
    let total = [
      "total", "", "", grouped(parameterCount), grouped(operations), Self.memory(activationBytes),
    ]
    let all = [header] + cells + [total]
    let widths = header.indices.map { column in all.map { $0[column].count }.max()! }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column < 3 ? cell.0 + space : space + cell.0
      }
      let text = padded.joined(separator: "  ")
      return String(text.reversed().drop { $0 == " " }.reversed())
    }
    let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    let note = uncounted.isEmpty ? [] : ["FLOPs without those of \(uncounted.joined(separator: ", "))"]
    return ([line(header), rule] + cells.map(line) + [rule, line(total)] + note).joined(separator: "\n")
  }

  private static func memory(_ bytes: Int) -> String {
    func tenths(_ size: Int) -> String { "\(bytes / size).\(bytes % size * 10 / size)" }
    if bytes >= 1 << 20 { return tenths(1 << 20) + " MiB" }
    if bytes >= 1 << 10 { return tenths(1 << 10) + " KiB" }
    return "\(bytes) B"
  }
}

extension Module {
  /// Runs `body`, which calls this module, once, and lists what was done. Nothing is learned or measured by it: the
  /// module is in evaluation meanwhile.
  ///
  ///     print(model.summary { _ = model(Variable(.zeros([1, 1, 28, 28]))) })
  public func summary(_ body: () -> Void) -> ModuleSummary {
    let modes = modulesAndModes
    evaluate()
    defer { for (module, mode) in modes where module.isTraining != mode { module.trainAlone(mode) } }
    let operations = withoutGradients { OperationTrace.record(body) }

    let owners = Dictionary(
      namedParameters.map { name, parameter in
        (ObjectIdentifier(parameter), name.split(separator: ".").dropLast().joined(separator: "."))
      }, uniquingKeysWith: { first, _ in first })
    // A parameter reaches an op as it is, or sliced or reshaped first, as a new variable; those are not followed.
    var seen: Set<ObjectIdentifier> = []
    let rows = operations.map { operation in
      let own = operation.inputs.filter { $0 is Parameter }
      let layer = own.lazy.compactMap { owners[ObjectIdentifier($0)] }.first ?? ""
      let new = own.filter { seen.insert(ObjectIdentifier($0)).inserted }
      return ModuleSummary.Row(
        layer: layer, op: operation.name, outputShape: operation.outputShape,
        parameters: new.reduce(0) { $0 + $1.shape.reduce(1, *) },
        operations: operation.floatingPointOperations ?? 0, isCounted: operation.cost != nil)
    }
    return ModuleSummary(rows: rows, parameterCount: parameterCount)
  }

  private var modulesAndModes: [(Module, Bool)] {
    [(self, isTraining)] + namedChildren.flatMap { $0.module.modulesAndModes }
  }
}

extension Layer {
  /// What this layer does with an input of the given shape, op by op.
  ///
  ///     print(model.summary(inputShape: [1, 1, 28, 28]))
  public func summary(inputShape: [Int]) -> ModuleSummary {
    summary { _ = self(Variable(.zeros(inputShape))).value }
  }
}
