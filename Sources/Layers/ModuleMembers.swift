import Autograd
import Tensors

/// What a module's properties hold: its parameters, statistics and layers, with their names.
struct Members {
  private(set) var parameters: [(name: String, parameter: Parameter)] = []
  private(set) var statistics: [(name: String, statistic: Statistic)] = []
  private(set) var modules: [(name: String, module: Module)] = []

  init(of module: Module, in properties: [OpenProperty]) {
    var mirrors = [Mirror(reflecting: module)]
    for property in properties {
      while mirrors.count <= property.level { mirrors.append(mirrors.last!.superclassMirror!) }
      let children = mirrors[property.level].children
      let value = children[children.index(children.startIndex, offsetBy: property.offset)].value
      add(value, property.name, "\(type(of: module)).\(property.label)", isLazy: property.isLazy)
    }
    let (listedParameters, listedModules) = (module.listedParameters, module.listedModules)
    if listedParameters.isEmpty && listedModules.isEmpty { return }
    // What is listed has the name that the list gives it.
    let listed = Set(
      listedParameters.map { ObjectIdentifier($0.parameter) }
        + listedModules.map { ObjectIdentifier($0.module) })
    parameters.removeAll { listed.contains(ObjectIdentifier($0.parameter)) }
    modules.removeAll { listed.contains(ObjectIdentifier($0.module)) }
    parameters += listedParameters
    modules += listedModules
  }

  private var count: Int { parameters.count + statistics.count + modules.count }

  /// Adds what `value` is or holds.
  ///
  /// - Parameter place: Where it stands, for messages.
  private mutating func add(_ value: Any, _ name: String, _ place: String, isLazy: Bool = false) {
    switch value {
    case let parameter as Parameter: return parameters.append((name, parameter))
    case let statistic as Statistic: return statistics.append((name, statistic))
    case let module as Module: return modules.append((name, module))
    default: if holdsNoMembers(type(of: value)) { return }
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      if let content = mirror.children.first {
        add(content.value, name, place)
      } else if isLazy, let type = memberType(in: type(of: value)) {
        trap(
          "Module: the lazy property \(place) holds no \(type) yet, which would be missing here; use let or var"
        )
      }
    case .collection:
      for (i, child) in mirror.children.enumerated() { add(child.value, "\(name).\(i)", "\(place)[\(i)]") }
    case .dictionary: addDictionary(mirror, name, place)
    case .set:
      let before = count
      for child in mirror.children { add(child.value, name, place) }
      if count > before {
        trap("Module: \(place) is a set, whose parts have no names; use an array or a dictionary")
      }
    case .tuple, .struct, .enum:
      for (i, child) in mirror.children.enumerated() {
        // The parts of a tuple without labels are `.0`, `.1`, …
        let label = child.label.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 } ?? "\(i)"
        add(child.value, "\(name).\(snakeCase(label))", "\(place).\(label)")
      }
    default: break  // an object that is no module, a function, a plain value
    }
  }

  /// The values by the order of their keys.
  private mutating func addDictionary(_ mirror: Mirror, _ name: String, _ place: String) {
    var named: [(key: String, number: Int?, value: Any)] = []
    for child in mirror.children {
      let pair = Array(Mirror(reflecting: child.value).children)
      let before = count
      var probe = self
      probe.add(pair[1].value, "", place)
      if probe.count == before { continue }
      guard let key = Self.name(ofKey: pair[0].value) else {
        trap(
          "Module: the keys of \(place) are of the type \(type(of: pair[0].value)); strings, whole numbers or cases of an "
            + "enum are needed to name layers")
      }
      named.append((key, pair[0].value as? Int, pair[1].value))
    }
    named.sort { a, b in
      if let a = a.number, let b = b.number { return a < b }
      return Array(a.key.utf8).lexicographicallyPrecedes(Array(b.key.utf8))
    }
    for (key, _, value) in named { add(value, "\(name).\(key)", "\(place)[\(key)]") }
  }

  private static func name(ofKey key: Any) -> String? {
    switch key {
    case let text as String: text
    case let number as any BinaryInteger: "\(number)"
    case let raw as any RawRepresentable<String>: raw.rawValue
    default:
      // A case without contents has its own name.
      Mirror(reflecting: key).displayStyle == .enum && Mirror(reflecting: key).children.isEmpty
        ? "\(key)" : nil
    }
  }
}

