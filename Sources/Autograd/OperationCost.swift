/// How many multiplications and additions an op does, each counting one. A comparison, or a function such as `exp`,
/// counts as one too.
///
/// An op states its cost where it is defined, so that `Module.summary` can count a network it knows nothing about:
///
///     Variable(value * value, op: "square", cost: .perResult(), inputs: [x]) { dy in [2 * value * dy] }
///
/// - PyTorch: `torch.utils.flop_counter`, which counts matrix products and convolutions only.
/// - Book: chapter 1.
public enum OperationCost: Sendable, Equatable {
  /// Nothing: numbers are moved, none is calculated.
  case free
  /// The same number of operations for each number of the result.
  case perResult(_ operations: Int = 1)
  /// The same number of operations for each number of the first input: a sum or a maximum reads each once. Windows that
  /// overlap are counted as if they did not.
  case perInput(_ operations: Int = 1)
  /// So many in all.
  case total(_ operations: Int)

  /// The operations of an op with such inputs and such a result.
  public func operations(inputs: [[Int]], output: [Int]) -> Int {
    switch self {
    case .free: 0
    case .perResult(let n): n * output.reduce(1, *)
    case .perInput(let n): n * (inputs.first?.reduce(1, *) ?? 0)
    case .total(let n): n
    }
  }
}
