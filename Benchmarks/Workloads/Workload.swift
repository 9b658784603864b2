import Chapter07TrainingACNN
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Formats

/// One kind of work that is measured: a chapter's model, a size, and learning or reading.
struct Workload: Sendable {
  let name: String
  let about: String
  /// What is counted: images or tokens.
  let unit: String
  /// How many of them one step goes through.
  let perStep: Int
  /// Multiplications and additions of the dense products for one of them: as the sums are written, whichever way they
  /// are saved.
  let flops: Double
  /// What a peer must know to do the same; its names are those of the peers' scripts.
  let request: [String: any Sendable]
  /// Makes the model and its batches from a seed.
  let make: @Sendable (UInt64) -> any Job

  /// The batches of the first steps, which both sides report the losses of. Coming back to the same two, the losses
  /// fall fast, and a wrong step shows.
  static let firstSteps = [0, 1, 0, 1, 0]

  /// How far the two sides' losses may lie apart, as a share. Rounding alone gives 10⁻⁶ in the first step; Adam, which
  /// turns tiny gradients into whole steps, makes it 10⁻⁴ in the fifth.
  static let tolerance = 1e-3

  static let all: [Workload] =
    [
      .cnn("cnn-train-64", batch: 64, learns: true),
      .cnn("cnn-train-256", batch: 256, learns: true),
      .cnn("cnn-infer-256", batch: 256, learns: false),
      .cnn("cnn-infer-1", batch: 1, learns: false),
      .rnn("lstm-train-2x256", .lstm, layers: 2, hidden: 256, learns: true),
      .rnn("lstm-train-1x128", .lstm, layers: 1, hidden: 128, learns: true),
      .rnn("lstm-infer-2x256", .lstm, layers: 2, hidden: 256, learns: false),
      .rnn("gru-train-2x256", .gru, layers: 2, hidden: 256, learns: true),
      .rnn("gru-infer-2x256", .gru, layers: 2, hidden: 256, learns: false),
      .gpt("gpt-train"),
      .gpt("gpt-train-512", batch: 8, context: 512),
      .residual,
      .separable,
      .meanOfWords,
    ]
}

/// How many different batches a job has: enough that none is still in the processor's cache when it comes back.
let batchCount = 16

extension Workload {
  /// The article's CNN on generated digits.
  static func cnn(_ name: String, batch: Int, learns: Bool) -> Workload {
    let forward = Double(CNN().layerSizes.reduce(0) { $0 + $1.flops })
    // Backward does each product twice more, but the first layer's input wants no gradient.
    let first = Double(CNN().layerSizes[0].flops)
    return Workload(
      name: name,
      about: "the article's CNN, \(learns ? "training with Adam" : "inference"), batch \(batch)",
      unit: "images", perStep: batch, flops: learns ? 3 * forward - first : forward,
      request: ["model": "cnn", "learns": learns, "learning_rate": 1e-3]
    ) { seed in
      let model = withRandomSource(RandomSource(seed: seed)) { CNN() }
      let digits = ImageSet.generatedDigits(count: batch * batchCount, seed: seed)
      return ModelJob(
        model,
        (0..<batchCount).map {
          let (images, labels) = digits.batch(Array($0 * batch..<($0 + 1) * batch))
          return (images, labels)
        },
        optimizer: learns ? Adam(model.parameters) : nil, store: { StoredArray($0) },
        logits: { model(Variable($0)) })
    }
  }

  enum Cell: String { case lstm, gru }

  /// The article's recurrent classifier: 10,000 words, 64 sequences of 64 words, four classes.
  static func rnn(_ name: String, _ cell: Cell, layers: Int, hidden: Int, learns: Bool) -> Workload {
    let (words, batch, steps, classes) = (10_000, 64, 64, 4)
    let gates = cell == .lstm ? 4 : 3
    let forward = Double(layers * 2 * gates * hidden * (hidden + hidden))
    return Workload(
      name: name,
      about: "the article's RNN, \(cell.rawValue.uppercased()) \(layers)×\(hidden), "
        + (learns ? "training with Adam" : "inference"),
      unit: "tokens", perStep: batch * steps, flops: learns ? 3 * forward : forward,
      request: [
        "model": cell.rawValue, "learns": learns, "learning_rate": 1e-3, "vocabulary": words,
        "hidden": hidden,
        "layers": layers, "classes": classes,
      ]
    ) { seed in
      var stream = RandomStream(seed: seed)
      let batches: [ModelJob<IntTensor>.Batch] = (0..<batchCount).map { _ in
        let ids = (0..<batch * steps).map { _ in stream.integer(below: words) }
        // The class is a matter of the last word.
        let labels = (0..<batch).map { ids[($0 + 1) * steps - 1] % classes }
        return (IntTensor(ids, shape: [batch, steps]), IntTensor(labels))
      }
      func job(_ model: Module, _ logits: @escaping (IntTensor) -> Variable) -> any Job {
        ModelJob(
          model, batches, optimizer: learns ? Adam(model.parameters) : nil, store: { StoredArray($0) },
          logits: logits)
      }
      return withRandomSource(RandomSource(seed: seed)) {
        switch cell {
        case .lstm:
          let model = RNNClassifier(inputSize: words, hiddenSize: hidden, layers: layers, classes: classes)
          return job(model) { model($0, model.initHidden(batch)).logits }
        case .gru:
          let model = GRUClassifier(inputSize: words, hiddenSize: hidden, layers: layers, classes: classes)
          return job(model) { model($0, model.initHidden(batch)).logits }
        }
      }
    }
  }

  /// A character transformer: 96 characters, 32 texts of 128 or as many as are said, four blocks of width 128 with four
  /// heads.
  static func gpt(_ name: String, batch: Int = 32, context: Int = 128) -> Workload {
    let (characters, width, heads, blocks) = (96, 128, 4, 4)
    // A block's projections and linear layers are twelve products of D by D; attention looks at half of the context on
    // average, twice.
    let block = 2 * 12 * width * width + 2 * context * width
    let forward = Double(blocks * block + 2 * width * characters)
    return Workload(
      name: name, about: "character transformer, \(blocks)×\(width), T = \(context), training with AdamW",
      unit: "tokens", perStep: batch * context, flops: 3 * forward,
      request: [
        "model": "gpt", "learns": true, "learning_rate": 3e-4, "vocabulary": characters, "context": context,
        "width": width, "heads": heads, "blocks": blocks,
      ]
    ) { seed in
      var stream = RandomStream(seed: seed)
      let batches: [ModelJob<IntTensor>.Batch] = (0..<batchCount).map { _ in
        // Some characters are more frequent than others: that much can be learned.
        let text = (0..<batch * (context + 1)).map { _ in
          Int(Float(characters) * stream.uniform() * stream.uniform())
        }
        let places = (0..<batch).flatMap { n in (0..<context).map { n * (context + 1) + $0 } }
        return (
          IntTensor(places.map { text[$0] }, shape: [batch, context]),
          IntTensor(places.map { text[$0 + 1] })
        )
      }
      let model = withRandomSource(RandomSource(seed: seed)) {
        GPT(vocabulary: characters, context: context, dimension: width, heads: heads, blocks: blocks)
      }
      return ModelJob(
        model, batches, optimizer: AdamW(model.parameters, learningRate: 3e-4), store: { StoredArray($0) },
        logits: { model($0).reshaped([-1, characters]) })
    }
  }
}
