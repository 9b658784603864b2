import ExerciseKit
import Foundation
import Practice

public final class AutomaticDifferentiationExercise: Exercise {
  /// The end of a calculation, and the gradient of each of its inputs.
  public typealias Answer = @Sendable (_ steps: [[Int]], _ inputs: [Double]) throws -> [Double]

  public init() {}

  public let title = "A tiny automatic differentiation"
  public let section = "4.6"
  public let difficulty = 4
  public let minutes = 50
  public let allowed = Allowed.nothing
  // Called by the name of what the learner writes, so that a verdict points there. The calculation is done here, and not in
  // the learner's file: what is asked of the numbers cannot be changed.
  public let functions = [
    """
    backward: { (steps: [[Int]], inputs: [Double]) throws -> [Double] in
      var numbers = inputs.map { Number($0) }
      for step in steps {
        switch step[0] {
        case 0: numbers.append(try numbers[step[1]] + numbers[step[2]])
        case 1: numbers.append(try numbers[step[1]] * numbers[step[2]])
        default: numbers.append(try numbers[step[1]].hyperbolicTangent())
        }
      }
      try numbers[numbers.count - 1].backward()
      return [numbers[numbers.count - 1].value] + numbers.prefix(inputs.count).map { $0.gradient }
    }
    """
  ]
  public let solution: Answer = differentiate

  public func answer(of learner: Learner) -> Answer {
    { steps, inputs in try learner.call("backward", steps, inputs) }
  }

