import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Foundation
import Workbench

struct AttentionMaps: ChapterExperiment {
  static let name = "attention"
  static let summary = "One head by hand, why scores are divided by √d, and where a trained network looks."
  static let details = """
    The numbers of section 10.2, with and without a causal mask; the softmax of scores that are not divided; and the \
    attention maps of a small GPT over words that has learned chapter 8's sentences, over one of them.

    EXAMPLES
      choose-model attention
      choose-model attention --text "The film was not boring but wonderful."
    """

  @OptionGroup var common: CommonOptions

  @Option(help: "The sentence whose maps are drawn (default: one of the test part with a \"not\").")
  var text: String?

  func validate() throws {
    if let text, !(1...40).contains(WordTokenizer.words(of: text, limit: 41).count) {
      throw ValidationError("--text must have from 1 to 40 words, given \"\(text)\"")
    }
  }

  func run(_ experiment: inout Experiment) throws {
    byHand(&experiment)
    scale(&experiment)
    try maps(&experiment)
  }

  // MARK: By hand

  private func byHand(_ experiment: inout Experiment) {
    let ln2 = log(2.0)
    let (queries, keys, values) = ([1.0, 2, 0], [0, ln2, 2 * ln2], [7.0, 14, 21])
    var table = Table(
      "One head of width 1 over three words",
      columns: ["looks", "word", "query", "scores", "weights", "output"])
    for (name, mask) in [("everywhere", nil), ("not ahead", causalMask(3))] {
      let head = attentionHead(
        queries: queries.map { [$0] }, keys: keys.map { [$0] }, values: values.map { [$0] }, mask: mask)
      for t in 0..<3 {
        let seen = (0..<3).filter { mask?[t][$0] ?? true }
        table.add(
          name, "\(t + 1)", fixed(queries[t], 0),
          seen.map { fixed(head.scores[t][$0], 3) }.joined(separator: ", "),
          head.weights[t].map { fixed($0, 3) }.joined(separator: ", "), fixed(head.output[t][0], 3))
        let key = name == "everywhere" ? "hand" : "hand_causal"
        experiment.metrics["\(key).output_\(t + 1)"] = head.output[t][0]
      }
    }
    experiment.show(table, note: "Keys 0, ln 2, 2 ln 2; values 7, 14, 21.")
  }

  /// Queries and keys of random numbers with variance 1: their products have deviation √d, and the softmax of such scores
  /// takes one step and leaves the others.
  private func scale(_ experiment: inout Experiment) {
    let (count, steps) = (common.scale.of(quick: 20, standard: 400, full: 2_000), 16)
    var stream = RandomStream(seed: common.seed, stream: 10_200)
    var table = Table(
      "Random queries and \(steps) random keys",
      columns: [
        "d", "deviation of q·k", "largest weight", "largest, divided by √d", "slope left",
        "slope left, divided",
      ])
    for width in [4, 16, 64, 256] {
      var (squares, largest, slopes) = (0.0, [0.0, 0.0], [0.0, 0.0])
      for _ in 0..<count {
        func vector() -> [Double] { (0..<width).map { _ in Double(stream.normal()) } }
        let (query, keys) = (vector(), (0..<steps).map { _ in vector() })
        // The head divides by √d itself; a query that is √d times as long undoes it.
        for (i, factor) in [Double(width).squareRoot(), 1].enumerated() {
          let head = attentionHead(queries: [query.map { $0 * factor }], keys: keys, values: keys)
          if i == 0 { squares += head.scores[0].reduce(0) { $0 + $1 * $1 } / Double(steps) }
          largest[i] += head.weights[0].max()!
          // The sum of p(1 − p): how much a change of the scores still changes the weights.
          slopes[i] += head.weights[0].reduce(0) { $0 + $1 * (1 - $1) }
        }
      }
      let n = Double(count)
      table.add(
        "\(width)", fixed((squares / n).squareRoot(), 2), fixed(largest[0] / n, 3), fixed(largest[1] / n, 3),
        fixed(slopes[0] / n, 3), fixed(slopes[1] / n, 3))
      experiment.metrics["scale.largest_\(width)"] = largest[0] / n
      experiment.metrics["scale.largest_divided_\(width)"] = largest[1] / n
      experiment.metrics["scale.slope_\(width)"] = slopes[0] / n
      experiment.metrics["scale.slope_divided_\(width)"] = slopes[1] / n
    }
    experiment.show(table, note: "Slope left: Σ p(1 − p), what the softmax lets through of a gradient.")
  }

