import Engine
import Foundation
import Workbench

func train(on folder: String, writing weights: String) throws {
  let pictures = try ImageFolder(folder)
  var settings = TrainingSettings()
  settings.epochs = 12
  settings.batchSize = 32
  settings.learningRate = 0.01
  settings.schedule = .cosine

  let run = TrainingRun(ImageClassification(pictures.data), settings) {
    ShapeNet(classCount: pictures.classes.count)
  }
  while !run.isFinished {
    let epoch = run.history.count + 1
    let progress = Progress(
      "epoch \(epoch)/\(settings.epochs)", total: pictures.data.training.count, unit: "images")
    let record = try run.nextEpoch { progress.update($0.examples, note: "loss \(fixed($0.loss, 3))") }
    progress.finish("validation loss \(fixed(record.validation!.loss, 3))")
  }

  let test = evaluate(run.model, on: pictures.data.test)
  print("\(percent(test.accuracy)) of \(test.count) pictures that it has not seen are right")
  try run.model.writeWeights(to: weights)
  try pictures.classes.joined(separator: "\n").write(
    toFile: weights + ".classes", atomically: true, encoding: .utf8)
}

func read(_ picture: String, with weights: String) throws {
  let classes = try String(contentsOfFile: weights + ".classes", encoding: .utf8).split(separator: "\n")
  let model = ShapeNet(classCount: classes.count)
  try model.readWeights(from: weights)

  let image = try PNG(path: picture, as: .gray)
  let ink = Tensor(image.bytes.map { 1 - Float($0) / 255 }, shape: [1, 1, image.height, image.width])
  let probabilities = withoutGradients { softmax(model(Variable(ink))) }
  for (name, p) in zip(classes, probabilities.value.scalars) { print("\(name) \(fixed(Double(p), 4))") }
}
