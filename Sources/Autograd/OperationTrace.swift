import Tensors

/// What ops were done while something ran, in order: for tables of a network's costs.
///
///     let operations = OperationTrace.record { _ = model(images) }
public enum OperationTrace {
  public struct Operation {
    /// The op's name; of ops done in one pass, the last one's.
    public let name: String
    public let inputs: [Variable]
    public let outputShape: [Int]
  }

  /// Collects operations. A class, so that ops can add to it; used by the one task that records.
  final class Recorder {
    var operations: [Operation] = []
  }

  @TaskLocal private static var box: UncheckedBox?

  /// `@unchecked Sendable`: the recorder is only touched by ops of the task that runs `record`'s body.
  private struct UncheckedBox: @unchecked Sendable { let recorder: Recorder }

  static func add(_ op: String, _ inputs: [Variable], _ outputShape: [Int]) {
    guard let box else { return }
    let name = op.components(after: " + ")
    box.recorder.operations.append(Operation(name: name, inputs: inputs, outputShape: outputShape))
  }

  /// Runs `body` and returns the ops that were done.
  public static func record(_ body: () throws -> Void) rethrows -> [Operation] {
    let recorder = Recorder()
    try $box.withValue(UncheckedBox(recorder: recorder)) { try body() }
    return recorder.operations
  }
}

extension String {
  /// What follows the last `separator`; everything when there is none.
  fileprivate func components(after separator: String) -> String {
    var rest = self[...]
    while let range = rest.firstRange(of: separator) { rest = rest[range.upperBound...] }
    return String(rest)
  }
}
