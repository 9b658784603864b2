import Autograd
import Tensors

/// Something of a module that is saved: a parameter or a statistic.
enum StateEntry {
  case parameter(Parameter)
  case statistic(Statistic)

  var value: Tensor {
    get {
      switch self {
      case .parameter(let parameter): parameter.value
      case .statistic(let statistic): statistic.value
      }
    }
    nonmutating set {
      switch self {
      case .parameter(let parameter): parameter.value = newValue
      case .statistic(let statistic): statistic.value = newValue
      }
    }
  }
}

extension Module {
  /// All numbers that make up this module, with their names: parameters and statistics, a module's own before its
  /// layers'.
  ///
  /// - PyTorch: `module.state_dict()`, the same names in the same order.
  public var state: [(name: String, tensor: Tensor)] { namedEntries.map { ($0.name, $0.entry.value) } }

  /// Takes over the numbers of `tensors`, by name. Names and shapes must be exactly this module's; if they are not,
  /// nothing is changed.
  ///
  /// - Throws: `StateMismatch`, which lists all that is missing, not expected or of a wrong shape.
  /// - PyTorch: `module.load_state_dict(state, strict=True)`.
  public func load(_ tensors: [(name: String, tensor: Tensor)]) throws {
    let entries = namedEntries
    var given: [String: Tensor] = [:]
    var mismatch = StateMismatch()
    for (name, tensor) in tensors {
      if given.updateValue(tensor, forKey: name) != nil { mismatch.repeated.append(name) }
    }
    for (name, entry) in entries {
      guard let tensor = given.removeValue(forKey: name) else {
        mismatch.missing.append(name)
        continue
      }
      let expected = entry.value.shape
      if tensor.shape != expected {
        mismatch.wrongShapes.append(.init(name: name, expected: expected, found: tensor.shape))
      }
    }
    mismatch.unexpected = tensors.map(\.name).filter { given[$0] != nil }
    if mismatch.isMismatch { throw mismatch }
    let values = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
    for (name, entry) in entries { entry.value = values[name]! }
  }
}

/// Why named tensors are not the state of a module.
public struct StateMismatch: Error, Equatable, CustomStringConvertible {
  public struct WrongShape: Sendable, Equatable {
    public let name: String
    public let expected: [Int]
    public let found: [Int]
  }

  /// Names the module has and the tensors lack.
  public internal(set) var missing: [String] = []
  /// Names the module does not have.
  public internal(set) var unexpected: [String] = []
  /// Names that were given twice.
  public internal(set) var repeated: [String] = []
  public internal(set) var wrongShapes: [WrongShape] = []

  var isMismatch: Bool { !(missing.isEmpty && unexpected.isEmpty && repeated.isEmpty && wrongShapes.isEmpty) }

  public var description: String {
    var lines = ["the tensors are not those of this module; nothing was loaded"]
    if !missing.isEmpty { lines.append("  missing: " + missing.joined(separator: ", ")) }
    if !unexpected.isEmpty { lines.append("  unexpected: " + unexpected.joined(separator: ", ")) }
    if !repeated.isEmpty { lines.append("  given twice: " + repeated.joined(separator: ", ")) }
    for wrong in wrongShapes {
      lines.append("  wrong shape: \(wrong.name) is \(wrong.found), \(wrong.expected) is needed")
    }
    lines.append("Make the module with the sizes it was saved with, or choose another file.")
    return lines.joined(separator: "\n")
  }
}
