import NumberText
import Tensors

/// How many numbers of a tensor fall into each of equally wide bins.
///
/// - Parameters:
///   - values: Any shape. Those that are not finite are left out and counted in the subtitle.
///   - bins: How many; without it, about the root of the count, 60 at most.
///   - title: What one sees; the first line.
///   - subtitle: More about it; count, mean and standard deviation are added.
///   - quantity: What the numbers are.
/// - Returns: The chart.
/// - Book: chapter 4.
public func histogram(
  _ values: Tensor, bins: Int? = nil, title: String, subtitle: String? = nil, quantity: String = "value"
) -> Canvas {
  histogramDrawing(values, bins: bins, title: title, subtitle: subtitle, quantity: quantity).canvas()
}

func histogramDrawing(
  _ values: Tensor, bins: Int?, title: String, subtitle: String?, quantity: String
) -> Drawing {
  let finite = values.scalars.filter(\.isFinite).map(Double.init)
  var low = finite.min() ?? 0
  var high = finite.max() ?? 1
  var about = "\(readable(finite.count)) values"
  if let first = finite.first {
    let mean = finite.reduce(0, +) / Double(finite.count)
    let variance = finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(finite.count)
    about +=
      low == high
      ? ", all \(readable(first))" : ", mean \(readable(mean)), deviation \(readable(variance.squareRoot()))"
  }
  if finite.count < values.count {
    about += "; \(readable(values.count - finite.count)) not finite and left out"
  }
  if low == high {
    let pad = low == 0 ? 0.5 : abs(low) * 0.5
    (low, high) = (low - pad, high + pad)
  }
  let fitting = Int(Double(finite.count).squareRoot())
  let count = max(1, bins ?? min(60, max(5, fitting)))
  var counts = [Int](repeating: 0, count: count)
  for x in finite { counts[min(count - 1, Int((x - low) / (high - low) * Double(count)))] += 1 }

  var drawing = Drawing(width: 760, height: 0, title: title)
  let frame = PlotFrame(
    &drawing, title: title, subtitle: joined(subtitle, about + "."), xAxis: Axis(quantity),
    yAxis: Axis("count"),
    xData: [low, high], yData: [0, Double(max(counts.max() ?? 0, 1))], isTight: true, height: 260,
    countsThings: true)
  for (i, n) in counts.enumerated() where n > 0 {
    let from = frame.point(low + (high - low) * Double(i) / Double(count), Double(n))
    let to = frame.point(low + (high - low) * Double(i + 1) / Double(count), 0)
    let (left, right) = (Int(from.x), Int(to.x))
    // At least one pixel, so that a single value is seen beside thousands.
    let top = min(Int(from.y), frame.box.bottom - 1)
    drawing.add(
      .fill(
        Box(x: left, y: top, width: max(1, right - left - 1), height: frame.box.bottom - top),
        Color.categories[0]))
  }
  drawing.height = frame.bottom + margin
  return drawing
}
