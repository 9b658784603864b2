import Engine
import Formats

extension Workload {
  /// A network of `Networks.swift` that learns from random images of 32 × 32 in three colours.
  static func images<Model: Module>(
    _ name: String, about: String, model kind: String, flops: Double,
    _ make: @escaping @Sendable () -> Model, _ logits: @escaping @Sendable (Model, Variable) -> Variable
  ) -> Workload {
    let (batch, classes) = (64, 10)
    return Workload(
      name: name, about: "\(about), training with Adam, batch \(batch)", unit: "images", perStep: batch,
      flops: 3 * flops, request: ["model": kind, "learns": true, "learning_rate": 1e-3]
    ) { seed in
      var stream = RandomStream(seed: seed)
      let batches: [ModelJob<Tensor>.Batch] = (0..<batchCount).map { _ in
        let labels = (0..<batch).map { _ in stream.integer(below: classes) }
        return (stream.normal(shape: [batch, 3, 32, 32]), IntTensor(labels))
      }
      let model = withRandomSource(RandomSource(seed: seed)) { make() }
      return ModelJob(
        model, batches, optimizer: Adam(model.parameters), store: { StoredArray($0) },
        logits: { logits(model, Variable($0)) })
    }
  }

  static let residual = images(
    "resnet-train", about: "a small residual network with batch norm", model: "resnet",
    flops: SmallResNet.flops, { SmallResNet() }, { $0($1) })

  static let separable = images(
    "separable-train", about: "a small network of depthwise-separable convolutions", model: "mobilenet",
    flops: SmallMobileNet.flops, { SmallMobileNet() }, { $0($1) })

  /// 50,000 words, 256 texts of 64 words: nearly all of the work is to look up vectors and to move the optimiser along.
  static let meanOfWords: Workload = {
    let (words, width, batch, steps, classes) = (50_000, 64, 256, 64, 4)
    return Workload(
      name: "words-train", about: "mean of word vectors, \(words)×\(width), training with Adam",
      unit: "tokens", perStep: batch * steps, flops: 3 * 2 * Double(width * classes) / Double(steps),
      request: [
        "model": "words", "learns": true, "learning_rate": 1e-3, "vocabulary": words, "width": width,
        "classes": classes,
      ]
    ) { seed in
      var stream = RandomStream(seed: seed)
      let batches: [ModelJob<IntTensor>.Batch] = (0..<batchCount).map { _ in
        let ids = (0..<batch * steps).map { _ in stream.integer(below: words) }
        let labels = (0..<batch).map { ids[$0 * steps] % classes }
        return (IntTensor(ids, shape: [batch, steps]), IntTensor(labels))
      }
      let model = withRandomSource(RandomSource(seed: seed)) {
        MeanOfWords(words: words, width: width, classes: classes)
      }
      return ModelJob(
        model, batches, optimizer: Adam(model.parameters), store: { StoredArray($0) }, logits: { model($0) })
    }
  }()
}
