import Autograd
import Tensors

/// One case while it is checked: hands out what the file gives, takes what the engine computed, and keeps account
/// of both, so that no option is overlooked and no expected result is left uncompared.
public final class GoldenCase {
  /// The case, by the name of its file.
  public let name: String
  /// What is to be compared: `conv2d`, `adam`.
  public let op: String
  private let file: GoldenFile
  private let relativeTolerance: Double
  private let absoluteTolerance: Double
  private var readArrays: Set<String> = []
  private var comparedArrays: Set<String> = []
  private var readOptions: Set<String> = ["op", "case", "rtol", "atol", "torch", "seed"]
  private(set) var worst: Deviation?

  init(name: String, file: GoldenFile) throws {
    self.name = name
    self.file = file
    guard let op = file.metadata["op"] else { throw CaseFault("the metadata has no `op`") }
    self.op = op
    guard let relative = file.metadata["rtol"].flatMap(Double.init), relative >= 0,
      let absolute = file.metadata["atol"].flatMap(Double.init), absolute >= 0
    else { throw CaseFault("the metadata has no usable `rtol` and `atol`") }
    relativeTolerance = relative
    absoluteTolerance = absolute
  }

  // MARK: What the file gives

  /// Whether the file has an array of this name.
  public func has(_ name: String) -> Bool { file.arrays[name] != nil }

  /// The names of all arrays but the `_f64` twins, sorted.
  public var arrayNames: [String] { file.arrays.keys.filter { !isTwin($0) }.sorted() }

  /// An array as it stands in the file.
  public func array(_ name: String) throws -> GoldenArray {
    guard let array = file.arrays[name] else { throw CaseFault("the file has no array `\(name)`") }
    readArrays.insert(name)
    return array
  }

  /// An array of floating-point numbers, as a tensor.
  public func tensor(_ name: String) throws -> Tensor {
    let array = try array(name)
    guard array.isFloat else { throw wrongType(name, array, "floating-point numbers") }
    return Tensor(array.scalars.map { Float($0) }, shape: array.shape)
  }

  /// An array of whole numbers.
  public func integers(_ name: String) throws -> IntTensor {
    let array = try array(name)
    guard array.isInteger else { throw wrongType(name, array, "whole numbers") }
    return IntTensor(array.scalars.map { Int($0) }, shape: array.shape)
  }

  /// An array of true and false.
  public func mask(_ name: String) throws -> MaskTensor {
    let array = try array(name)
    guard array.type == .bool else { throw wrongType(name, array, "BOOL") }
    return MaskTensor(array.scalars.map { $0 != 0 }, shape: array.shape)
  }

  /// A tensor that a gradient is to reach: a leaf of the graph.
  public func leaf(_ name: String) throws -> Variable {
    Variable(try tensor(name), requiresGradient: true)
  }

  /// The same, where plainer files leave it out; nil then.
  public func leafIfPresent(_ name: String) throws -> Variable? { has(name) ? try leaf(name) : nil }

  /// An option in words.
  public func option(_ key: String) throws -> String {
    guard let text = file.metadata[key] else { throw CaseFault("the metadata has no `\(key)`") }
    readOptions.insert(key)
    return text
  }

  /// nil when the key is absent or `none`.
  public func optionIfPresent(_ key: String) throws -> String? {
    guard file.metadata[key] != nil else { return nil }
    let text = try option(key)
    return text == "none" ? nil : text
  }

  /// An option that is a whole number.
  public func integer(_ key: String) throws -> Int {
    guard let value = Int(try option(key)) else { throw notUnderstood(key, "a whole number") }
    return value
  }

  /// An option that is a number.
  public func number(_ key: String) throws -> Double {
    guard let value = Double(try option(key)) else { throw notUnderstood(key, "a number") }
    return value
  }

  /// A number that older or plainer files leave out.
  public func number(_ key: String, default fallback: Double) throws -> Double {
    file.metadata[key] == nil ? fallback : try number(key)
  }

  /// An option that is true or false.
  public func flag(_ key: String) throws -> Bool {
    guard let value = Bool(try option(key)) else { throw notUnderstood(key, "true or false") }
    return value
  }

  /// The same, where plainer files leave it out.
  public func flag(_ key: String, default fallback: Bool) throws -> Bool {
    file.metadata[key] == nil ? fallback : try flag(key)
  }

  /// A whole number that plainer files leave out.
  public func integer(_ key: String, default fallback: Int) throws -> Int {
    file.metadata[key] == nil ? fallback : try integer(key)
  }

  /// Numbers with commas between them.
  public func numbers(_ key: String) throws -> [Double] {
    try option(key).split(separator: ",").map {
      guard let value = Double($0) else { throw notUnderstood(key, "numbers with commas") }
      return value
    }
  }

  /// Whole numbers with commas between them.
  public func integers(option key: String) throws -> [Int] {
    try option(key).split(separator: ",").map {
      guard let value = Int($0) else { throw notUnderstood(key, "whole numbers with commas") }
      return value
    }
  }

