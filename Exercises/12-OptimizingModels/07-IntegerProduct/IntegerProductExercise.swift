import ExerciseKit
import Foundation
import Practice

public final class IntegerProductExercise: Exercise {
  public struct Answer: Sendable {
    var product: @Sendable (_ a: [[Int]], _ za: Int, _ b: [[Int]], _ zb: Int) throws -> [[Int]]
    var fixed: @Sendable (_ factor: Double) throws -> (Int, Int)
    var rescaled: @Sendable (_ sum: Int, _ m: Int, _ shift: Int) throws -> Int
  }

  public init() {}

  public let title = "Nothing but whole numbers"
  public let section = "12.7"
  public let difficulty = 3
  public let minutes = 30
  public let allowed = Allowed.nothing
  public let functions = ["integerProduct", "fixedPoint", "rescaled"]

  public let solution = Answer(
    product: { try integerProduct($0, zeroPoint: $1, $2, zeroPoint: $3) },
    fixed: {
      let point = try fixedPoint($0)
      return (point.m, point.shift)
    }, rescaled: { try rescaled($0, m: $1, shift: $2) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      product: { try learner.call("integerProduct", $0, $1, $2, $3) },
      fixed: { try learner.call("fixedPoint", $0) }, rescaled: { try learner.call("rescaled", $0, $1, $2) })
  }

