import ExerciseKit
import Practice

public final class ThreePartsExercise: Exercise {
  /// Places for training, for validation and for the test.
  public typealias Answer =
    @Sendable (_ plant: [Int], _ order: [Int], _ validation: Int, _ test: Int) throws -> ([Int], [Int], [Int])

  public init() {}

  public let title = "Three parts that share no plant"
  public let section = "0.9"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["threeParts"]
  public let solution: Answer = { plant, order, validation, test in
    try threeParts(plant, order: order, validation: validation, test: test)
  }

  public func answer(of learner: Learner) -> Answer {
    { plant, order, validation, test in try learner.call("threeParts", plant, order, validation, test) }
  }

  public let hints = [
    "Decide for plants first, not for photographs. Then go through the photographs once and ask each for its plant.",
    "The test's plants are order[0 ..< test], validation's are order[test ..< test + validation], and the others are for "
      + "training. `order.prefix(n)`, `order.dropFirst(n)` and `Set` help.",
    """
    let forTest = Set(order.prefix(…))
    let forValidation = Set(order.dropFirst(…).prefix(…))
    for (place, plant) in plant.enumerated() {
      if forTest.contains(plant) { … }
      else if … { … }
      else { … }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "nine photographs of five plants", points: 2) { answer, trial in
      try Photographs([0, 1, 0, 2, 3, 1, 3, 0, 4], [3, 0, 2, 4, 1], 2, 1).expectParts(of: answer, trial)
    },
    Check(.byHand, "a part may be empty", points: 1) { answer, trial in
      try Photographs([1, 0, 2, 1], [1, 2, 0], 0, 2).expectParts(of: answer, trial)
      try Photographs([1, 0, 2, 1], [2, 1, 0], 1, 0).expectParts(of: answer, trial)
      try Photographs([1, 0, 1], [1, 0], 1, 1).expectParts(of: answer, trial)
    },
    Check(.property, "no plant in two parts and no photograph lost, for twelve collections", points: 2) {
      answer, trial in
      var inputs = Inputs(seed: 71)
      for _ in 0..<12 {
        let plants = inputs.integer(3...9)
        let photographs =
          (0..<plants).map { $0 } + (0..<inputs.integer(4...20)).map { _ in inputs.integer(0...plants - 1) }
        let shuffled = inputs.order(of: photographs.count).map { photographs[$0] }
        let test = inputs.integer(1...plants - 2)
        let validation = inputs.integer(1...plants - test - 1)
        try Photographs(shuffled, inputs.order(of: plants), validation, test).expectParts(of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the order is ignored",
      advice: "You take the plants by their numbers. The shuffled order says which come first."
    ) { photographs in
      var sorted = photographs
      sorted.order.sort()
      return sorted.parts
    },
    wrong(
      "photographs are cut, not plants",
      advice:
        "You cut the row of photographs. Then one plant is in several parts: cut the order of plants, and let the "
        + "photographs follow."
    ) { photographs in
      let places = Array(photographs.plant.indices)
      let (test, validation) = (photographs.test, photographs.validation)
      return (
        Array(places.dropFirst(test + validation)), Array(places.dropFirst(test).prefix(validation)),
        Array(places.prefix(test))
      )
    },
    wrong(
      "test and validation exchanged",
      advice: "The first plants of the order are for the test, and the next ones for validation."
    ) { photographs in
      var other = photographs
      (other.validation, other.test) = (photographs.test, photographs.validation)
      let parts = other.parts
      return (parts.0, parts.2, parts.1)
    },
    wrong(
      "the training has everything",
      advice: "Your training part has all photographs, those of the test too. Then the test tells nothing."
    ) { photographs in
      (Array(photographs.plant.indices), photographs.parts.1, photographs.parts.2)
    },
    wrong(
      "validation begins anew",
      advice: "Validation's plants are the first of the order again, and so the test's. Drop those first."
    ) { photographs in
      let first = Set(photographs.order.prefix(photographs.validation))
      return (
        photographs.parts.0, photographs.plant.indices.filter { first.contains(photographs.plant[$0]) },
        photographs.parts.2
      )
    },
    wrong(
      "from the end of the order",
      advice: "You take the test's plants from the end of the order. They are its first ones."
    ) { photographs in
      var other = photographs
      other.order.reverse()
      return other.parts
    },
    wrong(
      "plant by plant",
      advice:
        "Your places come plant by plant. They are to rise: sort them, or go through the photographs once."
    ) { photographs in
      func places(_ plants: ArraySlice<Int>) -> [Int] {
        plants.flatMap { plant in photographs.plant.indices.filter { photographs.plant[$0] == plant } }
      }
      let (order, test) = (photographs.order[...], photographs.test)
      return (
        places(order.dropFirst(test + photographs.validation)),
        places(order.dropFirst(test).prefix(photographs.validation)), places(order.prefix(test))
      )
    },
    wrong(
      "one photograph of each plant",
      advice: "You keep one photograph of each plant. All of them belong to the plant's part."
    ) { photographs in
      func first(_ places: [Int]) -> [Int] {
        places.filter { photographs.plant.firstIndex(of: photographs.plant[$0]) == $0 }
      }
      let parts = photographs.parts
      return (first(parts.0), first(parts.1), first(parts.2))
    },
  ]
}

private struct Photographs {
  var plant, order: [Int]
  var validation, test: Int

  init(_ plant: [Int], _ order: [Int], _ validation: Int, _ test: Int) {
    (self.plant, self.order, self.validation, self.test) = (plant, order, validation, test)
  }

  /// By the place of each plant in the order.
  var parts: ([Int], [Int], [Int]) {
    func places(_ range: Range<Int>) -> [Int] {
      plant.indices.filter { order.firstIndex(of: plant[$0]).map(range.contains) ?? false }
    }
    return (
      places(test + validation..<max(order.count, test + validation)), places(test..<test + validation),
      places(0..<test)
    )
  }

  func expectParts(of answer: ThreePartsExercise.Answer, _ trial: Trial) throws {
    let yours = try answer(plant, order, validation, test)
    let expected = parts
    // For each photograph the sum of the parts that it is in, so that answers of any length are compared.
    func marks(_ parts: ([Int], [Int], [Int])) -> [Int] {
      plant.indices.map { place in
        parts.0.count { $0 == place } + 10 * parts.1.count { $0 == place } + 100
          * parts.2.count { $0 == place }
      }
    }
    let names = [0: "in none", 1: "in training", 10: "in validation", 100: "in the test"]
    trial.expect(
      marks(yours), equals: marks(expected),
      "threeParts(plant, order: order, validation: \(validation), test: \(test)), each photograph's part "
        + "(1: training, 10: validation, 100: test)",
      given: ["plant": plant, "order": order],
      by: { place in
        let plant = plant[place[0]]
        let rank = order.firstIndex(of: plant) ?? 0
        return "photograph \(place[0]) shows plant \(plant), number \(rank + 1) in the order: "
          + (names[marks(expected)[place[0]]] ?? "")
      })
    for (name, yours, expected) in [
      ("training", yours.0, expected.0), ("validation", yours.1, expected.1), ("test", yours.2, expected.2),
    ] {
      trial.expect(
        "\(yours)",
        equals: "\(expected)",
        "threeParts(…).\(name)")
    }
  }
}

private func wrong(
  _ name: String, advice: String, _ parts: @escaping @Sendable (Photographs) -> ([Int], [Int], [Int])
) -> Mistake<ThreePartsExercise.Answer> {
  Mistake(name, advice: advice) { plant, order, validation, test in
    parts(Photographs(plant, order, validation, test))
  }
}