  /// A height and a width with a comma between them.
  public func size2d(_ key: String) throws -> Size2d {
    let values = try integers(option: key)
    guard values.count == 2 else { throw notUnderstood(key, "height,width") }
    return Size2d(values[0], values[1])
  }

  /// For a key that only says in words what the handler does: another text is another convention.
  public func require(_ key: String, oneOf known: String...) throws {
    let text = try option(key)
    if !known.contains(text) { throw CaseFault("`\(key)` is unknown: \(text)") }
  }

  /// The same, where plainer files leave the key out.
  public func requireIfPresent(_ key: String, oneOf known: String...) throws {
    guard let text = file.metadata[key] else { return }
    readOptions.insert(key)
    if !known.contains(text) { throw CaseFault("`\(key)` is unknown: \(text)") }
  }

  private func notUnderstood(_ key: String, _ expected: String) -> CaseFault {
    CaseFault("`\(key)` is `\(file.metadata[key] ?? "")`, \(expected) was expected")
  }

  private func wrongType(_ name: String, _ array: GoldenArray, _ expected: String) -> CaseFault {
    CaseFault("`\(name)` is \(array.type.rawValue), expected \(expected)")
  }

  // MARK: What the engine computed

  /// Compares a tensor that the engine has computed.
  public func compare(_ name: String, _ mine: Tensor) throws { try compare(name, GoldenArray(mine)) }

  /// Compares whole numbers that the engine has computed.
  public func compare(_ name: String, _ mine: IntTensor) throws { try compare(name, GoldenArray(mine)) }

  /// Compares a leaf's gradient with the file's `grad_NAME`; no gradient at all counts as a fault.
  public func compareGradient(of name: String, _ leaf: Variable) throws {
    guard let gradient = leaf.gradient else { throw CaseFault("no gradient reached `\(name)`") }
    try compare("grad_\(name)", gradient)
  }

  /// Compares every number: `|mine − x| ≤ atol + rtol·|x|`, with the float64 twin as `x` where there is one.
  ///
  /// A NaN must meet a NaN, and an infinity the same infinity.
  public func compare(_ name: String, _ mine: GoldenArray) throws {
    guard let stored = file.arrays[name] else { throw CaseFault("the file has no result `\(name)`") }
    let reference = file.arrays[name + "_f64"] ?? stored
    comparedArrays.insert(name)
    if mine.shape != reference.shape || mine.scalars.count != reference.scalars.count {
      throw CaseFault("`\(name)` has shape \(mine.shape), \(reference.shape) was expected")
    }
    for (i, (y, x)) in zip(mine.scalars, reference.scalars).enumerated() {
      let share: Double
      if y == x || (y.isNaN && x.isNaN) {
        share = 0
      } else if !y.isFinite || !x.isFinite {
        share = .infinity
      } else {
        share = abs(y - x) / (absoluteTolerance + relativeTolerance * abs(x))
      }
      if worst == nil || share > worst!.share {
        worst = Deviation(share: share, array: name, flatIndex: i, shape: mine.shape, mine: y, reference: x)
      }
    }
  }

  // MARK: The account

  /// Throws when an option was never asked for, a result never compared, or an array never touched.
  func settle() throws {
    let options = Set(file.metadata.keys).subtracting(readOptions).sorted()
    if !options.isEmpty { throw CaseFault("unknown options: \(options.joined(separator: ", "))") }
    let expected = arrayNames.filter {
      file.arrays[$0 + "_f64"] != nil || $0.hasPrefix("grad_") && !readArrays.contains($0)
    }
    let missed = expected.filter { !comparedArrays.contains($0) }
    if !missed.isEmpty {
      throw CaseFault("results that were not compared: \(missed.joined(separator: ", "))")
    }
    let untouched = arrayNames.filter { !comparedArrays.contains($0) && !readArrays.contains($0) }
    if !untouched.isEmpty {
      throw CaseFault("arrays that nothing used: \(untouched.joined(separator: ", "))")
    }
    if comparedArrays.isEmpty { throw CaseFault("nothing was compared") }
  }

  private func isTwin(_ name: String) -> Bool {
    name.hasSuffix("_f64") && file.arrays[String(name.dropLast(4))] != nil
  }
}

/// Where a result lies farthest from its reference, in shares of the tolerance: 1 is just allowed.
public struct Deviation: Sendable {
  /// How much of the tolerance is used up: above 1, the result is wrong.
  public let share: Double
  /// The array that it is in.
  public let array: String
  let flatIndex: Int
  let shape: [Int]
  /// The engine's number.
  public let mine: Double
  /// The reference.
  public let reference: Double

  /// The place, one number for each axis.
  public var index: [Int] {
    var rest = flatIndex
    var index: [Int] = []
    for size in shape.reversed() {
      index.insert(rest % max(size, 1), at: 0)
      rest /= max(size, 1)
    }
    return index
  }
}

/// Why a case could not be checked: an option nobody knows, an array that is missing.
public struct CaseFault: Error, CustomStringConvertible {
  public let description: String
  /// A fault in words.
  public init(_ description: String) { self.description = description }
}
