import Datasets
import NumberText
import Pictures
import Tensors

extension Experiment {
  /// Says what a network takes a digit for: a table, a line, a picture, and the probabilities as metrics.
  ///
  /// - Parameters:
  ///   - digit: The picture that was read, brought to the size of the network's input.
  ///   - logits: Its scores, `[1, 10]`.
  public mutating func report(_ digit: DigitPicture, logits: Tensor) throws {
    let probabilities = logits.softmax().scalars.map(Double.init)
    let ranked = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
    if digit.mayShowSeveral {
      Terminal.error(
        "note: there are strokes side by side that do not touch; this network reads one digit a picture.")
    }
    var table = Table("What the network takes it for", columns: ["digit", "probability"])
    for digit in ranked { table.add("\(digit)", percent(probabilities[digit], 2)) }
    show(table)
    print("It is \(article(ranked[0])) \(ranked[0]), by \(percent(probabilities[ranked[0]])).\n")

    try write(
      predictionPicture(digit, probabilities, title: "Read as \(article(ranked[0])) \(ranked[0])"),
      to: "prediction.png", "what the network saw, and what it makes of it")
    metrics["digit"] = Double(ranked[0])
    for (digit, probability) in probabilities.enumerated() {
      metrics["probability_\(digit)"] = probability
    }
  }
}

private func article(_ digit: Int) -> String { digit == 8 ? "an" : "a" }

/// The image that the network saw, and a bar for each digit's probability.
private func predictionPicture(_ digit: DigitPicture, _ probabilities: [Double], title: String) -> Canvas {
  var chart = BarChart(
    title: "", quantity: "probability in %",
    bars: probabilities.enumerated().map { ("\($0.offset)", ($0.element * 1000).rounded() / 10) })
  chart.width = 500
  let bars = chart.canvas()
  var seen = Canvas(width: 28, height: 28)
  for (i, ink) in digit.image.enumerated() { seen[i % 28, i / 28] = Color(ink, ink, ink) }

  let top = 60
  var sheet = Canvas(width: 272 + bars.width, height: top + bars.height)
  sheet.text(title, x: 24, y: 38, font: .title)
  sheet.draw(seen.enlarged(8), x: 24, y: top + 30)
  sheet.text("what the network saw", x: 24, y: top + 30 + 224 + 20, color: .faintInk)
  sheet.draw(bars, x: 272, y: top)
  return sheet
}
