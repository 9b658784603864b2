import Foundation
import Formats
import Tensors
import Testing

@testable import Pictures

/// The elements and texts of an XML document; `nil` when it is not well formed.
private struct Document {
  var names: [String: Int] = [:]
  var texts: [String] = []

  init?(_ xml: String) {
    var open: [String] = []
    var rest = xml[...]
    while let start = rest.firstIndex(of: "<") {
      let text = String(rest[..<start])
      if !open.isEmpty, !text.allSatisfy(\.isWhitespace) { texts.append(Self.unescaped(text)) }
      guard let end = rest[start...].firstIndex(of: ">") else { return nil }
      let tag = rest[rest.index(after: start)..<end]
      if tag.hasPrefix("/") {
        if open.popLast() != String(tag.dropFirst()) { return nil }
      } else {
        let name = String(tag.prefix { $0.isLetter })
        names[name, default: 0] += 1
        if tag.count(where: { $0 == "\"" }) % 2 != 0 || tag.contains("<") { return nil }
        if !tag.hasSuffix("/") { open.append(name) }
      }
      rest = rest[rest.index(after: end)...]
    }
    if !open.isEmpty { return nil }
  }

  private static func unescaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
      .replacingOccurrences(of: "&quot;", with: "\"").replacingOccurrences(of: "&amp;", with: "&")
  }
}

private func lines(_ series: [Series], y: Axis = Axis("loss"), x: Axis = Axis("step")) -> LineChart {
  LineChart(title: "Loss", x: x, y: y, series: series)
}

private func ruler(_ data: [Double], count: Int = 5, isTight: Bool = false, logarithmic: Bool = false)
  -> Ruler
{
  Ruler(Axis("", isLogarithmic: logarithmic), for: data, count: count, isTight: isTight)
}

