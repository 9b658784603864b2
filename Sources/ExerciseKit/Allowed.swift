import Foundation

/// What of the engine an exercise's answer may use.
///
/// The names are those of the compiled library: `conv2d` for a function of its own, `Tensor.zeros` for a member. So
/// the rule holds whatever the learner's file imports, and however it spells the call.
public struct Allowed: Sendable {
  let names: Set<String>
  private var isEverything = false

  /// Exactly these names: `conv2d` for a function of its own, `Tensor.zeros` for a member.
  public init(_ names: Set<String>) { self.names = names }

  /// What either allows.
  public static func + (a: Allowed, b: Allowed) -> Allowed {
    var both = Allowed(a.names.union(b.names))
    both.isEverything = a.isEverything || b.isEverything
    return both
  }

  /// All of the engine, for programs that use it as learners will in their own.
  public static let engine = {
    var all = Allowed([])
    all.isEverything = true
    return all
  }()

  /// Whole numbers, floats and arrays only.
  public static let nothing = Allowed([])

  /// Making tensors, and their numbers one by one.
  public static let tensor = Allowed([
    "Tensor.init", "Tensor.zeros", "Tensor.ones", "Tensor.shape", "Tensor.rank", "Tensor.count",
    "Tensor.scalars",
    "Tensor.scalar", "Tensor.subscript", "Tensor.map", "Tensor.reshaped", "Tensor.flattened", "Tensor.row",
    "Tensor.rows", "Tensor.==", "Tensor.description", "IntTensor.init", "IntTensor.shape",
    "IntTensor.scalars",
    "IntTensor.count", "IntTensor.rank", "IntTensor.==",
  ])

  /// `+ - * /` of tensors and numbers, with broadcasting.
  public static let arithmetic = Allowed([
    "Tensor.+", "Tensor.-", "Tensor.*", "Tensor./", "Tensor.+=", "Tensor.-=", "Tensor.*=", "Tensor./=",
  ])
}

/// Something that an answer uses and may not.
public struct Forbidden: Sendable, Equatable {
  /// As the learner writes it, such as `conv2d`.
  public let name: String
  /// It is not of the engine, but of the system or of a library.
  var isOutside = false
}

extension Allowed {
  /// The first use of something that is not allowed, among the names that a compiled library asks others for.
  ///
  /// - Parameters:
  ///   - symbols: As `nm` prints them.
  ///   - modules: The modules of the engine.
  ///   - module: The module of the answer itself.
  func firstForbidden(among symbols: [String], modules: Set<String>, module: String) -> Forbidden? {
    if let name = Outside.firstForbidden(among: symbols, ownModule: module, engine: modules) {
      return Forbidden(name: name, isOutside: true)
    }
    for symbol in symbols {
      guard !isEverything, symbol.hasPrefix("$s") || symbol.hasPrefix("_$s"), let text = demangled(symbol),
        let name = Self.use(in: text, of: modules), !names.contains(name)
      else { continue }
      return Forbidden(name: name)
    }
    return nil
  }

  /// The function or member that a demangled name is about, without its module; nil for types and for other modules.
  static func use(in text: String, of modules: Set<String>) -> String? {
    let kinds = [
      "metadata", "descriptor", "witness", "outlined", "reflection", "lazy", "associated", "base conformance",
    ]
    let head = text.prefix { $0 != "(" && $0 != ":" }
    if kinds.contains(where: { head.contains($0) }) && !head.hasPrefix("default argument") { return nil }

    // The name begins behind "Module." and is followed by its parameters, its type, or the words of an operator.
    for module in modules {
      guard let range = text.range(of: "\\b\(module)\\.", options: .regularExpression) else { continue }
      // In "Swift.Array.init(Tensors.Tensor)" the module is only in the type.
      if text[..<range.lowerBound].contains("(") && !text[..<range.lowerBound].contains("(extension in ") {
        continue
      }
      let name = text[range.upperBound...].prefix { $0 != "(" && $0 != " " && $0 != ":" && $0 != "<" }
      var parts = name.split(separator: ".").map(String.init)
      if let last = parts.last,
        ["getter", "setter", "modify", "read", "unsafeMutableAddressor"].contains(last)
      {
        parts.removeLast()
      }
      if parts.last == "allocating_init" || parts.last == "__allocating_init" {
        parts[parts.count - 1] = "init"
      }
      return parts.joined(separator: ".")
    }
    return nil
  }
}

@_silgen_name("swift_demangle")
private func swiftDemangle(
  _ name: UnsafePointer<CChar>, _ length: Int, _ buffer: UnsafeMutablePointer<CChar>?,
  _ bufferSize: UnsafeMutablePointer<Int>?, _ flags: UInt32
) -> UnsafeMutablePointer<CChar>?

/// What a compiled Swift name stands for; nil when it is none.
func demangled(_ symbol: String) -> String? {
  guard let text = swiftDemangle(symbol, symbol.utf8.count, nil, nil, 0) else { return nil }
  defer { free(text) }
  return String(cString: text)
}

extension Allowed {
  /// The names for a learner, as the rest of a sentence that begins with "It may use".
  var sentence: String {
    if isEverything { return "all of the engine" }
    if names.isEmpty { return "only Swift's own types: numbers and arrays" }
    var rest = names
    var parts: [String] = []
    if rest.isSuperset(of: Self.tensor.names) {
      rest.subtract(Self.tensor.names)
      parts.append("Tensor with its shape and its numbers (x[i, j], Tensor.zeros, reshaped, rows …)")
    }
    if rest.isSuperset(of: Self.arithmetic.names) {
      rest.subtract(Self.arithmetic.names)
      parts.append("+ - * / of tensors")
    }
    return (parts + rest.sorted()).joined(separator: ", ")
  }
}