  public let hints = [
    "Product and hyperbolic tangent are like the sum above them, with other slopes. In backward, first put "
      + "all numbers in a list so that each comes behind everything it was made from; then go through the "
      + "list from its end.",
    "A number goes onto the list after its inputs have, and never twice: a function that calls itself for "
      + "the inputs and then appends, with a Set of ObjectIdentifier for what it has seen. Then gradient = "
      + "1 for the end, and for each z from the end of the list: input.gradient += slope · z.gradient.",
    """
    var order: [Number] = []
    var seen: Set<ObjectIdentifier> = []
    func visit(_ z: Number) {
      guard seen.insert(ObjectIdentifier(z)).inserted else { return }
      for … in z.inputs { … }
      …
    }
    visit(self)
    gradient = …
    for z in order.reversed() {
      for input in z.inputs { … += … }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "the sum and the product of two numbers", points: 1) { answer, trial in
      try expectGradients([[1, 0, 1]], [2, 3], of: answer, trial)
      try expectGradients([[0, 0, 1]], [2, -3], of: answer, trial)
      try expectGradients([[1, 0, 1], [1, 3, 2]], [2, -3, 5], of: answer, trial)
    },
    Check(.byHand, "the hyperbolic tangent", points: 1) { answer, trial in
      try expectGradients([[2, 0]], [0.5], of: answer, trial)
      try expectGradients([[1, 0, 1], [2, 2]], [0.5, -1.5], of: answer, trial)
    },
    Check(.byHand, "a number that is used twice", points: 1) { answer, trial in
      try expectGradients([[1, 0, 0]], [3], of: answer, trial)
      try expectGradients([[1, 0, 1], [0, 2, 0]], [2, 3], of: answer, trial)
    },
    Check(.byHand, "a number that is used early and late", points: 1) { answer, trial in
      try expectGradients([[1, 0, 1], [2, 2], [0, 2, 3]], [0.5, 2], of: answer, trial)
      try expectGradients([[1, 0, 1], [2, 2], [0, 3, 2]], [0.5, 2], of: answer, trial)
    },
    Check(.byHand, "two numbers that are equal, and not the same", points: 1) { answer, trial in
      try expectGradients([[1, 0, 1], [1, 1, 0], [0, 2, 3]], [2, 3], of: answer, trial)
      try expectGradients([[0, 0, 1], [2, 2], [0, 0, 1], [1, 3, 4]], [0.5, 0.25], of: answer, trial)
    },
    Check(.property, "the chain rule forwards gives the same, for thirty calculations", points: 2) {
      answer, trial in
      for seed in 0..<30 {
        let (steps, inputs) = calculation(seed: UInt64(seed))
        try expectGradients(steps, inputs, of: answer, trial)
      }
    },
    Check(.gradients, "the end changes as the gradients say", points: 1) { answer, trial in
      for seed in 100..<110 {
        let (steps, inputs) = calculation(seed: UInt64(seed))
        let expected = inputs.indices.map { index in
          var (above, below) = (inputs, inputs)
          above[index] += 1e-5
          below[index] -= 1e-5
          return (forwards(steps, above)[0] - forwards(steps, below)[0]) / 2e-5
        }
        let yours = try answer(steps, inputs)
        trial.expect(
          Array(yours.dropFirst()), equals: expected, "\(formula(steps, inputs.count)), the gradients",
          given: ["inputs": inputs], tolerance: 1e-4)
      }
    },
    Check(.gradients, "each number hands on once, with 2⁶⁰ ways through", points: 1) { answer, trial in
      // Sixty times y = y + y.
      try expectGradients((0..<60).map { [0, $0, $0] }, [1.5], of: answer, trial)
    },
    Check(.training, "a neuron learns five points: y = tanh(a x + b)", points: 1) { answer, trial in
      let points: [(x: Double, y: Double)] = [(-1, -0.9), (-0.5, -0.6), (0, 0.1), (1, 0.95), (2, 0.99)]
      var (a, b) = (0.1, 0.0)
      var loss = 0.0
      for _ in 0..<200 {
        let end = try answer(neuron(points.count), [a, b] + points.flatMap { [$0.x, -$0.y] })
        guard end.count == 3 + 2 * points.count else {
          return trial.expect(
            end.count, equals: 3 + 2 * points.count, "one result and a gradient for each input", tolerance: 0)
        }
        loss = end[0]
        a -= 0.2 * end[1]
        b -= 0.2 * end[2]
      }
      trial.expect(
        loss < 0.05, "after 200 steps against the gradient the sum of the squared errors is below 0.05",
        about: [loss, a, b])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the slopes of the product are exchanged",
      advice: "You exchanged the slopes of the product. How a·b changes with a is told by b, and the other "
        + "way round."
    ) { backwards($0, $1, rules: Rules(product: { a, b in (a, b) })) },
    Mistake(
      "the product has the slopes of the sum",
      advice: "Your product has the slopes 1 and 1, as the sum does. They are b for a, and a for b."
    ) { backwards($0, $1, rules: Rules(product: { _, _ in (1, 1) })) },
    Mistake(
      "the slope of tanh with its input",
      advice: "You wrote 1 − a² for the slope of tanh. It is 1 − z², with the result z = tanh a."
    ) { backwards($0, $1, rules: Rules(tanh: { a, _ in 1 - a * a })) },
    Mistake(
      "the square of tanh is forgotten",
      advice: "You wrote 1 − z for the slope of tanh. It is 1 − z²."
    ) { backwards($0, $1, rules: Rules(tanh: { _, z in 1 - z })) },
    Mistake(
      "the gradients replace each other",
      advice: "You set the gradient of an input. If it is used in several places it gets a part from each: "
        + "use +=."
    ) { backwards($0, $1, rules: Rules(isAdded: false)) },
    Mistake(
      "the gradients replace each other, use by use",
      advice: "You set the gradient of an input each time it is used. It gets a part from each use: add "
        + "with +=, and hand on only when all parts have come."
    ) { backwards($0, $1, rules: Rules(isAdded: false, order: .eachUse)) },
    Mistake(
      "the chain rule is not applied",
      advice: "You add the slope alone. Multiply it by the gradient of the number that hands on."
    ) { backwards($0, $1, rules: Rules(isChained: false)) },
    Mistake(
      "the end has no gradient",
      advice: "All your gradients are 0, because nothing sets the first one: the gradient of the end is 1."
    ) { backwards($0, $1, rules: Rules(first: { _ in 0 })) },
    Mistake(
      "the end's gradient is its value",
      advice: "You begin with the value of the end. Its gradient is 1: it changes as much as it changes "
        + "itself."
    ) { backwards($0, $1, rules: Rules(first: { $0 })) },
    Mistake(
      "numbers hand on too early",
      advice: "A number of yours hands on before all parts of its gradient have come. Put the numbers in an "
        + "order in which each comes after all that were made from it."
    ) { backwards($0, $1, rules: Rules(order: .breadthFirst)) },
    Mistake(
      "the list is not turned round",
      advice: "You go through the list from the inputs to the end. Nothing has a gradient yet then: go the "
        + "other way."
    ) { backwards($0, $1, rules: Rules(order: .inputsFirst)) },
    Mistake(
      "a number hands on where it is first met",
      advice: "Your numbers hand on as soon as they are met, while parts of their gradients are still to "
        + "come. First make the whole list, then hand on."
    ) { backwards($0, $1, rules: Rules(order: .asMet)) },
    Mistake(
      "equal numbers are taken for one",
      advice:
        "You tell the numbers apart by their values. Two of them may be equal and be made of others: tell them apart "
        + "as objects, by ObjectIdentifier or ===."
    ) { backwards($0, $1, rules: Rules(order: .byValue)) },
    Mistake(
      "all is handed on again for each use",
      advice: "A number that is used twice hands on twice in yours, and the second time what it handed on "
        + "before as well. Each hands on once, when its gradient is complete."
    ) { backwards($0, $1, rules: Rules(order: .eachUse)) },
  ]
}

/// Does a calculation and gives its end and the gradients of the inputs.
///
/// A step is [0, i, j] for the sum of the numbers i and j, [1, i, j] for their product, [2, i] for the hyperbolic tangent of
/// number i. The inputs are the first numbers, and every step makes the next.
private func differentiate(_ steps: [[Int]], at inputs: [Double]) throws -> [Double] {
  var numbers = inputs.map { Number($0) }
  for step in steps {
    switch step[0] {
    case 0: numbers.append(try numbers[step[1]] + numbers[step[2]])
    case 1: numbers.append(try numbers[step[1]] * numbers[step[2]])
    default: numbers.append(try numbers[step[1]].hyperbolicTangent())
    }
  }
  try numbers[numbers.count - 1].backward()
  return [numbers[numbers.count - 1].value] + numbers.prefix(inputs.count).map(\.gradient)
}

/// The rules of a way back, right unless said otherwise.
private struct Rules: Sendable {
  enum Order { case byValue, topological, breadthFirst, inputsFirst, asMet, eachUse }

  var product: @Sendable (_ a: Double, _ b: Double) -> (Double, Double) = { a, b in (b, a) }
  var tanh: @Sendable (_ a: Double, _ z: Double) -> Double = { _, z in 1 - z * z }
  var isAdded = true
  var isChained = true
  var first: @Sendable (_ end: Double) -> Double = { _ in 1 }
  var order = Order.topological
}

/// The way back over a list of steps, by rules that may be wrong.
private func backwards(_ steps: [[Int]], _ inputs: [Double], rules: Rules) -> [Double] {
  var values = inputs
  var madeFrom: [[(index: Int, slope: Double)]] = inputs.map { _ in [] }
  for step in steps {
    let a = values[step[1]]
    switch step[0] {
    case 0:
      values.append(a + values[step[2]])
      madeFrom.append([(step[1], 1), (step[2], 1)])
    case 1:
      let b = values[step[2]]
      let slopes = rules.product(a, b)
      values.append(a * b)
      madeFrom.append([(step[1], slopes.0), (step[2], slopes.1)])
    default:
      values.append(Foundation.tanh(a))
      madeFrom.append([(step[1], rules.tanh(a, Foundation.tanh(a)))])
    }
  }
  let end = values.count - 1
  var gradients = values.map { _ in 0.0 }
  gradients[end] = rules.first(values[end])
  func handOn(_ z: Int, to input: (index: Int, slope: Double)) {
    let part = rules.isChained ? input.slope * gradients[z] : input.slope
    gradients[input.index] = rules.isAdded ? gradients[input.index] + part : part
  }

  var seen: Set<Int> = []
  func handOnAsMet(_ z: Int, onlyOnce: Bool) {
    if onlyOnce && !seen.insert(z).inserted { return }
    for input in madeFrom[z] {
      handOn(z, to: input)
      handOnAsMet(input.index, onlyOnce: onlyOnce)
    }
  }

  switch rules.order {
  case .topological: for z in (0...end).reversed() { for input in madeFrom[z] { handOn(z, to: input) } }
  case .inputsFirst: for z in 0...end { for input in madeFrom[z] { handOn(z, to: input) } }
  case .breadthFirst:
    var queue = [end]
    while !queue.isEmpty {
      let z = queue.removeFirst()
      guard seen.insert(z).inserted else { continue }
      for input in madeFrom[z] { handOn(z, to: input) }
      queue += madeFrom[z].map(\.index)
    }
  case .byValue:
    var order: [Int] = []
    var met: [Double] = []
    func visit(_ z: Int) {
      if met.contains(values[z]) { return }
      met.append(values[z])
      for input in madeFrom[z] { visit(input.index) }
      order.append(z)
    }
    visit(end)
    for z in order.reversed() { for input in madeFrom[z] { handOn(z, to: input) } }
  case .asMet: handOnAsMet(end, onlyOnce: true)
  case .eachUse: handOnAsMet(end, onlyOnce: false)
  }
  return [values[end]] + gradients.prefix(inputs.count)
}

/// The chain rule the other way: every number carries how it changes with each input, from the first step on.
private func forwards(_ steps: [[Int]], _ inputs: [Double]) -> [Double] {
  var numbers = inputs.indices.map { index in
    (value: inputs[index], slopes: inputs.indices.map { $0 == index ? 1.0 : 0 })
  }
  for step in steps {
    let a = numbers[step[1]]
    let b = step.count > 2 ? numbers[step[2]] : a
    switch step[0] {
    case 0: numbers.append((a.value + b.value, zip(a.slopes, b.slopes).map { $0 + $1 }))
    case 1:
      numbers.append((a.value * b.value, zip(a.slopes, b.slopes).map { $0 * b.value + a.value * $1 }))
    default:
      let slope = 1 / (cosh(a.value) * cosh(a.value))
      numbers.append((tanh(a.value), a.slopes.map { $0 * slope }))
    }
  }
  return [numbers[numbers.count - 1].value] + numbers[numbers.count - 1].slopes
}

/// Some steps on two to four inputs, with all that was made before used again and again.
private func calculation(seed: UInt64) -> (steps: [[Int]], inputs: [Double]) {
  var stream = RandomStream(seed: seed, stream: 48)
  let inputs = (0..<2 + stream.integer(below: 3)).map { _ in Double(stream.normal()) }
  var steps: [[Int]] = []
  for _ in 0..<3 + stream.integer(below: 8) {
    let count = inputs.count + steps.count
    // Mostly late numbers, so that little is made in vain.
    func earlier() -> Int { max(stream.integer(below: count), stream.integer(below: count)) }
    let kind = stream.integer(below: 3)
    steps.append(kind == 2 ? [2, earlier()] : [kind, earlier(), earlier()])
  }
  return (steps, inputs)
}

/// Σ (tanh(a x + b) + (−y))² over some points; the inputs are a, b, and x and −y of each point.
private func neuron(_ points: Int) -> [[Int]] {
  var steps: [[Int]] = []
  var next: Int { 2 + 2 * points + steps.count }
  var squares: [Int] = []
  for point in 0..<points {
    steps.append([1, 0, 2 + 2 * point])
    steps.append([0, next - 1, 1])
    steps.append([2, next - 1])
    steps.append([0, next - 1, 3 + 2 * point])
    steps.append([1, next - 1, next - 1])
    squares.append(next - 1)
  }
  for index in 1..<points { steps.append([0, index == 1 ? squares[0] : next - 1, squares[index]]) }
  return steps
}

/// A calculation as one writes it: c = a·b, y = c + tanh c.
private func formula(_ steps: [[Int]], _ inputs: Int) -> String {
  if steps.count > 12 { return "\(steps.count) steps" }
  let letters = "abcdefghijklmnopqrstuvwx".map(String.init)
  func name(_ index: Int) -> String { index == inputs + steps.count - 1 ? "y" : letters[index] }
  return steps.enumerated().map { index, step in
    let right =
      switch step[0] {
      case 0: "\(name(step[1])) + \(name(step[2]))"
      case 1: "\(name(step[1]))·\(name(step[2]))"
      default: "tanh \(name(step[1]))"
      }
    return "\(name(inputs + index)) = \(right)"
  }.joined(separator: ", ")
}

private func expectGradients(
  _ steps: [[Int]], _ inputs: [Double], of answer: AutomaticDifferentiationExercise.Answer, _ trial: Trial
) throws {
  let expected = forwards(steps, inputs)
  let letters = "abcdefghijklmnopqrstuvwx".map(String.init)
  let names = ["y"] + inputs.indices.map { "dy/d\(letters[$0])" }
  let given = inputs.enumerated().map { "\(letters[$0]) = \($1.shortText)" }.joined(separator: ", ")
  trial.expect(
    try answer(steps, inputs), equals: expected,
    "\(formula(steps, inputs.count)) at \(given), as [\(names.joined(separator: ", "))]",
    by: { place in "\(names[place[0]]) = \(expected[place[0]].shortText)" })
}
