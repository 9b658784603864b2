import Autograd
import NumberText
import Tensors

/// Something of a module that is saved.
enum StateEntry {
  case parameter(Parameter)
  case statistic(Statistic)
  case array(KeptArray, of: any ArrayTaking)

  var value: Tensor {
    switch self {
    case .parameter(let parameter): parameter.value
    case .statistic(let statistic): statistic.value
    case .array(let array, _): array.tensor
    }
  }

  var type: KeptArray.NumberType {
    if case .array(let array, _) = self { return array.type }
    return .float32
  }

  /// Why `numbers` of the right shape cannot be taken, or nil.
  func objection(to numbers: Tensor) -> String? {
    if case .array(let array, _) = self { return array.objection(to: numbers) }
    return nil
  }

  /// The same for all names of what is shared.
  var identity: Identity {
    switch self {
    case .parameter(let parameter): Identity(object: ObjectIdentifier(parameter))
    case .statistic(let statistic): Identity(object: ObjectIdentifier(statistic))
    case .array(let array, let module): Identity(object: ObjectIdentifier(module), array: array.name)
    }
  }

  struct Identity: Hashable {
    let object: ObjectIdentifier
    var array: String?
  }
}

extension Module {
  /// All numbers that make up this module, with their names: parameters, statistics and kept arrays, a module's own
  /// before its layers'.
  ///
  /// - PyTorch: `module.state_dict()`, the same names in the same order.
  public var state: [(name: String, tensor: Tensor)] { namedEntries.map { ($0.name, $0.entry.value) } }

  /// The same, with the types that a file holds them in.
  package var typedState: [(name: String, tensor: Tensor, type: KeptArray.NumberType)] {
    namedEntries.map { ($0.name, $0.entry.value, $0.entry.type) }
  }

  /// Takes over the numbers of `tensors`, by name. Names and shapes must be exactly this module's; if they are not,
  /// nothing is changed. Names are compared by their bytes. Where layers share a parameter (tied weights), one of its
  /// names is enough, as in the files of safetensors' `save_model`; given by several, they must be equal.
  ///
  /// - Parameters:
  ///   - tensors: Names as `state` gives them, `conv1.weight` say, each with its numbers; in any order.
  ///   - strict: Whether names may neither be missing nor left over. If not, what fits is taken and the rest is returned;
  ///     shapes must fit in any case.
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
    var source: [StateEntry.Identity: (name: String, tensor: Tensor)] = [:]
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
      } else if let objection = entry.objection(to: tensor) {
        mismatch.wrongNumbers.append("\(name) \(objection)")
      }
    }
    mismatch.unexpected = tensors.map(\.name).filter { given[Array($0.utf8)] != nil }
    if strict ? mismatch.isMismatch : mismatch.isMismatchOfContents { throw mismatch }
    // A module takes all that it keeps at once.
    var kept: [ObjectIdentifier: (module: any ArrayTaking, arrays: [String: Tensor])] = [:]
    for (_, entry) in entries {
      let value = source[entry.identity]?.tensor
      switch entry {
      case .parameter(let parameter): if let value { parameter.value = value }
      case .statistic(let statistic): if let value { statistic.value = value }
      case .array(let array, let module):
        kept[ObjectIdentifier(module), default: (module, [:])].arrays[array.name] = value ?? array.tensor
      }
    }
    for (module, arrays) in kept.values { module.take(arrays) }
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
  /// Arrays with numbers that the module cannot take, with the first of them, in words.
  public internal(set) var wrongNumbers: [String] = []

  var isMismatch: Bool { !missing.isEmpty || !unexpected.isEmpty || isMismatchOfContents }
  /// What is wrong even when names may be missing and left over.
  var isMismatchOfContents: Bool {
    !(repeated.isEmpty && wrongShapes.isEmpty && unequal.isEmpty && wrongNumbers.isEmpty)
  }

  public var description: String {
    var lines = ["the tensors are not those of this module; nothing was loaded"]
    if !missing.isEmpty { lines.append("  missing: " + listed(missing)) }
    if !unexpected.isEmpty { lines.append("  unexpected: " + listed(unexpected)) }
    if !repeated.isEmpty { lines.append("  given twice: " + listed(repeated)) }
    if !unequal.isEmpty {
      lines.append("  shared here, but with different numbers: " + listed(unequal))
    }
    for wrong in wrongShapes.prefix(12) {
      lines.append("  wrong shape: \(wrong.name) is \(wrong.found), \(wrong.expected) is needed")
    }
    if wrongShapes.count > 12 { lines.append("  and \(grouped(wrongShapes.count - 12)) more of wrong shape") }
    for wrong in wrongNumbers.prefix(12) { lines.append("  wrong numbers: \(wrong)") }
    if wrongNumbers.count > 12 {
      lines.append("  and \(grouped(wrongNumbers.count - 12)) more with wrong numbers")
    }
    lines.append("Make the module with the sizes it was saved with, or choose another file.")
    return lines.joined(separator: "\n")
  }
}
