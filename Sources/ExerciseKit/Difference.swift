import ExerciseChannel
import Foundation

/// Where and how two values first differ.
public struct Difference: Sendable {
  /// What kinds of differences there are.
  public enum Kind: Sendable {
    /// The sizes differ.
    case shape
    /// The sizes are equal, and a number differs.
    case number
    /// A statement about the answer does not hold.
    case statement
    /// The answer threw instead of giving something.
    case error
  }

  /// What kind of difference it is.
  public let kind: Kind
  /// The place of the first number that differs; nil where a place makes no sense.
  public let place: [Int]?
  /// What the answer gave there, in a few characters.
  public let yours: String
  /// What was expected there, in a few characters.
  public let expected: String
}

extension Difference {
  /// Nil when the two are equal within the tolerance. A number that is not a number equals nothing.
  init?(between yours: Value, and expected: Value, tolerance: Double, isNaNEqual: Bool = false) {
    let (a, b) = (yours.numbers, expected.numbers)
    guard a.shape == b.shape else {
      self.init(kind: .shape, place: nil, yours: "\(a.shape ?? [])", expected: "\(b.shape ?? [])")
      return
    }
    guard let shape = a.shape else {
      guard yours != expected else { return nil }
      self.init(kind: .number, place: nil, yours: yours.shortText, expected: expected.shortText)
      return
    }
    let first = zip(a.scalars, b.scalars).enumerated().first { _, pair in
      let (x, y) = pair
      if x == y || (isNaNEqual && x.isNaN && y.isNaN) { return false }
      // Next to an infinite number every distance would be small.
      return !(y.isFinite && abs(x - y) <= tolerance * max(1, abs(y)))
    }
    guard let first else { return nil }
    var place: [Int] = []
    var rest = first.offset
    for size in shape.reversed() {
      place.insert(rest % size, at: 0)
      rest /= size
    }
    self.init(
      kind: .number, place: place, yours: first.element.0.shortText, expected: first.element.1.shortText)
  }
}

extension Value {
  /// The numbers in a value with their shape; a nil shape where there are none, as in text.
  ///
  /// Lists of numbers count as vectors; the parts of other lists are laid one behind the other, after a first axis
  /// that counts them, when they agree in shape.
  var numbers: (shape: [Int]?, scalars: [Double]) {
    switch self {
    case .int(let number): return ([], [Double(number)])
    case .float(let number): return ([], [Double(number)])
    case .double(let number): return ([], [number])
    case .bool(let truth): return ([], [truth ? 1 : 0])
    case .string: return (nil, [])
    case .tensor(let tensor): return (tensor.shape, tensor.scalars.map(Double.init))
    case .ints(let scalars, let shape): return (shape, scalars.map(Double.init))
    case .list(let values):
      let parts = values.map(\.numbers)
      let shapes = parts.map(\.shape)
      guard shapes.allSatisfy({ $0 != nil && $0 == shapes[0] }) else { return (nil, []) }
      return ([values.count] + ((shapes.first ?? [Int]()) ?? []), parts.flatMap(\.scalars))
    }
  }

  /// The value in a few characters.
  var shortText: String {
    switch self {
    case .string(let text): return "\"\(text)\""
    case .bool(let truth): return "\(truth)"
    default: break
    }
    let (shape, scalars) = numbers
    guard let shape else {
      if case .list(let values) = self { return "(" + values.map(\.shortText).joined(separator: ", ") + ")" }
      return "\(self)"
    }
    if shape.isEmpty { return scalars[0].shortText }
    if shape.count == 1 && shape[0] <= 12 {
      return "[" + scalars.map(\.shortText).joined(separator: ", ") + "]"
    }
    return "\(shape)"
  }
}

extension Double {
  /// Whole numbers in full, others with at most five figures, and a real minus sign: −4, 0.33333, 1.2e−07.
  public var shortText: String {
    if isNaN { return "nan" }
    if isInfinite { return self < 0 ? "−∞" : "∞" }
    if self == rounded() && abs(self) < 1e15 {
      return (self < 0 ? "−" : "") + "\(Int(abs(self)))"
    }
    return String(format: "%.5g", self).replacingOccurrences(of: "-", with: "−")
  }
}