  public let hints = [
    "Multiply out (a − Z_a)(b − Z_b): four terms. Two of them are sums over one row each, and one needs only K. For the factor, "
      + "double it until it is at least a half, and count.",
    "Z_a goes with the sum over b's row, Z_b with that over a's. M = m / 2^s with s = 31 + the number of doublings. A shift to "
      + "the right rounds down, also below 0: add half of what is lost first.",
    """
    products - za * (the sum of b[j]) - zb * (the sum of a's row) + row.count * …

    while scaled < 0.5 { scaled *= 2; shift += 1 }
    let m = Int((scaled * 2_147_483_648).rounded())       // and where that is 2^31: half of it, and a shift less

    (sum * m + (1 << …)) >> shift
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a number for each row of a and each row of b", points: 1) { answer, trial in
      let c = try answer.product([[1, 2, 3], [4, 5, 6]], 1, [[1, 0, 2]], 3)
      trial.expect(
        c.map(\.count), equals: [1, 1], "integerProduct(2 rows of 3, …, 1 row of 3, …).map(\\.count)")
    },
    Check(.byHand, "two rows by three, of four numbers each", points: 1) { answer, trial in
      try Product(
        [[3, 250, 0, 17], [128, 5, 9, 255]], 7, [[-5, 2, 100, -128], [127, 1, -3, 0], [4, 4, -9, 66]], -3
      ).expect(answer, trial)
      try Product([[3, 5]], 1, [[2, 7]], 4).expect(answer, trial)
    },
    Check(.byHand, "factors as whole numbers and shifts", points: 1) { answer, trial in
      for factor in [0.375, 0.75, 0.1, 0.3, 0.0012345] { try expectFixed(factor, answer, trial) }
      // Nearly a power of two: rounded, it is one.
      try expectFixed(0.5 - 1e-12, answer, trial)
    },
    Check(.byHand, "sums, rescaled", points: 1) { answer, trial in
      for sum in [20, -20, 21, -21, 0, 1, -1, 4, -4] {
        try expectRescaled(sum, 3 << 29, 32, answer, trial)
      }
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1271)
      for index in 0..<10 {
        // The first three have equal sizes and other numbers.
        let (n, o, k) =
          index < 3 ? (2, 3, 4) : (inputs.integer(1...3), inputs.integer(1...4), inputs.integer(1...6))
        let a = (0..<n).map { _ in (0..<k).map { _ in inputs.integer(0...255) } }
        let b = (0..<o).map { _ in (0..<k).map { _ in inputs.integer(-128...127) } }
        let product = Product(a, inputs.integer(0...255), b, index % 2 == 0 ? 0 : inputs.integer(-128...127))
        try product.expect(answer, trial)
        let factor = Double(inputs.integer(1...9_999)) / 10_000 / [1, 16, 300][index % 3]
        try expectFixed(factor, answer, trial)
        let (m, shift) = point(factor)
        try expectRescaled(product.result()[0][0], m, shift, answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong("without the zero points", advice: "You multiply the numbers as they are, and take nothing off.") {
      $0.product = { Product($0, $1, $2, $3).result(sums: 0, last: 0) }
    },
    wrong(
      "the last term is missing",
      advice: "K Z_a Z_b is missing: both sums took that part off, so it was taken off twice."
    ) {
      $0.product = { Product($0, $1, $2, $3).result(last: 0) }
    },
    wrong("the last term is taken off", advice: "You subtract K Z_a Z_b. Minus times minus is plus.") {
      $0.product = { Product($0, $1, $2, $3).result(last: -1) }
    },
    wrong("the last term without K", advice: "You add Z_a Z_b once. It stands in each of the K products.") {
      $0.product = { a, za, b, zb in
        Product(a, za, b, zb).result(last: 0).map { row in row.map { $0 + za * zb } }
      }
    },
    wrong(
      "the sums are exchanged",
      advice:
        "You take Z_a times the sum over a's row, and Z_b times that over b's. Each goes with the other's sum."
    ) { $0.product = { Product($0, $1, $2, $3).result(exchanged: true) } },
    wrong("the zero points are added", advice: "You add the sums. a − Z_a: they are taken off.") {
      $0.product = { Product($0, $1, $2, $3).result(sums: -1) }
    },
    wrong("one zero point for both", advice: "You use a's zero point for b too.") {
      $0.product = { a, za, b, _ in Product(a, za, b, za).result() }
    },
    wrong(
      "always a shift of 31",
      advice:
        "You multiply by 2^31 whatever the factor: a small one has few digits left. Double it until it is at least a half."
    ) { $0.fixed = { (Int(($0 * 2_147_483_648).rounded()), 31) } },
    wrong("cut off instead of rounded", advice: "You cut m off. Round it to the nearest whole number.") {
      $0.fixed = { point($0) { $0.rounded(.down) } }
    },
    wrong(
      "the shift counts the wrong way",
      advice: "Your shift falls with each doubling. The factor was made larger, so more must be shifted away."
    ) {
      $0.fixed = {
        let (m, shift) = point($0); return (m, 62 - shift)
      }
    },
    wrong(
      "32 bits",
      advice: "Where m is rounded up to 2^31, it has a bit too many: take half of it, and shift by one less."
    ) { $0.fixed = { point($0, mends: false) } },
    wrong("rounded down", advice: "You only shift, which rounds down. Add half of 2^s first.") {
      $0.rescaled = { ($0 &* $1) >> $2 }
    },
    wrong(
      "below 0 towards 0",
      advice: "You divide, which rounds towards 0, and so wrongly below it. Shift to the right instead."
    ) { $0.rescaled = { ($0 &* $1 &+ (1 << ($2 - 1))) / (1 << $2) } },
    wrong(
      "halves away from 0",
      advice:
        "You round −7.5 to −8. Halves go upwards here, to −7: add the half before the shift, whatever the sign."
    ) { $0.rescaled = { Int((Double($0) * Double($1) / pow(2, Double($2))).rounded()) } },
  ]
}

private struct Product: Sendable {
  let (a, b): ([[Int]], [[Int]])
  let (za, zb): (Int, Int)

  init(_ a: [[Int]], _ za: Int, _ b: [[Int]], _ zb: Int) {
    (self.a, self.b, self.za, self.zb) = (a, b, za, zb)
  }

  func result(sums: Int = 1, last: Int = 1, exchanged: Bool = false) -> [[Int]] {
    a.map { x in
      b.map { w in
        let (sx, sw) = (x.reduce(0, +), w.reduce(0, +))
        let (forA, forB) = exchanged ? (sx, sw) : (sw, sx)
        let products = zip(x, w).reduce(0) { $0 + $1.0 * $1.1 }
        return products - sums * (za * forA + zb * forB) + last * x.count * za * zb
      }
    }
  }

  func expect(_ answer: IntegerProductExercise.Answer, _ trial: Trial) throws {
    let expected = result()
    let mine = try answer.product(a, za, b, zb)
    for (i, row) in expected.enumerated() {
      trial.expect(
        mine.indices.contains(i) ? mine[i] : [], equals: row,
        "integerProduct(a, zeroPoint: \(za), b, zeroPoint: \(zb))[\(i)]", given: ["a[\(i)]": a[i], "b": b],
        by: { place in
          let (sx, sw) = (a[i].reduce(0, +), b[place[0]].reduce(0, +))
          let products = zip(a[i], b[place[0]]).reduce(0) { $0 + $1.0 * $1.1 }
          return
            "\(products) − \(za)·(\(sw)) − (\(zb))·\(sx) + \(a[i].count)·\(za)·(\(zb)) = \(row[place[0]])"
        })
    }
  }
}

private func point(
  _ factor: Double, mends: Bool = true, round: (Double) -> Double = { $0.rounded() }
) -> (Int, Int) {
  var (scaled, shift) = (factor, 31)
  while scaled < 0.5 { (scaled, shift) = (scaled * 2, shift + 1) }
  let m = Int(round(scaled * 2_147_483_648))
  return mends && m == 1 << 31 ? (1 << 30, shift - 1) : (m, shift)
}

private func expectFixed(_ factor: Double, _ answer: IntegerProductExercise.Answer, _ trial: Trial) throws {
  let (m, shift) = point(factor)
  let mine = try answer.fixed(factor)
  trial.expect(
    mine.1, equals: shift, "fixedPoint(\(factor)).shift",
    by: { _ in "\(factor) · 2^\(shift - 31) lies between 0.5 and 1: 31 + \(shift - 31)" })
  trial.expect(
    "\(mine.0)", equals: "\(m)", "fixedPoint(\(factor)).m",
    by: { _ in "round(\(factor) · 2^\(shift)) = \(m)" })
}

private func expectRescaled(
  _ sum: Int, _ m: Int, _ shift: Int, _ answer: IntegerProductExercise.Answer, _ trial: Trial
) throws {
  let expected = (sum * m + (1 << (shift - 1))) >> shift
  trial.expect(
    try answer.rescaled(sum, m, shift), equals: expected, "rescaled(\(sum), m: \(m), shift: \(shift))",
    by: { _ in "\(sum) · \(m)/2^\(shift) ≈ \(written(Float(Double(sum) * Double(m) / pow(2, Double(shift)))))"
    })
}

private func wrong(
  _ name: String, advice: String, _ change: (inout IntegerProductExercise.Answer) -> Void
) -> Mistake<IntegerProductExercise.Answer> {
  var answer = IntegerProductExercise.Answer(
    product: { Product($0, $1, $2, $3).result() }, fixed: { point($0) },
    rescaled: { ($0 * $1 + (1 << ($2 - 1))) >> $2 })
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}
