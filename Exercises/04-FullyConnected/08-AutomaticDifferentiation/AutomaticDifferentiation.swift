// 4.8  A tiny automatic differentiation                            (the book: chapter 4, section 4.6)
//
// A calculation is made of small steps. Let every number remember what it was made from, and how it changes with each
// of those, its slopes; then the chain rule can be followed backwards through any calculation, without anyone deriving
// a formula.
//
//     z = a + b        dz/da = 1        dz/db = 1             (given below, as an example)
//     z = a · b        dz/da = b        dz/db = a
//     z = tanh a       dz/da = 1 − z²
//
// The gradient of a number v is dy/dv: how the end of the calculation, y, changes with v. Begin with dy/dy = 1. Then
// every number z hands on to each number v that it was made from:
//
//     gradient of v  +=  dz/dv · gradient of z
//
// It is +=, because a number that is used in several places gets a part from each. And z may hand on only when its own
// gradient is complete: after all numbers that were made from z. Such an order is called topological.
//
// For example, c = a·b and y = c + tanh c with a = 0, b = 2:   c = 0, tanh c = 0, y = 0
//
//     y          gradient 1            hands 1·1 to c and 1·1 to tanh c
//     tanh c     gradient 1            hands (1 − 0²)·1 = 1 to c
//     c          gradient 1 + 1 = 2    hands 2·2 = 4 to a and 0·2 = 0 to b            dy/da = 4, dy/db = 0
//
// Each number may hand on once only. In a long calculation there are more ways through it than atoms on earth.

import Foundation
import Practice

/// A number that remembers what it was made from.
final class Number {
  let value: Double
  /// How the end of the calculation changes with this number; complete after `backward`.
  var gradient = 0.0
  /// What this number was made from, each with its slope.
  let inputs: [(number: Number, slope: Double)]

  init(_ value: Double, madeFrom inputs: [(number: Number, slope: Double)] = []) {
    self.value = value
    self.inputs = inputs
  }

  static func + (a: Number, b: Number) throws -> Number {
    Number(a.value + b.value, madeFrom: [(a, 1), (b, 1)])
  }

  static func * (a: Number, b: Number) throws -> Number {
    // BEGIN SOLUTION
    return Number(a.value * b.value, madeFrom: [(a, b.value), (b, a.value)])
    // END SOLUTION
  }

  /// The hyperbolic tangent of this number; Foundation has `tanh` for a Double.
  func hyperbolicTangent() throws -> Number {
    // BEGIN SOLUTION
    let z = tanh(value)
    return Number(z, madeFrom: [(self, 1 - z * z)])
    // END SOLUTION
  }

  /// Gives this number, the end of a calculation, and all numbers behind it their gradients.
  func backward() throws {
    // BEGIN SOLUTION
    var order: [Number] = []
    var seen: Set<ObjectIdentifier> = []
    func visit(_ z: Number) {
      guard seen.insert(ObjectIdentifier(z)).inserted else { return }
      for input in z.inputs { visit(input.number) }
      order.append(z)
    }
    visit(self)
    gradient = 1
    for z in order.reversed() {
      for input in z.inputs { input.number.gradient += input.slope * z.gradient }
    }
    // END SOLUTION
  }
}
