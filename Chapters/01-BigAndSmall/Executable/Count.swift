import ArgumentParser
import Chapter01BigAndSmall
import Engine
import Workbench

struct Count: ChapterExperiment {
  static let name = "count"
  static let summary =
    "Parameters, operations and memory of published models, from their configuration alone."
  static let details = """
    EXAMPLES
      big-and-small count
      big-and-small count --output out/models
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try count(seed: common.seed, &experiment)
  }
}

/// Counts the published models, and the article's network layer by layer.
func count(seed: UInt64, _ experiment: inout Experiment) throws {
  showParameters(&experiment)
  showCost(&experiment)
  showLayers(&experiment)
  try experiment.write(
    modelsChart, to: "models.svg", "what the models' parameters do: operations against parameters")
  try experiment.write(yearsChart, to: "years.svg", "how the models grew: parameters against the year")
}

private func showParameters(_ experiment: inout Experiment) {
  var table = Table(
    "Parameters, counted from the configuration",
    columns: ["model", "year", "counted", "published", "agreement", "published by"])
  for figure in PublishedFigure.all {
    let model = figure.model
    table.add(
      model.name, "\(model.year)", grouped(model.parameters), grouped(figure.parameters), figure.agreement,
      figure.source)
    experiment.metrics["\(model.key)_parameters"] = Double(model.parameters)
    experiment.metrics["\(model.key)_difference"] = figure.difference
  }
  experiment.metrics["models"] = Double(PublishedFigure.all.count)
  experiment.metrics["models_in_agreement"] = Double(PublishedFigure.all.count { $0.agrees })
  experiment.show(
    table, note: "Nothing is trained or even made: each count is a sum over the lines of a description.")
}

private func showCost(_ experiment: inout Experiment) {
  var table = Table(
    "What one example costs",
    columns: [
      "model", "one example", "GFLOP forward", "FLOP a parameter", "weights, GB",
      "weights, gradients, Adam, GB",
      "activations, GB",
    ])
  for model in PublishedFigure.all.map(\.model) {
    let memory = model.trainingMemory()
    let own = memory.total - memory.activations
    let gflops = Double(model.operations) / 1e9
    table.add(
      model.name, model.example, significant(gflops), significant(gflops * 1e9 / Double(model.parameters)),
      significant(Double(memory.weights) / 1e9), significant(Double(own) / 1e9),
      significant(Double(memory.activations) / 1e9))
    experiment.metrics["\(model.key)_operations"] = Double(model.operations)
    experiment.metrics["\(model.key)_training_bytes"] = Double(own)
    experiment.metrics["\(model.key)_activation_bytes"] = Double(memory.activations)
  }
  // 300 billion tokens, 2,048 at a time.
  let gpt3 = ModelDescription.gpt3
  experiment.metrics["gpt_3_training_operations"] =
    Double(gpt3.trainingOperations) * 300e9 / Double(gpt3.input[0])
  experiment.show(
    table,
    note:
      "4 bytes a number. To train: weights, gradients and Adam's two means; the activations of one example come on top."
  )
}

private func showLayers(_ experiment: inout Experiment) {
  let model = DigitNetwork.description(width: 32)
  let names = ["conv 5×5, 1 → 32", "conv 5×5, 32 → 64", "linear, 3136 → 128", "linear, 128 → 10"]
  var table = Table(
    "The article's network, for one image",
    columns: ["layer", "parameters", "of all", "FLOP", "of all"])
  var (x, rest) = (model.input, names[...])
  for part in model.parts {
    if part.parameters > 0, let name = rest.popFirst() {
      let (parameters, operations) = (part.parameters, part.operations(x))
      table.add(
        name, grouped(parameters), percent(Double(parameters) / Double(model.parameters)),
        grouped(operations), percent(Double(operations) / Double(model.operations)))
    }
    x = part.output(x)
  }
  table.add("together", grouped(model.parameters), "", grouped(model.operations), "")
  experiment.metrics["article_parameters"] = Double(model.parameters)
  experiment.metrics["article_operations"] = Double(model.operations)
  experiment.metrics["article_activations"] = Double(model.activations)
  experiment.show(table)
}

/// A number in three digits, as it is spoken: 0.000656, 15.5, 735,000.
private func significant(_ value: Double) -> String {
  if value >= 100 { return grouped(value) }
  var (digits, scaled) = (0, value)
  while scaled < 100, digits < 12, value > 0 {
    scaled *= 10
    digits += 1
  }
  return fixed(value, max(0, digits))
}

extension ModelDescription {
  /// The name for metrics: `gpt_2_xl`.
  fileprivate var key: String {
    let letters = name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
    return String(letters).split(separator: "_").joined(separator: "_")
  }

  fileprivate var readsImages: Bool { input.count == 3 }

  fileprivate var example: String {
    readsImages ? "\(input[1])×\(input[2])×\(input[0])" : "\(grouped(input[0])) tokens"
  }
}

/// A series for each kind of model; of two ways to write one network, the first.
private func series(
  without hidden: [ModelDescription] = [], x: (ModelDescription) -> Double, y: (ModelDescription) -> Double
) -> [Series] {
  let charted = PublishedFigure.all.map(\.model).filter {
    $0 != .leNet5Today && $0 != .alexNetOnePiece && !hidden.contains($0)
  }
  return [("reads images", true), ("reads text", false)].map { name, readsImages in
    let models = charted.filter { $0.readsImages == readsImages }
    return Series(name, x: models.map(x), y: models.map(y), labels: models.map(\.name))
  }
}

private var modelsChart: ScatterChart {
  var chart = ScatterChart(
    title: "Work against size", subtitle: "One image, or one text, on the way forward.",
    x: Axis("parameters", isLogarithmic: true), y: Axis("FLOP for one example", isLogarithmic: true),
    series: series(
      without: [.t5Base], x: { Double($0.parameters) }, y: { Double($0.operations) }))
  chart.plotHeight = 520
  return chart
}

private var yearsChart: ScatterChart {
  var year = Axis("year", range: 1996...2028)
  year.isCalendar = true
  var chart = ScatterChart(
    title: "How the models grew", subtitle: "Each step upwards is ten times as many parameters.",
    x: year, y: Axis("parameters", isLogarithmic: true),
    // Where several appeared at once, the names of all would not fit.
    series: series(
      without: [.resNet18, .bertBase, .gpt2, .llama2_7B], x: { Double($0.year) }, y: { Double($0.parameters) }
    ))
  chart.plotHeight = 400
  return chart
}
