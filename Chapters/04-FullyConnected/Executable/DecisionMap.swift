import Chapter04FullyConnected
import Engine
import Workbench

/// What a network says of every place of the plane, at several moments of its learning, with the points it learned from.
///
/// - Parameters:
///   - snapshots: The networks, each with the number of its step.
///   - x: The points, `[N, 2]`.
///   - t: Their classes, 0 or 1.
func decisionMaps(
  _ snapshots: [(step: Int, model: MultilayerPerceptron<Double>)], _ x: Matrix<Double>, _ t: [Int]
) -> Canvas {
  let (side, gap, margin, top) = (214, 12, 24, 84)
  let count = snapshots.count
  var canvas = Canvas(width: 2 * margin + count * side + (count - 1) * gap, height: top + side + 24 + margin)
  canvas.text("Two half moons, and a network of one hidden layer", x: margin, y: 40, font: .title)
  canvas.text(
    "Colours: how likely the network takes a place for class 1 (red) or 0 (blue). Black: where both are alike.",
    x: margin, y: 62, font: .body, color: .faintInk)
  for (k, snapshot) in snapshots.enumerated() {
    let left = margin + k * (side + gap)
    canvas.draw(decisionMap(snapshot.model, x, t, side: side), x: left, y: top)
    let loss = snapshot.model.lossAndGradients(x, t).loss
    canvas.text(
      "step \(snapshot.step), loss \(fixed(loss, 3))", x: left, y: top + side + 20, font: .body)
  }
  return canvas
}

private func decisionMap(_ model: MultilayerPerceptron<Double>, _ x: Matrix<Double>, _ t: [Int], side: Int)
  -> Canvas
{
  let reach = 2.0
  func coordinate(_ pixel: Int) -> Double { ((Double(pixel) + 0.5) / Double(side) * 2 - 1) * reach }
  var places = Matrix<Double>(rows: side * side, columns: 2)
  for i in 0..<side {
    for j in 0..<side {
      places[i * side + j, 0] = coordinate(j)
      places[i * side + j, 1] = -coordinate(i)  // upwards
    }
  }
  let p = softmax(model(places))
  var canvas = Canvas(width: side, height: side)
  for i in 0..<side {
    for j in 0..<side {
      let here = p[i * side + j, 1]
      // Not quite to the ends of the colours, so that the points stand out.
      canvas[j, i] = ColorMap.blueWhiteRed.color(Float(0.5 + (here - 0.5) * 0.6))
      let isBorder =
        (j + 1 < side && (p[i * side + j + 1, 1] > 0.5) != (here > 0.5))
        || (i + 1 < side && (p[(i + 1) * side + j, 1] > 0.5) != (here > 0.5))
      if isBorder { canvas[j, i] = .ink }
    }
  }
  for n in 0..<x.rows {
    let place = Point(
      Float((x[n, 0] / reach + 1) / 2 * Double(side)), Float((1 - x[n, 1] / reach) / 2 * Double(side)))
    canvas.disc(place, radius: 3.4, color: .white)
    canvas.disc(place, radius: 2.4, color: ColorMap.blueWhiteRed.color(t[n] == 1 ? 0.95 : 0.05))
  }
  return canvas
}
