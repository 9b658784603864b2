import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Tell the class of a text of yours, with the network trained last.",
    discussion: """
      The network knows the words that it was trained on; it says which of yours it does not know. A network that was \
      trained on the generated sentences knows little more than hotels, films and what people thought of them.

      EXAMPLES
        train-rnn predict "The film was not boring but wonderful."
        train-rnn predict "I loved it, but my sister hated it." --weights out/my-run
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: "The text, in quotes.")
  var text: String

  @Option(
    help: ArgumentHelp(
      "The folder of the run that trained the network (default: the last run's under out/).",
      valueName: "dir"))
  var weights: String?

  func run() throws {
    let words = WordTokenizer.words(of: text, limit: 10_001)
    if words.isEmpty { throw CannotUse("the text has no words: give one in quotes.") }
    let folder = try RunFolder(weights, of: Train.self, trainedBy: "train-rnn")
    let saved = try folder.read(SavedClassifier.self) { try $0.check() }
    let model = saved.makeModel()
    try model.readWeights(from: folder.weights)
    let output = try common.prepare(TrainRNN.chapter.folder + "/predict")
    var experiment = Experiment("train-rnn predict", seed: common.seed, to: output)
    try predict(words, model, saved, &experiment)
    try experiment.finish()
  }

  private func predict(
    _ words: [String], _ model: RNNClassifier, _ saved: SavedClassifier,
    _ experiment: inout Experiment
  ) throws {
    let tokenizer = saved.tokenizer
    let ids = tokenizer.encode(text, limit: saved.limit)
    if words.count > ids.count {
      Terminal.error(
        "note: the text has more than \(ids.count) words; the first \(ids.count) are read.")
    }
    let unknown = words.prefix(ids.count).filter { tokenizer.id(of: $0) == nil }
    if !unknown.isEmpty {
      let shown = unknown.prefix(8).map { "“\(shortened($0, to: 24))”" }.joined(separator: ", ")
      Terminal.error(
        "note: \(unknown.count) of \(ids.count) words are unknown to this network: \(shown)\(unknown.count > 8 ? ", …" : "")"
      )
    }
    let logits = withoutGradients { model.logits(PaddedSequences([ids])) }
    let probabilities = logits.value.softmax().scalars.map(Double.init)
    let ranked = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
    print("“\(shortened(text, to: 200))”\n")
    var table = Table("What the network takes it for", columns: ["class", "probability"])
    for label in ranked { table.add(saved.classes[label], percent(probabilities[label], 2)) }
    experiment.show(table)
    print(
      "It is taken for \(saved.classes[ranked[0]]), with a probability of \(percent(probabilities[ranked[0]])).\n"
    )
    // Beyond this the words on the axis cannot be read.
    if ids.count <= 40 {
      try drawReading(model, ids, tokenizer, classes: saved.classes, guess: ranked[0], &experiment)
    }
    experiment.metrics["class"] = Double(ranked[0])
    experiment.metrics["unknown_words"] = Double(unknown.count)
    for (label, probability) in probabilities.enumerated() {
      experiment.metrics["probability_\(label)"] = probability
    }
  }
}
