import ExerciseKit
import Foundation
import Practice

public final class SaveAndResumeExercise: Exercise {
  /// What a training is made of, as it travels.
  public struct State: Sendable {
    var weights, sums: [Float]
    var step, random: Int
  }

  public struct Answer: Sendable {
    var save: @Sendable (State) throws -> String
    /// Nil where the text is said to be damaged.
    var load: @Sendable (_ text: String) throws -> State?
    /// Loads, makes so many steps, and saves.
    var advance: @Sendable (_ text: String, _ steps: Int) throws -> String
  }

  public init() {}

  public let title = "Save and resume"
  public let section = "7.6"
  public let difficulty = 4
  public let minutes = 45
  public let allowed = Allowed.nothing
  public let functions = [
    """
    save: { (w: [Float], s: [Float], n: Int, r: Int) throws -> String in \
    try save(Training(weights: w, sums: s, step: n, random: r)) }
    """,
    """
    load: { (text: String) throws -> ([Float], [Float], Int, Int) in \
    let t = try load(text); return (t.weights, t.sums, t.step, t.random) }
    """,
    """
    advance: { (text: String, steps: Int) throws -> String in \
    var t = try load(text); for _ in 0..<steps { t.advance() }; return try save(t) }
    """,
  ]

  public let solution = Answer(
    save: { try save($0.training) },
    load: { text in
      do { return State(try load(text)) } catch is Damaged { return nil }
    },
    advance: { text, steps in
      var training = try load(text)
      for _ in 0..<steps { training.advance() }
      return try save(training)
    })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      save: { try learner.call("save", $0.weights, $0.sums, $0.step, $0.random) },
      load: { text in
        do {
          let (weights, sums, step, random): ([Float], [Float], Int, Int) = try learner.call("load", text)
          return State(weights: weights, sums: sums, step: step, random: random)
        } catch LearnerError.threw("Damaged()") {
          return nil
        }
      },
      advance: { try learner.call("advance", $0, $1) })
  }

  public let hints = [
    "Read `advance` and list what it reads before it writes it: those four are the state. Write `save` "
      + "first and look at what it gives. In `load`, cut the text into lines and each line into words, and "
      + "doubt everything.",
    "A line is the name and its numbers joined by spaces, and a line break: four lines and \"end\". A "
      + "complete text has six parts when split at line breaks, the last one empty. "
      + "`lines[2].dropFirst().map { Float($0) }` gives optional numbers: none may be nil, and there must "
      + "be as many sums as weights.",
    """
    func line(_ name: String, _ numbers: [String]) -> String {
      ([name] + numbers).joined(separator: " ") + "\\n"
    }

    let lines = text.split(separator: "\\n", omittingEmptySubsequences: false)
      .map { $0.split(separator: " ", omittingEmptySubsequences: false) }
    guard lines.count == 6, lines.map({ $0[0] }) == ["step", …], lines[0].count == 2, …,
      let step = Int(lines[0][1]), …
    else { throw Damaged() }
    let weights = lines[2].dropFirst().map { Float($0) }
    …
    guard weights.count == sums.count, !weights.contains(nil), … else { throw Damaged() }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "the state of the example as a text", points: 1) { answer, trial in
      try expectText(example, of: answer, trial)
      try expectText(State(weights: [-3], sums: [0], step: 0, random: 7), of: answer, trial)
    },
    Check(.byHand, "the text of the example as a state", points: 1) { answer, trial in
      try expectState(example, of: answer, trial)
      try expectState(State(weights: [1, 2, 3], sums: [4, 5, 6], step: 8, random: 9), of: answer, trial)
    },
    Check(.property, "every number comes back to the last bit, for twenty states", points: 1) {
      answer, trial in
      var inputs = Inputs(seed: 761)
      for index in 0..<20 {
        let count = inputs.integer(0...6)
        var weights = (inputs.normal([count]) * 3).scalars
        if index % 4 == 0 { weights += [1e-30, -0.0, 3.4e38, .leastNonzeroMagnitude, 0.1, 1 / 3] }
        let sums = weights.indices.map { _ in Float(inputs.integer(0...1000)) / 7 }
        let state = State(
          weights: weights, sums: sums, step: inputs.integer(0...100_000), random: inputs.integer(0...1 << 30)
        )
        try expectText(state, of: answer, trial)
        try expectState(state, of: answer, trial)
      }
    },
    Check(.property, "a text that is cut off anywhere is damaged", points: 1) { answer, trial in
      let whole = text(of: example)
      for count in (0..<whole.count).reversed() {
        try expectDamaged(String(whole.prefix(count)), "cut off after \(count) characters", of: answer, trial)
      }
    },
    Check(.property, "other damage is found as well", points: 1) { answer, trial in
      let lines = ["step 12", "random 5", "weights 0.5 -1.25", "sums 0.25 9.5", "end", ""]
      for (place, line, what) in [
        (0, "step twelve", "with a step that is no number"), (1, "random", "without a random number"),
        (2, "weights 0.5 x", "with a weight that is no number"), (3, "sums 0.25", "with a sum too few"),
        (3, "sums 0.25 9.5 1", "with a sum too many"), (2, "weights 0.5 -1.25 2", "with a weight too many"),
        (0, "stop 12", "with another name in its first line"), (4, "End", "with another last line"),
        (3, "sums 0.25  9.5", "with two spaces between numbers"), (0, "step 12 13", "with two steps"),
        (5, "step 1", "with something behind its end"), (4, "end 1", "with a number behind its end"),
        (5, "\nstep 1\n", "with more lines behind its end"), (1, "random 5 6", "with two random numbers"),
        (0, "step", "without a number of steps"), (1, "random 5.5", "with a random number that is not whole"),
        (3, "sums 0.25 x", "with a sum that is no number"),
        (0, "step 12 ", "with a space at the end of a line"),
        (2, "weights 0.5 -1.25 ", "with a space behind the weights"),
        (4, "end ", "with a space behind its end"), (0, " step 12", "with a space before a name"),
        (1, "\nrandom 5", "with an empty line"), (0, "\nstep 12", "that begins with an empty line"),
        (4, "\nend", "with an empty line before its end"), (5, "\n", "with an empty line behind its end"),
        (0, "steps 12", "with a name that only begins like one"),
        (3, "sumsum 0.25 9.5", "with a name that goes on"),
        (4, "ending", "with a last line that only begins like one"),
        (1, "rand 5", "with a name that is cut off"), (1, "RANDOM 5", "with a name in capitals"),
      ] {
        var changed = lines
        changed[place] = line
        try expectDamaged(changed.joined(separator: "\n"), what, of: answer, trial)
      }
      var exchanged = lines
      exchanged.swapAt(2, 3)
      try expectDamaged(exchanged.joined(separator: "\n"), "with sums before weights", of: answer, trial)
    },
    Check(.training, "resumed training is uninterrupted training, to the last bit", points: 2) {
      answer, trial in
      let start = State(weights: [0, 0], sums: [0, 0], step: 0, random: 20)
      for interruptions in [[], [37], [1, 2, 3], [99], Array(stride(from: 5, to: 100, by: 5))] {
        var now = try answer.save(start)
        let stops = [0] + interruptions + [100]
        for (from, to) in zip(stops, stops.dropFirst()) { now = try answer.advance(now, to - from) }
        trial.expect(
          now == text(of: advanced(start, 100)),
          "100 steps, interrupted after \(interruptions.map(String.init).joined(separator: ", ")), end as without "
            + "interruption", about: now)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "rounded",
      advice: "You round the numbers. The training would go on from other weights; write \"\\(number)\"."
    ) { $0.number = { String(format: "%.4f", $0) } },
    wrong(
      "the sums are not saved",
      advice: "You write 0 for the sums. A step divides by them: they belong to the state."
    ) { $0.saved = { $0.sums = $0.sums.map { _ in 0 } } },
    wrong(
      "the step is not saved",
      advice: "You write 0 for the step. The learning rate depends on it: it belongs to the state."
    ) { $0.saved = { $0.step = 0 } },
    wrong(
      "the random numbers begin anew",
      advice: "You do not save where the random numbers are. The examples would come in another order than "
        + "without the interruption."
    ) { $0.saved = { $0.random = 20 } },
    wrong(
      "weights and sums exchanged",
      advice: "You wrote the sums into the line of the weights, and the other way round."
    ) { $0.saved = { ($0.weights, $0.sums) = ($0.sums, $0.weights) } },
    wrong(
      "commas", advice: "You put commas between the numbers. There is one space."
    ) { $0.separator = ", " },
    wrong(
      "no line break at the end",
      advice: "Your text has no line break behind \"end\". Every line has one, or nobody can tell that it "
        + "is whole."
    ) { $0.ending = "end" },
    wrong(
      "no end", advice: "Your text has no line \"end\". Without it, a text that was cut off looks whole."
    ) { $0.ending = "" },
    wrong(
      "only the first two weights",
      advice: "You save two weights and two sums. There may be any number of them."
    ) {
      $0.saved = {
        $0.weights = Array($0.weights.prefix(2))
        $0.sums = Array($0.sums.prefix(2))
      }
    },
    wrong(
      "the sums are not loaded",
      advice: "Your loaded sums are 0. They are in the text: the next step divides by them."
    ) { $0.loaded = { $0.sums = $0.sums.map { _ in 0 } } },
    wrong(
      "the step is not loaded",
      advice: "Your loaded step is 0. It is in the text: the learning rate depends on it."
    ) { $0.loaded = { $0.step = 0 } },
    wrong(
      "the random numbers are not loaded",
      advice: "Your loaded training draws from the start again. Where the random numbers are is in the text."
    ) { $0.loaded = { $0.random = 20 } },
    wrong(
      "the last weight is lost",
      advice: "Your loaded training has one weight and one sum too few. The name is the only word of a line "
        + "that is no number."
    ) {
      $0.loaded = {
        $0.weights = $0.weights.dropLast()
        $0.sums = $0.sums.dropLast()
      }
    },
    wrong(
      "the end is not asked for",
      advice: "You take a text without its last line. It may have been cut off: ask for \"end\" and its "
        + "line break."
    ) { $0.asksForEnd = false },
    wrong(
      "nothing is damaged",
      advice: "You load a damaged text as if it were whole. Throw Damaged() where anything is not as "
        + "described."
    ) { $0.isTrusting = true },
    wrong(
      "what is no number is left out",
      advice: "You leave out words that are no numbers. A text with such a word is damaged."
    ) { $0.skipsWords = true },
    wrong(
      "the counts may differ",
      advice: "You load a text with more sums than weights, or fewer. They belong together: it is damaged."
    ) { $0.comparesCounts = false },
    wrong(
      "empty parts are left out",
      advice:
        "You leave out what is empty between spaces or line breaks. An empty line, or a space too many, is damage: "
        + "split with omittingEmptySubsequences: false."
    ) { $0.omitsEmpty = true },
    wrong(
      "the names are read by their beginning",
      advice:
        "You only ask how a line begins. \"steps 12\" begins with step as well: compare the whole first word."
    ) { $0.readsPrefix = true },
    wrong(
      "the names are not read",
      advice: "You do not look at the names of the lines. Another name, or another order, is damage."
    ) { $0.readsNames = false },
  ]
}

extension SaveAndResumeExercise.State {
  fileprivate init(_ training: Training) {
    self.init(
      weights: training.weights, sums: training.sums, step: training.step, random: training.random)
  }

  fileprivate var training: Training { Training(weights: weights, sums: sums, step: step, random: random) }
}

private typealias State = SaveAndResumeExercise.State

private let example = State(weights: [0.5, -1.25], sums: [0.25, 9.5], step: 12, random: 1_406_938_949)

/// The rules of saving and loading, right unless said otherwise.
private struct Rules: Sendable {
  var number: @Sendable (Float) -> String = { "\($0)" }
  var saved: @Sendable (inout State) -> Void = { _ in }
  var loaded: @Sendable (inout State) -> Void = { _ in }
  var separator = " "
  var ending = "end\n"
  var asksForEnd = true
  var isTrusting = false
  var skipsWords = false
  var comparesCounts = true
  var readsNames = true
  var omitsEmpty = false
  var readsPrefix = false
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  SaveAndResumeExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(
    name, advice: advice,
    answer: .init(
      save: { text(of: $0, by: wrongRules) }, load: { state(of: $0, by: wrongRules) },
      advance: { before, steps in
        text(of: advanced(state(of: before, by: wrongRules) ?? example, steps), by: wrongRules)
      }))
}

/// So many steps further on.
private func advanced(_ state: State, _ steps: Int) -> State {
  guard state.weights.count == 2, state.sums.count == 2 else { return state }
  var training = state.training
  for _ in 0..<steps { training.advance() }
  return State(training)
}

private func text(of state: State, by rules: Rules = Rules()) -> String {
  var state = state
  rules.saved(&state)
  let weights = state.weights.map { rules.separator + rules.number($0) }.joined()
  let sums = state.sums.map { rules.separator + rules.number($0) }.joined()
  // The first separator stands behind a name, which has none of the commas.
  func line(_ name: String, _ numbers: String) -> String {
    numbers.isEmpty ? "\(name)\n" : "\(name) \(numbers.dropFirst(rules.separator.count))\n"
  }
  return "step \(state.step)\nrandom \(state.random)\n" + line("weights", weights) + line("sums", sums)
    + rules.ending
}

/// The state of a text, character by character in the order of the lines; nil where it is damaged.
private func state(of text: String, by rules: Rules = Rules()) -> State? {
  var rest = text[...]
  if rules.omitsEmpty {
    // Without its last line break a text is not whole, also for those who leave out what is empty.
    rest = (text.split(separator: "\n").joined(separator: "\n") + (text.hasSuffix("\n") ? "\n" : ""))[...]
  }
  var isDamaged = false
  func line(_ name: String) -> [Substring] {
    guard let end = rest.firstIndex(of: "\n") else {
      isDamaged = true
      defer { rest = "" }
      return Array(rest.split(separator: " ").dropFirst())
    }
    let words = rest[..<end].split(separator: " ", omittingEmptySubsequences: rules.omitsEmpty)
    rest = rest[rest.index(after: end)...]
    let first = words.first ?? ""
    if rules.readsNames && !(rules.readsPrefix ? first.hasPrefix(name) : first == name) { isDamaged = true }
    return Array(words.dropFirst())
  }
  func numbers<Number: LosslessStringConvertible>(_ words: [Substring], _: Number.Type) -> [Number] {
    let numbers = words.map { Number(String($0)) }
    if numbers.contains(where: { $0 == nil }) && !rules.skipsWords { isDamaged = true }
    return numbers.compactMap(\.self)
  }
  let step = numbers(line("step"), Int.self)
  let random = numbers(line("random"), Int.self)
  let weights = numbers(line("weights"), Float.self)
  let sums = numbers(line("sums"), Float.self)
  if step.count != 1 || random.count != 1 { isDamaged = true }
  if rules.comparesCounts && weights.count != sums.count { isDamaged = true }
  if rules.asksForEnd && (!line("end").isEmpty || !rest.isEmpty) { isDamaged = true }
  if isDamaged && !rules.isTrusting { return nil }
  var state = State(weights: weights, sums: sums, step: step.first ?? 0, random: random.first ?? 0)
  rules.loaded(&state)
  return state
}

private func description(_ state: State) -> String {
  """
  the state with step \(state.step), random \(state.random), weights \(state.weights) and sums \(state.sums)
  """
}

private func expectText(_ state: State, of answer: SaveAndResumeExercise.Answer, _ trial: Trial) throws {
  let lines = try answer.save(state).split(separator: "\n", omittingEmptySubsequences: false)
  let expected = text(of: state).split(separator: "\n", omittingEmptySubsequences: false)
  trial.expect(
    lines.count == expected.count, "a saved state has five lines, each with a line break",
    about: lines.map(String.init))
  for (number, (yours, line)) in zip(lines, expected).enumerated() {
    trial.expect(
      String(yours), equals: String(line),
      "line \(number + 1) of save(t), t "
        + "\(description(state))")
  }
}

private func expectState(_ state: State, of answer: SaveAndResumeExercise.Answer, _ trial: Trial) throws {
  let text = text(of: state)
  let call = "load of \(text.debugDescription)"
  guard let yours = try answer.load(text) else {
    return trial.expect(false, "\(call) is a training: nothing in it is damaged", about: -1)
  }
  // The numbers themselves, where there are too few or too many.
  func list(_ numbers: [Float]) -> String { "[" + numbers.map(written).joined(separator: ", ") + "]" }
  for (name, mine, ours) in [("weights", yours.weights, state.weights), ("sums", yours.sums, state.sums)] {
    trial.expect(mine.count == ours.count, "\(call).\(name) is \(list(ours))", about: mine)
  }
  if [yours.weights.count, yours.sums.count] != [state.weights.count, state.sums.count] { return }
  trial.expect(yours.weights, equals: state.weights, "\(call).weights", tolerance: 0)
  trial.expect(yours.sums, equals: state.sums, "\(call).sums", tolerance: 0)
  trial.expect(yours.step, equals: state.step, "\(call).step", tolerance: 0)
  trial.expect(yours.random, equals: state.random, "\(call).random", tolerance: 0)
  trial.expect(
    yours.weights.map(\.bitPattern) == state.weights.map(\.bitPattern),
    "\(call) keeps every bit, also the "
      + "sign of −0",
    about: yours.weights)
}

private func expectDamaged(
  _ text: String, _ what: String, of answer: SaveAndResumeExercise.Answer, _ trial: Trial
) throws {
  let state = try answer.load(text)
  trial.expect(
    state == nil, "load throws Damaged() for a text \(what): \(text.debugDescription)",
    about: state.map { [$0.weights, $0.sums, [Float($0.step), Float($0.random)]] } ?? [])
}
