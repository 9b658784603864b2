import Datasets
import Formats
import NumberText
import Pictures
import Tensors

extension Experiment {
  /// Says what a network takes a digit for: a table, a line, a picture, and the probabilities as metrics.
  ///
  /// - Parameters:
  ///   - digit: The picture that was read, brought to the size of the network's input.
  ///   - path: The file that it was read from, which is shown beside it.
  ///   - logits: Its scores, `[1, 10]`.
  public mutating func report(_ digit: DigitPicture, from path: String, logits: Tensor) throws {
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
      predictionPicture(
        digit, from: given(path), probabilities,
        title: "Read as \(article(ranked[0])) \(ranked[0])"),
      to: "prediction.png", "the picture, what the network saw of it, and what it makes of that")
    metrics["digit"] = Double(ranked[0])
    for (digit, probability) in probabilities.enumerated() {
      metrics["probability_\(digit)"] = probability
    }
  }
}

private func article(_ digit: Int) -> String { digit == 8 ? "an" : "a" }

/// The file's picture; where it is transparent, on white, or on black if nothing is to be seen on white.
private func given(_ path: String) throws -> PNG {
  let onWhite = try PNG(path: path, as: .rgb)
  let isBlank = onWhite.bytes.allSatisfy { $0 == onWhite.bytes.first }
  return isBlank ? try PNG(path: path, as: .rgb, background: 0) : onWhite
}

/// The picture that was given, the image that the network saw, and a bar for each digit's probability.
private func predictionPicture(
  _ digit: DigitPicture, from given: PNG, _ probabilities: [Double], title: String
) -> Canvas {
  var chart = BarChart(
    title: "", quantity: "probability in %",
    bars: probabilities.enumerated().map { ("\($0.offset)", ($0.element * 1000).rounded() / 10) })
  chart.width = 500
  let bars = chart.canvas()
  var seen = Canvas(width: 28, height: 28)
  for (i, ink) in digit.image.enumerated() { seen[i % 28, i / 28] = Color(ink, ink, ink) }

  let (top, side, gap) = (60, 28 * 6, 24)
  let left = 2 * (gap + side) + gap
  var sheet = Canvas(width: left + bars.width, height: top + bars.height)
  sheet.text(title, x: gap, y: 38, font: .title)
  let small = fitted(given, into: side)
  sheet.draw(small, x: gap + (side - small.width) / 2, y: top + 30 + side - small.height)
  sheet.draw(seen.enlarged(6), x: 2 * gap + side, y: top + 30)
  for (place, text) in ["what it was given", "what the network saw"].enumerated() {
    sheet.text(text, x: gap + place * (side + gap), y: top + 30 + side + 20, color: .faintInk)
  }
  sheet.draw(bars, x: left, y: top)
  return sheet
}

/// The picture in a square of so many pixels, with its proportions; each pixel is the mean of those that it stands for.
private func fitted(_ picture: PNG, into side: Int) -> Canvas {
  let longest = max(picture.width, picture.height)
  func length(_ own: Int) -> Int { max(1, own * side / longest) }
  func stretch(_ place: Int, of count: Int, in own: Int) -> Range<Int> {
    let start = place * own / count
    return start..<max(start + 1, (place + 1) * own / count)
  }
  var small = Canvas(width: length(picture.width), height: length(picture.height))
  for y in 0..<small.height {
    for x in 0..<small.width {
      let rows = stretch(y, of: small.height, in: picture.height)
      let columns = stretch(x, of: small.width, in: picture.width)
      var sums = (red: 0, green: 0, blue: 0)
      for row in rows {
        for column in columns {
          let place = 3 * (row * picture.width + column)
          sums.red += Int(picture.bytes[place])
          sums.green += Int(picture.bytes[place + 1])
          sums.blue += Int(picture.bytes[place + 2])
        }
      }
      let count = rows.count * columns.count
      small[x, y] = Color(UInt8(sums.red / count), UInt8(sums.green / count), UInt8(sums.blue / count))
    }
  }
  return small
}
