import Chapter08TrainingAnRNN
import Engine
import Workbench

/// Draws what a run learned, and keeps its figures.
func report(
  _ run: SentenceRun, _ test: Evaluation, on part: TextPart, to experiment: inout Experiment
) throws {
  let data = run.task.data
  try experiment.drawLearning(run, metricTitle: "Texts told correctly")
  try experiment.write(
    confusionMatrix(test.confusion, labels: data.classes, title: "Texts of the test part"),
    to: "confusion-matrix.png", "what was taken for what")
  if let place = exampleText(part, test, data.tokenizer) {
    try drawReading(
      run.model, part.ids[place], data.tokenizer, classes: data.classes,
      guess: test.predictions[place],
      &experiment)
  }
  keepMistakes(test, part, data.classes, &experiment)
  experiment.keepTraining(run)
  experiment.metrics["accuracy"] = test.accuracy
  experiment.metrics["loss"] = test.loss
  experiment.metrics["mistakes"] = Double(test.count - test.correct)
  experiment.metrics["test_texts"] = Double(test.count)
  experiment.metrics["training_texts"] = Double(data.training.count)
  experiment.metrics["validation_texts"] = Double(data.validation.count)
  experiment.metrics["words"] = Double(data.tokenizer.vocabularySize)
  experiment.metrics["texts_per_second"] = run.examplesPerSecond
}

/// A text to look at the gates over: told correctly, of 8 to 20 words, and with a "not" if there is one.
private func exampleText(_ part: TextPart, _ test: Evaluation, _ tokenizer: WordTokenizer) -> Int? {
  let good = part.ids.indices.filter {
    test.labels[$0] == test.predictions[$0] && (4...20).contains(part.ids[$0].count)
  }
  let not = tokenizer.id(of: "not") ?? -1
  return good.first { part.ids[$0].contains(not) && part.ids[$0].count >= 8 } ?? good.first
}

private func keepMistakes(
  _ test: Evaluation, _ part: TextPart, _ classes: [String], _ experiment: inout Experiment
) {
  var table = Table("The surest mistakes", columns: ["text", "it is", "taken for", "how sure"])
  for place in test.mistakes.prefix(8) {
    table.add(
      shortened(part.texts[place], to: 160), classes[test.labels[place]],
      classes[test.predictions[place]],
      percent(Double(test.confidences[place])))
  }
  if table.rows.isEmpty { experiment.keep(table) } else { experiment.show(table) }
}

/// A text on one line, cut where it is longer.
func shortened(_ text: String, to length: Int) -> String {
  let line = String(text.map { $0.isNewline ? " " : $0 })
  return line.count <= length ? line : line.prefix(length - 1) + "…"
}

/// Draws the gates and the cell of the last layer while a text is read, with its words on the axis.
///
/// - Parameter guess: The class that the network took it for.
func drawReading(
  _ model: RNNClassifier, _ ids: [Int], _ tokenizer: WordTokenizer, classes: [String], guess: Int,
  _ experiment: inout Experiment
) throws {
  let trace = GateTrace.all(of: model, reading: ids).last!
  let words = ids.map { tokenizer.vocabulary[$0] }
  let units = decidingUnits(model, trace, guess: guess, count: 6)
  var (gates, gateNames) = ([Tensor](), [String]())
  for unit in units {
    for (name, gate) in [("i", trace.input), ("f", trace.forget), ("o", trace.output)] {
      gates.append(gate.sliced(unit..<unit + 1, axis: 1).transposed())
      gateNames.append("\(name), unit \(unit)")
    }
  }
  try experiment.write(
    heatMap(
      concatenate(gates, axis: 0), rowLabels: gateNames, columnLabels: words,
      title: "What the gates do over a text",
      subtitle: "input gate i, forget gate f, output gate o of the six units that decided most",
      quantity: "open", range: 0...1),
    to: "gates.png", "the last layer's gates, word by word")
  let cells = units.map { trace.cell.sliced($0..<$0 + 1, axis: 1).transposed() }
  try experiment.write(
    heatMap(
      concatenate(cells, axis: 0), rowLabels: units.map { "c, unit \($0)" }, columnLabels: words,
      title: "What the cells hold", subtitle: "the same six units",
      quantity: "c", colorMap: .blueWhiteRed),
    to: "cells.png", "what the same units remember")
  let belief = withoutGradients { model.fc(Variable(trace.hidden)) }.value.softmax()
  try experiment.write(
    heatMap(
      belief.transposed(), rowLabels: classes, columnLabels: words, title: "If the text ended here",
      subtitle: "the probability of each class after every word", quantity: "probability",
      colorMap: .blues, range: 0...1, showsValues: true),
    to: "belief.png", "what the network would say after every word")
}

/// The units of the last layer whose part in the difference between the guess and the next best class is largest.
private func decidingUnits(_ model: RNNClassifier, _ trace: GateTrace, guess: Int, count: Int)
  -> [Int]
{
  let last = trace.hidden.shape[0] - 1
  let weight = model.fc.weight.value
  let scores = withoutGradients {
    model.fc(Variable(trace.hidden.sliced(last..<last + 1, axis: 0)))
  }.value
  let other = (0..<scores.shape[1]).filter { $0 != guess }.max { scores[0, $0] < scores[0, $1] }!
  let parts = (0..<trace.hidden.shape[1]).map { unit in
    abs((weight[guess, unit] - weight[other, unit]) * trace.hidden[last, unit])
  }
  return Array(parts.indices.sorted { (parts[$0], $1) > (parts[$1], $0) }.prefix(count))
}