@Suite struct ChartTests {
  @Test func years() {
    var axis = Axis("year")
    axis.isCalendar = true
    #expect(
      Ruler(axis, for: [1998, 2024], count: 6, isTight: true).labels == [
        "2000", "2005", "2010", "2015", "2020",
      ])
    #expect(Ruler(axis, for: [2019, 2020], count: 5, isTight: true).labels == ["2019", "2020"])
  }

  @Test func ticks() {
    #expect(ruler([0, 0.93]).labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(ruler([-3.2, 7.9]).ticks == [-5, 0, 5, 10])
    #expect(ruler([-3.2, 7.9]).labels == ["−5", "0", "5", "10"])
    #expect(ruler([1, 2, 3, 4, 5], count: 7, isTight: true).labels == ["1", "2", "3", "4", "5"])
    #expect(ruler([1, 1000], isTight: true).labels == ["200", "400", "600", "800", "1,000"])
    #expect(ruler([0.001, 5], logarithmic: true).labels == ["0.001", "0.01", "0.1", "1", "10"])
    // Powers of ten for all, or for none.
    #expect(ruler([1, 1e4], logarithmic: true).labels == ["1", "10", "100", "1,000", "10,000"])
    #expect(ruler([1e-4, 10], logarithmic: true).labels == ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1", "10"])
    #expect(
      ruler([1e4, 1e11], isTight: true, logarithmic: true).labels.allSatisfy {
        $0.contains("10") && !$0.contains(",")
      })
    #expect(ruler([0.3, 4], logarithmic: true).labels == ["0.2", "0.5", "1", "2", "5"])
    #expect(ruler([1e-7, 1e-7 * 4]).labels == ["10⁻⁷", "2·10⁻⁷", "3·10⁻⁷", "4·10⁻⁷"])
    #expect(ruler([]).labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(ruler([2.5]).low < 2.5 && ruler([2.5]).high > 2.5)
    #expect(ruler([0]).low < 0 && ruler([0]).high > 0)
    #expect(ruler([7], logarithmic: true).place(7) > 0 && ruler([7], logarithmic: true).place(7) < 1)
  }

  /// Whatever the data: at least two ticks, in order, within the axis, with different labels.
  @Test(
    arguments: [
      [0, 1e-300], [1, 1.000001], [-1e12, 1e12], [1e300, -1e300], [0.1, 0.3], [3, 3], [-7, -7], [1e-9, 1e9],
    ] as [[Double]]) func ticksHold(data: [Double])
  {
    for isLogarithmic in [false, true] where !isLogarithmic || data.allSatisfy({ $0 > 0 }) {
      for isTight in [false, true] {
        let ruler = ruler(data, isTight: isTight, logarithmic: isLogarithmic)
        #expect(ruler.low < ruler.high && ruler.ticks.count >= 2 && ruler.ticks.count <= 24)
        #expect(
          ruler.ticks == ruler.ticks.sorted() && Set(ruler.labels).count == ruler.labels.count, "\(ruler)")
        for x in data + ruler.ticks { #expect(ruler.place(x) > -1e-6 && ruler.place(x) < 1 + 1e-6) }
      }
    }
  }

  @Test func legendIsBelowThePlot() throws {
    let chart = lines(
      (0..<9).map { k in Series("a series with a long name, number \(k)", y: (1...50).map { Double($0 * k) })
      })
    let drawing = chart.drawing
    expectTidy(drawing)
    let plotBottom = try #require(
      drawing.elements.compactMap {
        if case .line(let points, _, _, _) = $0, points.count == 50 { points.map(\.y).max()! } else { nil }
      }.max())
    let names = drawing.labels.filter { $0.text.hasPrefix("a series") }
    #expect(names.count == 9)
    #expect(names.allSatisfy { Float($0.box.y) > plotBottom })
  }

  @Test func pointsStandWhereTheyBelong() throws {
    let chart = lines([Series("loss", x: [0, 10], y: [0, 1])], x: Axis("step", range: 0...20))
    let discs = chart.drawing.elements.compactMap { if case .disc(let p, _, _) = $0 { p } else { nil } }
    #expect(discs.count == 2)
    // Half of the way along the axis; the top of it.
    let labels = chart.drawing.labels
    let (zero, ten) = (
      try #require(labels.last { $0.text == "0" }), try #require(labels.last { $0.text == "10" })
    )
    #expect(abs(discs[0].x - Float(zero.x)) < 1.1 && abs(discs[1].x - Float(ten.x)) < 1.1)
    let one = try #require(labels.first { $0.text == "1.0" })
    #expect(abs(discs[1].y - Float(one.box.y + one.font.capHeight / 2)) < 2)
  }

  @Test func gapsAndWhatHasNoPlace() {
    let chart = lines(
      [Series("loss", y: [1, 0.5, .nan, 0.2, 0, 0.1, .infinity])], y: Axis("loss", isLogarithmic: true))
    expectTidy(chart.drawing)
    #expect(
      chart.drawing.labels.contains {
        $0.text
          == "2 points are not finite and left out. 1 point is not positive and left out: the scale is logarithmic."
      })
    for series in [[], [Series("", y: [])], [Series("loss", y: [.nan])], [Series("loss", y: [3])]] {
      let drawing = lines(series).drawing
      expectTidy(drawing)
      #expect(drawing.labels.contains { $0.text == "no finite values" } == (series.first?.y != [3]))
    }
  }

  @Test func linesAreCutOffAtTheFrame() {
    let chart = lines([Series("loss", y: (0..<100).map { Double($0 % 7) })], y: Axis("loss", range: 2...4))
    let points = chart.drawing.elements.flatMap {
      if case .line(let p, _, _, _) = $0 { p } else { [Point]() }
    }
    #expect(points.count > 50)
    let ys = points.map(\.y)
    #expect(ys.max()! - ys.min()! <= Float(chart.plotHeight) + 2)
  }

  @Test func manyPointsAreThinned() {
    let points = (0..<100_000).map { i -> Point in Point(Float(i) / 200, i == 777 ? -5 : Float(i % 13)) }
    let thin = thinned(points)
    #expect(thin.count <= 2004 && thin.count > 1000)
    #expect(thin.first == points.first && thin.last == points.last && thin.contains(points[777]))
    #expect(thin.map(\.x) == thin.map(\.x).sorted())
  }

  @Test func bands() {
    let series = Series("loss", x: [1, 2, 3], runs: [[1, 2, 3], [3, 2, 1], [2, 5, 8]])
    #expect(series.y == [2, 3, 4] && series.low == [1, 2, 1] && series.high == [3, 5, 8])
    let outlines = lines([series]).drawing.elements.compactMap {
      if case .outline(let p, _, _) = $0 { p } else { nil }
    }
    #expect(outlines.count == 1 && outlines[0].count == 6)
  }

  @Test func dashes() {
    let pieces = dashed([Point(0, 0), Point(5, 0), Point(5, 10)], [4, 2])
    #expect(
      pieces == [[Point(0, 0), Point(4, 0)], [Point(5, 1), Point(5, 5)], [Point(5, 7), Point(5, 10)]])
    #expect(dashed([Point(0, 0), Point(9, 0)], []) == [[Point(0, 0), Point(9, 0)]])
  }

  @Test func svg() throws {
    let chart = LineChart(
      title: "a < b & \"c\" > d\u{1}", x: Axis("epoch", unit: "1,000 steps"), y: Axis("loss"),
      series: [Series("<tag> & co", y: [1, 2, 3], isDashed: true), Series("other", y: [3, .nan, 1])])
    let text = chart.svg()
    let document = try #require(Document(text))
    #expect(document.texts.contains("a < b & \"c\" > d"))
    #expect(document.texts.contains("<tag> & co"))
    #expect(document.texts.contains("epoch in 1,000 steps"))
    #expect(document.names["polyline"] == 1 + 2)  // one line; the other is in two points; two legend entries
    #expect(document.names["circle"] == 5)
    #expect(!text.contains("nan") && !text.contains("href"))
    try withFolder { folder in
      try chart.writeSVG(to: folder + "/a.svg")
      #expect(try String(contentsOfFile: folder + "/a.svg", encoding: .utf8) == text)
      try chart.writePNG(to: folder + "/a.png")
      #expect(try PNG(path: folder + "/a.png", as: .rgb).width == chart.width)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.png", "a.svg"])
      #expect(throws: FileError.self) { try chart.writeSVG(to: folder + "/none/a.svg") }
    }
  }

  @Test func scatterNamesKeepClear() {
    let points = (0..<40).map { i -> (Double, Double) in (Double(i % 8), Double(i / 8)) }
    let chart = ScatterChart(
      title: "Models", x: Axis("size"), y: Axis("accuracy"),
      series: [
        Series("all", x: points.map(\.0), y: points.map(\.1), labels: points.indices.map { "model \($0)" })
      ])
    expectTidy(chart.drawing)
    #expect(chart.drawing.labels.filter { $0.text.hasPrefix("model") }.count > 30)
  }

  @Test func barCharts() {
    for values in [[3, 1, 2], [-1, 2, 0], [-3, -4, -5], [.nan, 1, .infinity], [0, 0, 0]] as [[Double]] {
      let chart = BarChart(
        title: "Bars", quantity: "images per second", bars: values.enumerated().map { ("variant \($0)", $1) })
      expectTidy(chart.drawing)
      #expect(chart.canvas().width == 760)
    }
    expectTidy(BarChart(title: "Bars", quantity: "images", bars: []).drawing)

    // On a logarithmic scale equal factors are equal lengths, and the limit stands where a bar of its size would end.
    var chart = BarChart(
      title: "Bars", quantity: "GFLOP/s", bars: [("slow", 2), ("fast", 20), ("faster", 200), ("none", 0)])
    chart.isLogarithmic = true
    chart.limit = ("the limit", 200)
    let drawing = chart.drawing
    expectTidy(drawing)
    let lengths = drawing.elements.compactMap { element -> Int? in
      if case .fill(let box, Color.categories[0]) = element { box.right } else { nil }
    }
    #expect(lengths.count == 4 && abs((lengths[2] - lengths[1]) - (lengths[1] - lengths[0])) <= 1)
    let limit = drawing.elements.compactMap { element -> Float? in
      if case .line(let points, _, _, let dash) = element, !dash.isEmpty { points[0].x } else { nil }
    }
    #expect(limit.count == 1 && abs(limit[0] - Float(lengths[2])) <= 1)
  }

  /// Parts stand one after the other, as long as their values say.
  @Test func stackedBars() {
    let chart = StackedBarChart(
      title: "Memory", quantity: "GB", parts: ["weights", "gradients", "a part with a long name"],
      bars: [("first", [10, 20, 70]), ("second", [0, 0, 0]), ("third", [5, 5, 0])], limit: ("room", 80))
    expectTidy(chart.drawing)
    let boxes = (0..<3).map { part in
      chart.drawing.elements.compactMap { element -> Box? in
        if case .fill(let box, Color.categories[part]) = element, box.height == 20 { box } else { nil }
      }
    }
    #expect(boxes.allSatisfy { $0.count == 3 })
    #expect(boxes[0][0].x + boxes[0][0].width == boxes[1][0].x)
    #expect(abs(boxes[2][0].width - 7 * boxes[0][0].width) <= 4)
    #expect(abs(boxes[0][2].width * 2 - boxes[0][0].width) <= 1)
    expectTidy(StackedBarChart(title: "None", quantity: "GB", parts: [], bars: []).drawing)
  }

  @Test func histograms() {
    let drawing = histogramDrawing(
      Tensor([0, 0, 0, 1, 9, 10, .nan]), bins: 10, title: "Values", subtitle: nil, quantity: "value")
    expectTidy(drawing)
    #expect(
      drawing.labels.contains { $0.text == "6 values, mean 3.33, deviation 4.38; 1 not finite and left out." }
    )
    let bars = drawing.elements.compactMap {
      if case .fill(let box, Color.categories[0]) = $0 { box } else { nil }
    }
    // 0 three times, 1, and 9 with 10 in the last bin.
    #expect(bars.count == 3)
    #expect(abs(bars[0].height - 3 * bars[1].height) <= 2 && abs(bars[2].height - 2 * bars[1].height) <= 1)
    for values in [Tensor([Float]()), Tensor([.nan]), Tensor([5, 5, 5]), Tensor([-1e-20, 1e30])] {
      expectTidy(histogramDrawing(values, bins: nil, title: "Values", subtitle: nil, quantity: "value"))
    }
  }
}
