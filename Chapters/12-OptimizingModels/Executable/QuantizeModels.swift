import Chapter07TrainingACNN
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Foundation
import Workbench

extension Quantize {
  /// The three networks in both forms: how well they do, and how large they are, in memory and on disk.
  func showModels(_ models: TrainedModels, _ common: CommonOptions, _ experiment: inout Experiment) throws {
    var table = Table(
      "Three networks in 32 and in 8 bits",
      columns: [
        "network", "judged by", "32 bits", "8 bits", "KiB in 32 bits", "in 8", "ratio", "KiB on disk",
        "ratio",
      ])
    let judged = common.scale.of(quick: 1_000, standard: 8_000, full: models.corpus.validation.count)
    func add(
      _ name: String, _ key: String, _ model: Module, _ what: String, _ measure: () -> Double,
      _ text: (Double) -> String
    ) throws {
      let file = experiment.output.file("\(key)-float32.safetensors")
      let small = experiment.output.file("\(key).safetensors")
      let (before, bytes) = (measure(), model.parameterBytes)
      try model.writeWeights(to: file)
      try model.roundWeights()
      try model.writeWeights(to: small)
      let (after, smallBytes) = (measure(), model.parameterBytes)
      let (disk, smallDisk) = (try size(file), try size(small))
      try FileManager.default.removeItem(atPath: file)
      if key != "cnn" { try FileManager.default.removeItem(atPath: small) }
      table.add(
        name, what, text(before), text(after), fixed(Double(bytes) / 1_024, 0),
        fixed(Double(smallBytes) / 1_024, 0), fixed(Double(bytes) / Double(smallBytes), 2),
        fixed(Double(smallDisk) / 1_024, 0), fixed(Double(disk) / Double(smallDisk), 2))
      for (metric, value) in [
        ("float32", before), ("int8", after), ("memory_ratio", Double(bytes) / Double(smallBytes)),
        ("size_ratio", Double(disk) / Double(smallDisk)), ("kib", Double(smallDisk) / 1_024),
        ("float32_kib", Double(disk) / 1_024),
      ] { experiment.metrics["\(key).\(metric)"] = value }
    }
    let cnn = try models.copyOfCNN()
    try add("the article's CNN", "cnn", cnn, "digits read", { models.accuracy(cnn) }) { percent($0, 2) }
    try add(
      "its LSTM", "lstm", models.lstm, "texts classified correctly",
      { models.lstm.evaluation(of: models.texts.test, classCount: models.texts.classes.count).accuracy }
    ) { percent($0, 2) }
    try add(
      "a GPT", "gpt", models.gpt, "nats a character",
      { GPTTask.loss(of: models.gpt, on: Array(models.corpus.validation.prefix(judged))) }
    ) { fixed($0, 4) }
    experiment.show(
      table, note: "Weights by row, symmetric; inputs rounded as they come; norms and biases stay in 32 bits."
    )
    experiment.add(Predict.weightsFile, "the CNN in eight bits, for predict")
    // Read once more, it answers as it did.
    let again = try Predict.smallCNN(experiment.output.file(Predict.weightsFile))
    let images = Variable(models.digits.test.batch(0..<100).images)
    let isSame = withoutGradients { again(images).value == cnn(images).value }
    print(
      "  Read from its file, the CNN gives \(isSame ? "the same numbers, bit for bit" : "OTHER numbers").\n")
    experiment.metrics["reloaded_same"] = isSame ? 1 : 0
    experiment.metrics["float32.accuracy"] = experiment.metrics["cnn.float32"]
    experiment.metrics["int8.accuracy"] = experiment.metrics["cnn.int8"]
    experiment.metrics["size_ratio"] = experiment.metrics["cnn.size_ratio"]
  }

  private func size(_ path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
  }
}