/// A property that may hold parameters, statistics or layers.
struct OpenProperty {
  /// How many classes above the module's own it is declared.
  let level: Int
  /// Its place among the properties declared there.
  let offset: Int
  let label: String
  /// As PyTorch would write it: `in_proj_weight` for `inProjWeight`.
  let name: String
  let isLazy: Bool

  /// Those of `module`, in the order of declaration, the classes above first.
  ///
  /// Looking at a property takes a microsecond or two, so those that hold only numbers or text are left out for good.
  static func all(of module: Module) -> [OpenProperty] {
    var found: [[OpenProperty]] = []
    var mirror: Mirror? = Mirror(reflecting: module)
    while let here = mirror, here.subjectType != Module.self {
      let level = found.count
      found.append(
        here.children.enumerated().compactMap { offset, child in
          guard let label = child.label, !holdsNoMembers(type(of: child.value)) else { return nil }
          let isLazy = label.hasPrefix(lazyPrefix)
          let plain = isLazy ? String(label.dropFirst(lazyPrefix.count)) : label
          return OpenProperty(
            level: level, offset: offset, label: plain, name: snakeCase(plain), isLazy: isLazy)
        })
      mirror = here.superclassMirror
    }
    // From the module's own class up, as a mirror goes.
    return found.reversed().flatMap { $0 }
  }

  private static let lazyPrefix = "$__lazy_storage_$_"
}

/// `inProjWeight` → `in_proj_weight`
private func snakeCase(_ name: String) -> String {
  var result = ""
  for character in name.drop(while: { $0 == "_" }) {
    if character.isUppercase {
      result += "_" + character.lowercased()
    } else {
      result.append(character)
    }
  }
  return result
}

/// Whether what is of this type can be no layer, parameter or statistic and hold none.
private func holdsNoMembers(_ type: Any.Type) -> Bool {
  if plainTypes.contains(ObjectIdentifier(type)) { return true }
  guard let container = type as? any Container.Type else { return false }
  return container.contents.allSatisfy { content in
    // All parts of an array of objects are of its class or one below.
    let isOther = content is AnyObject.Type && memberType(in: content) == nil && content != Variable.self
    return isOther || holdsNoMembers(content)
  }
}

/// The type of the layers, parameters or statistics that a value of this type may hold, as far as the type tells.
private func memberType(in type: Any.Type) -> Any.Type? {
  if type is Module.Type || type is Parameter.Type || type is Statistic.Type || type == (any Layer).self {
    return type
  }
  return (type as? any Container.Type)?.contents.lazy.compactMap { memberType(in: $0) }.first
}

private let plainTypes = Set(
  [
    Int.self, UInt.self, UInt64.self, UInt32.self, UInt8.self, Int8.self, Float.self, Double.self, Bool.self,
    String.self, ClosedRange<Int>.self, Range<Int>.self, ClosedRange<Float>.self, Range<Float>.self,
    Size2d.self, Tensor.self, IntTensor.self, MaskTensor.self, RandomStream.self,
  ].map { (type: Any.Type) in ObjectIdentifier(type) })

/// A value of the standard library that holds others, and of which types these are.
private protocol Container { static var contents: [Any.Type] { get } }

extension Optional: Container { fileprivate static var contents: [Any.Type] { [Wrapped.self] } }
extension Array: Container { fileprivate static var contents: [Any.Type] { [Element.self] } }
extension ArraySlice: Container { fileprivate static var contents: [Any.Type] { [Element.self] } }
extension ContiguousArray: Container { fileprivate static var contents: [Any.Type] { [Element.self] } }
extension Set: Container { fileprivate static var contents: [Any.Type] { [Element.self] } }
extension Dictionary: Container { fileprivate static var contents: [Any.Type] { [Key.self, Value.self] } }
