import Chapter08TrainingAnRNN
import Chapter09TrendsAndChallenges
import Engine
import Workbench

/// Chapter 8's classifier, trained on its sentences.
struct ExplainedRNN {
  let model: RNNClassifier
  let data: TextData
  let test: Evaluation

  init(_ common: CommonOptions) throws {
    let data = TextData.sentences(
      training: common.scale.of(quick: 300, standard: 3_000, full: 8_000), validation: 2,
      test: common.scale.of(quick: 60, standard: 400, full: 1_000), seed: common.seed)
    var settings = TrainingSettings.rnn
    settings.epochs = common.scale.of(quick: 1, standard: 3, full: 6)
    settings.seed = common.seed
    let run = SentenceRun(settings, on: data, buckets: true)
    let progress = Progress("training the RNN", total: settings.epochs * data.training.count, unit: "texts")
    try run.finish { progress.update($0) }
    test = run.model.evaluation(of: data.test, classCount: 2)
    progress.finish("\(percent(test.accuracy)) of held-out texts told")
    (model, self.data) = (run.model, data)
  }

  /// The first places of pairs whose two sentences are told correctly: at `2k` and `2k + 1`, of the same words in
  /// another order.
  var correctPairs: [Int] {
    stride(from: 0, to: test.count - 1, by: 2).filter { place in
      [place, place + 1].allSatisfy { test.labels[$0] == test.predictions[$0] }
    }
  }

  /// The vectors of a text's words, `[1, T, D]`.
  func embedded(_ text: Int) -> Tensor {
    withoutGradients {
      model.embedding(IntTensor(data.test.ids[text], shape: [1, data.test.ids[text].count]))
    }.value
  }

  /// By how much each class's score exceeds the other's, `[N, 2]`, for vectors of words `[N, T, D]`.
  func margins(_ vectors: Variable) -> Variable {
    let (count, length) = (vectors.shape[0], vectors.shape[1])
    let lengths = [Int](repeating: length, count: count)
    let (_, h, _) = model.rnn(vectors, initial: model.initHidden(count), lengths: lengths)
    return matmul(model.fc(h.selected(-1, axis: 0)), Variable(Tensor([[1, -1], [-1, 1]])))
  }

  /// How much each word has to do with the class of a text, in three ways.
  func importance(of text: Int, steps: Int = 128) -> (
    gradient: [Float], integrated: [Float], leftOut: [Float]
  ) {
    let (ids, label) = (data.test.ids[text], data.test.labels[text])
    let x = embedded(text)
    let (scores, slope) = inputGradient(at: x, of: [label]) { margins($0) }
    let gradient = (slope * slope).sum(axis: 2).squareRoot().scalars
    let integrated = integratedGradients(
      at: x, from: .zeros(x.shape), of: [label], steps: steps
    ) { margins($0) }
    .attributions.sum(axis: 2).scalars
    let shorter = ids.indices.map { place in ids.indices.filter { $0 != place } }
    let without = concatenate(
      shorter.map { places in x.selecting(places, axis: 1) })
    let leftOut = withoutGradients { margins(Variable(without)) }.value.selected(label, axis: 1)
    return (gradient, integrated, leftOut.scalars.map { scores[0, label] - $0 })
  }
}

/// Asks which words decided, draws it for one pair of sentences, and measures how often the words named are those in
/// which the two of a pair differ.
func explainWords(_ common: CommonOptions, _ experiment: inout Experiment) throws -> ExplainedRNN {
  let words = try ExplainedRNN(common)
  print("")
  experiment.metrics["rnn_accuracy"] = words.test.accuracy
  try drawWords(words, &experiment)

  let pairs = words.correctPairs.prefix(common.scale.of(quick: 3, standard: 50, full: 200))
  var hits = [0.0, 0, 0, 0]
  for text in pairs.flatMap({ [$0, $0 + 1] }) {
    let other = text % 2 == 0 ? text + 1 : text - 1
    let (mine, theirs) = (words.data.test.ids[text], words.data.test.ids[other])
    let deciding = mine.indices.filter { mine[$0] != theirs[$0] }
    let (gradient, integrated, leftOut) = words.importance(of: text)
    for (i, map) in [gradient, integrated, leftOut].enumerated() {
      let best = map.indices.max { (abs(map[$0]), $1) < (abs(map[$1]), $0) }!
      if deciding.contains(best) { hits[i] += 1 }
    }
    hits[3] += Double(deciding.count) / Double(mine.count)
  }
  let count = Double(max(2 * pairs.count, 1))
  var table = Table(
    "How often the word named first is one in which the two sentences of a pair differ",
    columns: ["explanation", "share"])
  for (name, key, hit) in [
    ("a word by chance", "chance", hits[3]), ("gradient, its length", "gradient", hits[0]),
    ("integrated gradients", "integrated", hits[1]), ("the word left out", "left_out", hits[2]),
  ] {
    table.add(name, percent(hit / count))
    experiment.metrics["words.\(key)"] = hit / count
  }
  experiment.metrics["words.texts"] = 2 * Double(pairs.count)
  experiment.show(
    table, note: "\(2 * pairs.count) sentences that were told correctly, as was the other of their pair")
  return words
}

/// Draws a pair of short sentences, word by word.
private func drawWords(_ words: ExplainedRNN, _ experiment: inout Experiment) throws {
  let pairs = words.correctPairs.isEmpty ? [0] : words.correctPairs
  let pair = pairs.min { words.data.test.ids[$0].count < words.data.test.ids[$1].count }!
  // Long enough to have something to choose from.
  let chosen = pairs.first { (9...14).contains(words.data.test.ids[$0].count) } ?? pair
  for text in [chosen, chosen + 1] {
    let (gradient, integrated, leftOut) = words.importance(of: text)
    let rows = [gradient, integrated, leftOut].map { map in
      let largest = map.map { abs($0) }.max() ?? 1
      return map.map { largest > 0 ? $0 / largest : 0 }
    }
    let verdict = words.data.classes[words.data.test.labels[text]]
    try experiment.write(
      heatMap(
        Tensor(rows), rowLabels: ["gradient, its length", "integrated gradients", "the word left out"],
        columnLabels: words.data.test.ids[text].map { words.data.tokenizer.vocabulary[$0] },
        title: "Which words made it \(verdict)",
        subtitle: "Red speaks for it, blue against it; the gradient's length has no sign.",
        quantity: "of the row's largest", colorMap: .blueWhiteRed, range: -1...1),
      to: "words-\(verdict).png", "which words decided that a sentence is \(verdict)")
  }
}
