/// Values by name, in the order of adding. Two names are one only if their bytes are: an é of one character and an é of
/// two look the same and are two names, as they are to Python and in every file format. (Swift's own `==` and
/// `Dictionary` take them for one.)
///
/// - PyTorch: a `dict` with texts as keys.
public struct NamedValues<Value> {
  /// The names in the order of adding.
  public private(set) var names: [String] = []
  private var values: [ByteName: Value] = [:]

  /// No values yet.
  public init() {}

  /// How many there are.
  public var count: Int { names.count }
  /// Whether there are none.
  public var isEmpty: Bool { names.isEmpty }

  /// The value called `name`. Setting adds it at the end, replaces it where it is, or with `nil` removes it.
  public subscript(name: String) -> Value? {
    get { values[ByteName(name)] }
    set {
      let key = ByteName(name)
      let old = values.updateOrRemove(newValue, forKey: key)
      if old == nil, newValue != nil { names.append(name) }
      if old != nil, newValue == nil { names.removeAll { ByteName($0) == key } }
    }
  }
}

/// A text that is compared by its bytes.
struct ByteName: Hashable, Sendable {
  let text: String
  init(_ text: String) { self.text = text }
  static func == (a: ByteName, b: ByteName) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

extension Dictionary {
  /// Sets or removes, and returns what was there.
  fileprivate mutating func updateOrRemove(_ value: Value?, forKey key: Key) -> Value? {
    if let value { updateValue(value, forKey: key) } else { removeValue(forKey: key) }
  }
}

extension NamedValues: Sendable where Value: Sendable {}

extension NamedValues: Equatable where Value: Equatable {
  /// The same values by the same names, in any order.
  public static func == (a: NamedValues, b: NamedValues) -> Bool { a.values == b.values }
}

extension NamedValues: Sequence {
  /// Names and values in the order of adding.
  public func makeIterator() -> AnyIterator<(name: String, value: Value)> {
    var place = 0
    return AnyIterator {
      if place == names.count { return nil }
      defer { place += 1 }
      return (names[place], values[ByteName(names[place])]!)
    }
  }
}

extension NamedValues: ExpressibleByDictionaryLiteral {
  /// In the order in which they are written; of a name that is there twice, the last value counts.
  public init(dictionaryLiteral elements: (String, Value)...) {
    for (name, value) in elements { self[name] = value }
  }
}
