import Foundation

/// A tiny reverse-mode automatic differentiation: everything that is calculated, in the order in which it is.
///
///     let tape = Tape()
///     let (a, b) = (tape.input(3), tape.input(2))
///     let y = (a + b) * a
///     tape.backward(from: y)
///     a.gradient                     // 8
///
/// Each step knows its value, which earlier steps it was made from, and its slope for each of them. All steps stand in
/// one array, an **arena**, and know each other by their place in it. So there is no graph of objects that a closure
/// could keep alive by capturing its own result, none to be released link by link (a chain of some ten thousand objects
/// overflows the stack), and no order to be searched for: the places are the order.
///
/// - PyTorch: the graph that autograd records; there it is a graph of objects.
/// - Source: Baydin, Pearlmutter, Radul, Siskind, "Automatic differentiation in machine learning: a survey", JMLR 18,
///   2018.
/// - Book: section 4.6.
public final class Tape {
  /// An earlier step, and how the result changes with it.
  public struct Input: Sendable {
    public let place: Int
    public let slope: Double
  }

  /// One number of the calculation.
  public struct Step: Sendable {
    /// What was done: `+`, `tanh`; `input` for a number that no step made.
    public let op: StaticString
    public let value: Double
    public fileprivate(set) var gradient = 0.0
    public let first, second: Input?

    /// What it was made from.
    public var inputs: [Input] { [first, second].compactMap { $0 } }
  }

  public private(set) var steps: [Step] = []

  public init() {}

  /// A number from outside: data, or a weight.
  public func input(_ value: Double) -> Number { record("input", value) }

  func record(_ op: StaticString, _ value: Double, _ first: Input? = nil, _ second: Input? = nil) -> Number {
    steps.append(Step(op: op, value: value, first: first, second: second))
    return Number(tape: self, place: steps.count - 1)
  }

  /// Gives every number its gradient `dy/dx`: how `y` changes with it.
  ///
  /// A step may hand on only when its own gradient is complete, that is, after all that were made from it. Those are
  /// newer: so it goes from the newest step to the oldest, once. Gradients of an earlier call are forgotten.
  ///
  /// - PyTorch: `y.backward()`; there the gradients of several calls add up.
  public func backward(from y: Number) {
    y.require(self, "backward")
    for place in steps.indices { steps[place].gradient = 0 }
    steps[y.place].gradient = 1
    for place in stride(from: y.place, through: 0, by: -1) {
      let step = steps[place]
      if let x = step.first { steps[x.place].gradient += step.gradient * x.slope }
      if let x = step.second { steps[x.place].gradient += step.gradient * x.slope }
    }
  }
}

/// A number on a tape.
public struct Number {
  public let tape: Tape
  public let place: Int

  public var value: Double { tape.steps[place].value }
  /// How the end of the calculation changes with this number; right after `backward`.
  public var gradient: Double { tape.steps[place].gradient }

  func require(_ other: Tape, _ what: StaticString) {
    if tape !== other { fatalError("\(what): the numbers stand on different tapes") }
  }
}
