import Formats
import NumberText
import Tensors

/// What a part of a training run must be given back to go on exactly as before: named tensors and numbers.
///
/// - PyTorch: the `state_dict()` of an optimiser or a scheduler.
public struct TrainingState: Sendable, Equatable {
  /// Whose state it is: `Adam`, `Scheduler`.
  public var kind: String
  /// What is remembered in tensors, by name: running means, say.
  public var tensors: [String: Tensor]
  /// What is remembered in numbers, by name: settings and counts.
  public var numbers: [String: Double]

  /// - Parameters:
  ///   - kind: Whose state it is; another kind will not take it.
  ///   - tensors: What is remembered in tensors, by name.
  ///   - numbers: What is remembered in numbers, by name.
  public init(kind: String, tensors: [String: Tensor] = [:], numbers: [String: Double] = [:]) {
    self.kind = kind
    self.tensors = tensors
    self.numbers = numbers
  }
}

/// A saved state does not fit the optimiser or schedule that is to take it: names that are missing or unexpected,
/// shapes that differ. For a network's weights see `StateMismatch`.
public struct TrainingStateMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was to take it: `Adam`, `CosineDecay`.
  public var subject: String
  /// What the taker has and the saved state lacks.
  public var missing: [String] = []
  /// What the saved state has and the taker does not know.
  public var unexpected: [String] = []
  /// What both have, but not of the same shape or kind, in words.
  public var differing: [String] = []

  init(_ subject: String) { self.subject = subject }

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && differing.isEmpty }

  /// Sorts what `saved` and `expected` have into the three lists.
  mutating func compare(saved: [String: [Int]], expected: [String: [Int]]) {
    missing += expected.keys.filter { saved[$0] == nil }.sorted()
    unexpected += saved.keys.filter { expected[$0] == nil }.sorted()
    for (name, shape) in expected.sorted(by: { $0.key < $1.key }) {
      if let other = saved[name], other != shape { differing.append("\(name) is \(other), not \(shape)") }
    }
  }

  public var description: String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing: \(listed(missing))") }
    if !unexpected.isEmpty { parts.append("unexpected: \(listed(unexpected))") }
    if !differing.isEmpty { parts.append("different: \(listed(differing))") }
    return """
      the saved state does not fit \(subject); \(parts.joined(separator: "; ")).
             Nothing was changed. Use the parameters and the settings that it was saved with.
      """
  }
}
