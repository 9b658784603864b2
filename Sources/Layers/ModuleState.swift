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

extension StateEntry {
  /// The same for all names of a shared parameter.
  fileprivate var identity: ObjectIdentifier {
    switch self {
    case .parameter(let parameter): ObjectIdentifier(parameter)
    case .statistic(let statistic): ObjectIdentifier(statistic)
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
  /// nothing is changed. Names are compared by their bytes. Where layers share a parameter (tied weights), one of its
  /// names is enough, as in the files of safetensors' `save_model`; given by several, they must be equal.
  ///
  /// - Parameter strict: Whether names may neither be missing nor left over. If not, what fits is taken and the rest is
  ///   returned; shapes must fit in any case.
  /// - Returns: What was missing and left over; with `strict`, nothing.
  /// - Throws: `StateMismatch`, which lists all that is missing, not expected or of a wrong shape.
  /// - PyTorch: `module.load_state_dict(state, strict=strict)`, which takes the last of several tied weights, equal or not.
  @discardableResult
  public func load(_ tensors: [(name: String, tensor: Tensor)], strict: Bool = true) throws -> StateMismatch {
    let entries = namedEntries
    var given: [[UInt8]: Tensor] = [:]
    var mismatch = StateMismatch()
    for (name, tensor) in tensors {
      if given.updateValue(tensor, forKey: Array(name.utf8)) != nil { mismatch.repeated.append(name) }
    }
    let values = given
    // The first name by which each parameter and statistic is given.
    var source: [ObjectIdentifier: (name: String, tensor: Tensor)] = [:]
    for (name, entry) in entries {
      guard let tensor = values[Array(name.utf8)] else { continue }
      if let first = source[entry.identity] {
        let isEqual =
          first.tensor.shape == tensor.shape
          && first.tensor.scalars.map(\.bitPattern) == tensor.scalars.map(\.bitPattern)
        if !isEqual { mismatch.unequal.append("\(name) and \(first.name)") }
      } else {
        source[entry.identity] = (name, tensor)
      }
    }
    for (name, entry) in entries {
      guard let tensor = given.removeValue(forKey: Array(name.utf8)) else {
        if source[entry.identity] == nil { mismatch.missing.append(name) }
        continue
      }
      let expected = entry.value.shape
      if tensor.shape != expected {
        mismatch.wrongShapes.append(.init(name: name, expected: expected, found: tensor.shape))
      }
    }
    mismatch.unexpected = tensors.map(\.name).filter { given[Array($0.utf8)] != nil }
    if strict ? mismatch.isMismatch : mismatch.isMismatchOfContents { throw mismatch }
    for (_, entry) in entries {
      if let value = source[entry.identity]?.tensor { entry.value = value }
    }
    return mismatch
  }
}

/// Why named tensors are not the state of a module.
public struct StateMismatch: Error, Equatable, CustomStringConvertible {
  /// A tensor whose name fits, but not its shape.
  public struct WrongShape: Sendable, Equatable {
    /// The parameter's or statistic's name, such as `conv1.weight`.
    public let name: String
    /// The module's shape.
    public let expected: [Int]
    /// The tensor's shape.
    public let found: [Int]
  }

  /// Names the module has and the tensors lack.
  public internal(set) var missing: [String] = []
  /// Names the module does not have.
  public internal(set) var unexpected: [String] = []
  /// Names that were given twice.
  public internal(set) var repeated: [String] = []
  /// Tensors whose names fit, but not their shapes.
  public internal(set) var wrongShapes: [WrongShape] = []
  /// Pairs of names that stand for one shared parameter and were given different numbers.
  public internal(set) var unequal: [String] = []

  var isMismatch: Bool { !missing.isEmpty || !unexpected.isEmpty || isMismatchOfContents }
  /// What is wrong even when names may be missing and left over.
  var isMismatchOfContents: Bool { !(repeated.isEmpty && wrongShapes.isEmpty && unequal.isEmpty) }

  public var description: String {
    var lines = ["the tensors are not those of this module; nothing was loaded"]
    if !missing.isEmpty { lines.append("  missing: " + missing.joined(separator: ", ")) }
    if !unexpected.isEmpty { lines.append("  unexpected: " + unexpected.joined(separator: ", ")) }
    if !repeated.isEmpty { lines.append("  given twice: " + repeated.joined(separator: ", ")) }
    if !unequal.isEmpty {
      lines.append("  shared here, but with different numbers: " + unequal.joined(separator: ", "))
    }
    for wrong in wrongShapes {
      lines.append("  wrong shape: \(wrong.name) is \(wrong.found), \(wrong.expected) is needed")
    }
    lines.append("Make the module with the sizes it was saved with, or choose another file.")
    return lines.joined(separator: "\n")
  }
}
