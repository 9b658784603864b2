import ExerciseChannel
import Tensors

extension Value {
  /// The same value with its floats in reverse order: an input of the same shape and range, with other numbers. Whole
  /// numbers stay, for they may be sizes or places.
  var reversed: Value {
    switch self {
    case .tensor(let tensor): .tensor(Tensor(tensor.scalars.reversed(), shape: tensor.shape))
    case .list(let values): .list(values.allSatisfy(\.isFloat) ? values.reversed() : values.map(\.reversed))
    case .int, .float, .double, .bool, .string, .ints: self
    }
  }

  private var isFloat: Bool {
    switch self {
    case .float, .double: true
    default: false
    }
  }

  /// How many numbers it holds, about.
  var size: Int {
    switch self {
    case .tensor(let tensor): tensor.count
    case .ints(let scalars, _): scalars.count
    case .list(let values): values.reduce(0) { $0 + $1.size }
    case .int, .float, .double, .bool, .string: 1
    }
  }
}

extension Request {
  /// A call of the same function with other numbers in the same shapes; nil where there is none, or where it would be
  /// long to wait for.
  func withOtherNumbers(number: Int) -> Request? {
    let others = arguments.map(\.reversed)
    guard others != arguments, arguments.reduce(0, { $0 + $1.size }) <= 10_000 else { return nil }
    return Request(number: number, function: function, arguments: others)
  }
}
