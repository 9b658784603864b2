// 7.6  Save and resume                                             (the book: chapter 7, section 7.6)
//
// A long training is interrupted: by a power cut, or because the machine is needed. It must be able to go on as if
// nothing had happened, to the last bit. So everything has to be saved that a step looks at. `Training` below is a
// whole training, small enough to see it: it draws an example, works out a gradient and makes a step. Leave it as it
// is, find out what a step depends on, and write `save` and `load`.
//
// The saved state is a text of five lines, each with a line break at its end:
//
//     step 12
//     random 1406938949
//     weights 0.5 -1.25
//     sums 0.25 9.5
//     end
//
// A line is a name and its numbers, with one space between them. Floats are written as Swift prints them,
// "\(number)": the shortest text that gives the same number when it is read again. There may be any number of
// weights, and there are as many sums.
//
// A machine can stop while it writes. `load` throws `Damaged()` unless the text is complete and as described: all five
// lines in this order, every number readable, as many sums as weights.
//
// `text.split(separator: "\n", omittingEmptySubsequences: false)` gives the lines, and one empty part behind the last
// line break. `Int("12")` and `Float("0.5")` read numbers, and are nil where there is none.

import Practice

/// What `load` throws when a text is not a complete saved state.
struct Damaged: Error {}

/// A training: a straight line y = w₀ x + w₁ through a few points. Leave this as it is.
struct Training {
  var weights: [Float]
  /// What the optimiser keeps for each weight.
  var sums: [Float]
  /// How many steps have been made.
  var step: Int
  /// Where the random numbers are.
  var random: Int

  /// Draws a point, and makes one step from its error.
  mutating func advance() {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
    let x = Float(random / 65_536 % 64) / 32 - 1
    let error = weights[0] * x + weights[1] - (3 * x - 1)
    step += 1
    let rate = 1 / Float(step + 9).squareRoot()
    for (i, gradient) in [error * x, error].enumerated() {
      sums[i] += abs(gradient)
      weights[i] -= rate * gradient / (0.1 + sums[i])
    }
  }
}

/// The state of a training as a text.
func save(_ training: Training) throws -> String {
  // BEGIN SOLUTION
  func line(_ name: String, _ numbers: [String]) -> String {
    ([name] + numbers).joined(separator: " ") + "\n"
  }
  return line("step", ["\(training.step)"]) + line("random", ["\(training.random)"])
    + line("weights", training.weights.map { "\($0)" }) + line("sums", training.sums.map { "\($0)" })
    + line("end", [])
  // END SOLUTION
}

/// The training whose state the text is.
func load(_ text: String) throws -> Training {
  // BEGIN SOLUTION
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { $0.split(separator: " ", omittingEmptySubsequences: false) }
  guard lines.count == 6, lines.map({ $0[0] }) == ["step", "random", "weights", "sums", "end", ""],
    lines[0].count == 2, lines[1].count == 2, lines[4].count == 1, lines[5].count == 1,
    let step = Int(lines[0][1]), let random = Int(lines[1][1])
  else { throw Damaged() }
  let weights = lines[2].dropFirst().map { Float($0) }
  let sums = lines[3].dropFirst().map { Float($0) }
  guard weights.count == sums.count, !weights.contains(nil), !sums.contains(nil) else { throw Damaged() }
  return Training(
    weights: weights.compactMap(\.self), sums: sums.compactMap(\.self), step: step, random: random)
  // END SOLUTION
}