  // MARK: Over words

  /// A GPT over words learns to go on with chapter 8's sentences, and shows where its heads look.
  private func maps(_ experiment: inout Experiment) throws {
    let text = WordText(
      training: common.scale.of(quick: 300, standard: 2_000, full: 4_000),
      test: common.scale.of(quick: 50, standard: 200, full: 500), seed: common.seed)
    let steps = common.scale.of(quick: 20, standard: 300, full: 1_500)
    let run = text.run(steps: steps, seed: common.seed)
    let progress = Progress(
      "a GPT over words", total: run.task.exampleCount * run.settings.epochs, unit: "words")
    try run.finish { progress.update($0) }
    progress.finish()

    let loss = run.history.last!.validation!.loss
    let bigram = text.bigramLoss
    print(
      "  \(fixed(loss, 3)) nats a word on new sentences; counting pairs of words: \(fixed(bigram, 3)).\n")
    experiment.metrics["word_loss"] = loss
    experiment.metrics["word_bigram_loss"] = bigram
    experiment.metrics["word_parameters"] = Double(run.model.parameterCount)
    experiment.metrics["vocabulary"] = Double(run.model.size.vocabulary)
    experiment.metrics["sentences"] = Double(text.texts.training.count)
    try show(run.model, text.texts, &experiment)
  }

  private func show(_ model: GPT, _ texts: TextData, _ experiment: inout Experiment) throws {
    let looked = texts.test.ids.filter { $0.count < WordText.context }.prefix(200)
    var sums = [[[Double]]](
      repeating: Array(repeating: Array(repeating: 0, count: 5), count: model.size.heads),
      count: model.size.blocks)
    for text in looked {
      for (block, map) in model.attentionMaps([0] + text).enumerated() {
        for head in 0..<map.shape[0] {
          for (i, share) in shares(map.selected(head, axis: 0)).enumerated() { sums[block][head][i] += share }
        }
      }
    }
    var table = Table(
      "Where each head looks, mean over \(looked.count) sentences",
      columns: [
        "block", "head", "at itself", "one word back", "two words back", "farther", "words that count",
      ])
    for (block, heads) in sums.enumerated() {
      for (head, sum) in heads.enumerated() {
        let mean = sum.map { $0 / Double(looked.count) }
        table.add(
          ["\(block + 1)", "\(head + 1)"] + mean.prefix(4).map { percent($0) } + [fixed(mean[4], 1)])
        experiment.metrics["head_\(block + 1)_\(head + 1).back"] = mean[1]
        experiment.metrics["head_\(block + 1)_\(head + 1).words"] = mean[4]
      }
    }
    experiment.show(
      table,
      note: "Words that count: e to the entropy of the weights, the number of words if all weighed the same.")
    let ids = sentence(texts)
    let words = ["·"] + ids.map { texts.tokenizer.vocabulary[$0] }
    for (block, map) in model.attentionMaps([0] + ids).enumerated() {
      for head in 0..<map.shape[0] {
        try experiment.write(
          heatMap(
            map.selected(head, axis: 0), rowLabels: words, columnLabels: words, rowTitle: "after this word",
            columnTitle: "looks at", title: "Block \(block + 1), head \(head + 1)",
            subtitle: "Each row sums to 1; the dot stands between two sentences.", quantity: "weight",
            range: 0...1),
          to: "map-\(block + 1)-\(head + 1).png", "where head \(head + 1) of block \(block + 1) looks")
      }
    }
  }

  /// Of one causal map `[T, T]`, the mean over the words: the shares at the word itself, one back, two back, farther; and
  /// the words that count. The first two words, which cannot look so far, are left out.
  private func shares(_ map: Tensor) -> [Double] {
    let steps = map.shape[0]
    var result = [0.0, 0, 0, 0, 0]
    for t in 2..<steps {
      var entropy = 0.0
      for s in 0...t {
        let p = Double(map[t, s])
        result[min(t - s, 3)] += p
        if p > 0 { entropy -= p * log(p) }
      }
      result[4] += exp(entropy)
    }
    return result.map { $0 / Double(steps - 2) }
  }

  private func sentence(_ texts: TextData) -> [Int] {
    if let text { return texts.tokenizer.encode(text, limit: 40) }
    let not = texts.tokenizer.id(of: "not") ?? -1
    return texts.test.ids.first { (8...14).contains($0.count) && $0.contains(not) } ?? texts.test.ids[0]
  }
}
