import ArgumentParser
import Chapter06LSTM
import Engine
import Workbench

struct Gates: ChapterExperiment {
  static let name = "gates"
  static let summary = "Gates and cells of trained LSTMs, over a grammar string and over a sentence."
  static let details = """
    Trains two small LSTMs to predict the next symbol, one on the embedded Reber
    grammar and one on sentences whose verb must agree with their first noun, and
    shows their gates and cells symbol by symbol.

    EXAMPLES
      lstm gates
      lstm gates --string BPBTSSXXTVVEPE
    """

  @OptionGroup var common: CommonOptions

  @Option(help: "The string of the embedded Reber grammar that is shown.")
  var string = "BPBTSSXXTVVEPE"

  func validate() throws {
    guard let numbers = ReberGrammar.numbers(string), ReberGrammar.embedded.contains(numbers) else {
      throw ValidationError("--string must be one of the embedded Reber grammar, given \"\(string)\"")
    }
    if numbers.count > 60 {
      throw ValidationError("--string may have 60 symbols at most, given \(numbers.count)")
    }
  }

  func run(_ experiment: inout Experiment) throws {
    try showGrammar(&experiment)
    try showSentences(&experiment)
  }

  /// The grammar: which cell holds the second symbol?
  private func showGrammar(_ experiment: inout Experiment) throws {
    var stream = RandomStream(seed: common.seed, stream: 6_500)
    let task = ReberTask(from: &stream)
    let limit = common.scale.of(quick: 3_000, standard: 40_000, full: 150_000)
    var network = SymbolLSTM(symbols: 7, hiddenSize: 6, forgetBias: 1, from: &stream)
    let needed = task.stringsUntilSuccess(&network, rate: 0.1, limit: limit, from: &stream)
    let right = (task.training + task.test).count { string in network.predicts(string) }
    experiment.metrics["reber.right"] = Double(right) / Double(task.training.count + task.test.count)
    if let needed { experiment.metrics["reber.strings"] = Double(needed) }

    // The same string after T and after P.
    let numbers = ReberGrammar.numbers(string)!
    let other = numbers.enumerated().map { $0 == 1 || $0 == numbers.count - 2 ? 3 - $1 : $1 }
    let (steps, others) = (network.steps(numbers), network.steps(other))
    let lastButTwo = numbers.count - 3
    let units = 0..<network.hiddenSize
    let differences = units.map { abs(steps[lastButTwo].cell[$0] - others[lastButTwo].cell[$0]) }
    let keeper = units.max { differences[$0] < differences[$1] }!
    let held = carry(steps, from: 1, to: lastButTwo)

    var table = Table(
      "Six cells just before the last but one symbol of \(string)",
      columns: [
        "unit", "cell state", "with the other second symbol", "difference", "product of forget gates",
      ])
    for unit in units {
      table.add(
        "\(unit + 1)", fixed(steps[lastButTwo].cell[unit], 2), fixed(others[lastButTwo].cell[unit], 2),
        fixed(differences[unit], 2), fixed(held[unit], 4))
    }
    experiment.show(table, note: "The product is over the \(lastButTwo - 1) steps since the second symbol.")
    experiment.metrics["reber.keeper"] = Double(keeper + 1)
    experiment.metrics["reber.keeper_difference"] = differences[keeper]
    experiment.metrics["reber.keeper_carry"] = held[keeper]
    experiment.metrics["reber.lag"] = Double(lastButTwo - 1)
    try show(
      steps, string.map(String.init), "reber",
      needed.map {
        "An LSTM of six units after \(grouped($0)) strings, when it had no mistakes left."
      }
        ?? "An LSTM of six units, not yet without mistakes.", &experiment)
  }

