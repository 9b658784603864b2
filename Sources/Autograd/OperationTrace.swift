import Tensors

/// What ops were done while something ran, in order: for tables of a network's costs.
///
///     let operations = OperationTrace.record { _ = model(images) }
public enum OperationTrace {
  /// One op as it was called. Ops that are done in one pass are listed one by one, each with what it was given.
  public struct Operation {
    /// The op's name, such as `conv2d`.
    public let name: String
    /// The variables that it was called with, parameters included.
    public let inputs: [Variable]
    /// The shape of what it makes.
    public let outputShape: [Int]
    /// What the op states where it is defined; nil when it states nothing.
    public let cost: OperationCost?

    /// Multiplications and additions, each counting one; nil when the op states no cost.
    public var floatingPointOperations: Int? {
      cost?.operations(inputs: inputs.map(\.shape), output: outputShape)
    }
  }

  /// Collects operations. A class, so that ops can add to it; used by the one task that records.
  final class Recorder {
    var operations: [Operation] = []
  }

  @TaskLocal private static var box: UncheckedBox?

  /// `@unchecked Sendable`: the recorder is only touched by ops of the task that runs `record`'s body.
  private struct UncheckedBox: @unchecked Sendable { let recorder: Recorder }

  static func add(
    _ name: String, cost: @autoclosure () -> OperationCost?, _ inputs: [Variable], _ outputShape: [Int]
  ) {
    guard let box else { return }
    box.recorder.operations.append(
      Operation(name: name, inputs: inputs, outputShape: outputShape, cost: cost()))
  }

  /// Runs `body` and returns the ops that were done.
  public static func record(_ body: () throws -> Void) rethrows -> [Operation] {
    let recorder = Recorder()
    try $box.withValue(UncheckedBox(recorder: recorder)) { try body() }
    return recorder.operations
  }
}