  /// Sentences: which cell holds the number of the first noun?
  private func showSentences(_ experiment: inout Experiment) throws {
    var stream = RandomStream(seed: common.seed, stream: 6_600)
    let count = common.scale.of(quick: 300, standard: 10_000, full: 30_000)
    var network = SymbolLSTM(symbols: Sentence.letters.count, hiddenSize: 20, forgetBias: 3, from: &stream)
    for _ in 0..<count { network.learn(Sentence(from: &stream).symbols, rate: 0.05) }

    // Is the verb right, when a noun of the other number stands before it?
    var right = 0
    let tests = 400
    for _ in 0..<tests {
      let sentence = Sentence(from: &stream, isMixed: true)
      _ = network.read(sentence.symbols) { t, scores in
        if t == sentence.verbEnd {
          let (s, space) = (scores[Sentence.number("s")], scores[Sentence.number(".")])
          right += (s > space) == !sentence.isPlural ? 1 : 0
        }
        return true
      }
    }
    experiment.metrics["sentence.agreement"] = Double(right) / Double(tests)
    experiment.metrics["sentence.sentences"] = Double(count)
    print(
      "  After \(grouped(count)) sentences, \(percent(Double(right) / Double(tests))) of the verbs "
        + "agree with the first noun when the second has the other number.\n")

    let (one, many) = (Sentence.example(isPlural: false), Sentence.example(isPlural: true))
    let (steps, others) = (network.steps(one.symbols), network.steps(many.symbols))
    let (end, otherEnd) = (one.verbEnd, many.verbEnd)
    let differences = (0..<20).map { abs(steps[end].cell[$0] - others[otherEnd].cell[$0]) }
    let order = (0..<20).sorted { differences[$0] > differences[$1] }
    experiment.metrics["sentence.keeper"] = Double(order[0] + 1)
    experiment.metrics["sentence.keeper_difference"] = differences[order[0]]
    // Both sentences under one line of letters: each lacks one s, where its cells are left white.
    let letters = "the dogs near the cats sleeps."
    let units = Array(order.prefix(6))
    let values = [(steps, 7), (others, letters.count - 2)].flatMap { steps, gap in
      units.flatMap { unit in
        (0..<letters.count).map { place in
          place == gap ? Float(0) : Float(steps[place < gap ? place : place - 1].cell[unit])
        }
      }
    }
    try experiment.write(
      heatMap(
        Tensor(values, shape: [2 * units.count, letters.count]),
        rowLabels: ["dog", "dogs"].flatMap { noun in units.map { "\(noun): cell \($0 + 1)" } },
        columnLabels: letters.map { $0 == " " ? "_" : String($0) }, columnTitle: "letter just read",
        title: "Six cells that tell one dog from several",
        subtitle: "Above \"\(one.text)\", below \"\(many.text)\"; white where a sentence has no s.",
        quantity: "cell state", colorMap: .blueWhiteRed),
      to: "sentence-cells.png", "the cells that hold the number of the first noun")
    try show(
      steps, one.text.map { $0 == " " ? "_" : String($0) }, "sentence",
      "Six of 20 units, after \(grouped(count)) sentences.",
      units: units, &experiment)
  }

  /// Two pictures: the gates, and the cells with what they show.
  private func show(
    _ steps: [LSTMStep<Double>], _ symbols: [String], _ name: String, _ subtitle: String, units: [Int]? = nil,
    _ experiment: inout Experiment
  ) throws {
    let units = units ?? Array(steps[0].cell.indices)
    func rows(_ parts: [(name: String, values: (LSTMStep<Double>) -> [Double])]) -> (Tensor, [String]) {
      let values = parts.flatMap { part in
        units.flatMap { unit in steps.map { Float(part.values($0)[unit]) } }
      }
      return (
        Tensor(values, shape: [parts.count * units.count, steps.count]),
        parts.flatMap { part in units.map { "\(part.name) \($0 + 1)" } }
      )
    }
    let gates = rows([("input", \.inputGate), ("forget", \.forgetGate), ("output", \.outputGate)])
    try experiment.write(
      heatMap(
        gates.0, rowLabels: gates.1, columnLabels: symbols, columnTitle: "symbol just read",
        title: "Gates, from shut (0) to open (1)", subtitle: subtitle, quantity: "gate", range: 0...1),
      to: "\(name)-gates.png", "every gate at every symbol")
    let cells = rows([("cell", \.cell), ("hidden", \.hidden)])
    try experiment.write(
      heatMap(
        cells.0, rowLabels: cells.1, columnLabels: symbols, columnTitle: "symbol just read",
        title: "Cell states, and what they show", subtitle: subtitle, quantity: "state",
        colorMap: .blueWhiteRed),
      to: "\(name)-states.png", "every cell and hidden state at every symbol")
  }
}

/// A sentence whose verb agrees with its first noun: `the dogs near the cat run.`
struct Sentence {
  let text: String
  let isPlural: Bool
  /// The place of the verb's last letter before any `s`.
  let verbEnd: Int

  static let letters = Array("abcdefghijklmnopqrstuvwxyz .")
  static func number(_ letter: Character) -> Int { letters.firstIndex(of: letter)! }

  var symbols: [Int] { text.map(Self.number) }

  private static let nouns = ["dog", "cat", "bird", "horse"]
  private static let places = ["near", "behind", "under"]
  private static let verbs = ["run", "sleep", "wait"]

  private init(_ first: String, _ isPlural: Bool, _ place: String, _ second: String, _ verb: String) {
    let beginning = "the \(first)\(isPlural ? "s" : "") \(place) the \(second) \(verb)"
    text = beginning + (isPlural ? "." : "s.")
    self.isPlural = isPlural
    verbEnd = beginning.count - 1
  }

  /// - Parameter isMixed: Whether the second noun always has the other number.
  init(from stream: inout RandomStream, isMixed: Bool = false) {
    func one(_ words: [String]) -> String { words[stream.integer(below: words.count)] }
    let (first, place, second, verb) = (one(Self.nouns), one(Self.places), one(Self.nouns), one(Self.verbs))
    let isPlural = stream.integer(below: 2) == 1
    let isOther = isMixed || stream.integer(below: 2) == 1
    self.init(first, isPlural, place, second + (isPlural != isOther ? "s" : ""), verb)
  }

  /// `the dog near the cats sleeps.` or `the dogs near the cats sleep.`
  static func example(isPlural: Bool) -> Sentence { Sentence("dog", isPlural, "near", "cats", "sleep") }
}
