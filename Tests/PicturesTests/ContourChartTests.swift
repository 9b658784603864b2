import Foundation
import Tensors
import Testing

@testable import Pictures

@Suite struct ContourChartTests {
  private func field(_ height: @escaping (Double, Double) -> Double) -> HeightField {
    HeightField(over: Box(x: 10, y: 20, width: 400, height: 400), x: -2...2, y: -2...2, height)
  }

  /// Where a point of the picture lies on the axes.
  private func place(_ point: Point) -> (x: Double, y: Double) {
    (Double(point.x - 10) / 100 - 2, 2 - Double(point.y - 20) / 100)
  }

  @Test func aPlaneHasOneStraightLine() {
    let lines = field { x, y in 2 * x + y }.contour(at: 0.5)
    #expect(lines.count == 1)
    #expect(lines[0].count > 100)
    for point in lines[0] {
      let (x, y) = place(point)
      #expect(abs(2 * x + y - 0.5) < 1e-3)
    }
  }

  @Test func aBowlHasOneClosedLine() {
    let lines = field { x, y in x * x + y * y }.contour(at: 1)
    #expect(lines.count == 1 && lines[0].first == lines[0].last)
    for point in lines[0] {
      let (x, y) = place(point)
      #expect(abs((x * x + y * y).squareRoot() - 1) < 1e-3)
    }
    // Next to each other: no jump across the circle.
    for (a, b) in zip(lines[0], lines[0].dropFirst()) {
      #expect(abs(a.x - b.x) <= 4.01 && abs(a.y - b.y) <= 4.01)
    }
    #expect(field { x, y in x * x + y * y }.contour(at: -1).isEmpty)
  }

  @Test func aSaddleHasTwoBranches() {
    for level in [-0.3, 0.3] {
      let lines = field { x, y in x * y }.contour(at: level)
      #expect(lines.count == 2)
      for point in lines.joined() {
        let (x, y) = place(point)
        #expect(abs(x * y - level) < 2e-3)
      }
    }
  }

  @Test func whatIsNotFiniteHasNoLine() {
    let lines = field { x, y in x < 0 ? .nan : y }.contour(at: 0)
    #expect(lines.count == 1)
    #expect(lines[0].allSatisfy { place($0).x >= -1e-6 })
  }

  private func chart(_ series: [Series] = []) -> ContourChart {
    ContourChart(
      title: "A bowl", x: Axis("w", range: -2...2), y: Axis("b", range: -2...2), levels: [0.5, 1, 2],
      series: series
    ) { x, y in x * x + y * y }
  }

  @Test func heightsStandOnTheirLinesAndPathsOnTop() {
    let labels = chart().drawing.labels.map(\.text)
    for level in ["0.5", "1", "2"] { #expect(labels.contains(level)) }
    var points = Series("points", x: [0, 1], y: [0, 5])
    points.isPoints = true
    let path = Series("path", x: [-1, 0, 1], y: [-1, 0, 1], labels: ["start", "", ""])
    let drawing = chart([path, points]).drawing
    // A white rim and a disc for each point inside, and one more disc in the legend for the points.
    let discs = drawing.elements.count { if case .disc = $0 { true } else { false } }
    #expect(discs == 2 * 3 + 2 * 1 + 1)
    #expect(drawing.labels.contains { $0.text == "start" })
    for label in drawing.labels {
      #expect(
        label.box.x >= 0 && label.box.right <= drawing.width && label.box.bottom <= drawing.height,
        "\(label.text)")
    }
    // No two texts cover each other.
    for (i, a) in drawing.labels.enumerated() {
      for b in drawing.labels[(i + 1)...] { #expect(!a.box.overlaps(b.box), "\(a.text), \(b.text)") }
    }
  }

  /// Lower is darker, as a valley is.
  @Test func theBottomIsDarkest() {
    let drawing = chart().drawing
    let pictures = drawing.elements.compactMap {
      if case .picture(let canvas, _, _) = $0 { canvas } else { nil }
    }
    let canvas = pictures[0]
    let middle = canvas[canvas.width / 2, canvas.height / 2]
    let corner = canvas[0, 0]
    #expect(middle.luminance < corner.luminance)
    #expect(canvas[canvas.width / 2, canvas.height / 2 + 1] == middle)
  }

  @Test func axesNeedRangesAndLevelsRise() async throws {
    let range = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ContourChart(title: "", x: Axis("w"), y: Axis("b", range: 0...1), levels: [1]) { x, _ in x }
    }
    #expect(
      String(decoding: range.standardErrorContent, as: UTF8.self).contains("the axis 'w' needs a range"))
    let levels = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ContourChart(title: "", x: Axis("w", range: 0...1), y: Axis("b", range: 0...1), levels: [2, 1]) {
        x, _ in x
      }
    }
    #expect(
      String(decoding: levels.standardErrorContent, as: UTF8.self).contains(
        "levels must rise, given [2.0, 1.0]"))
  }

  @Test func pointsBesideALine() {
    var points = Series("measured", x: [0, 1, 2], y: [1, 2, 4])
    points.isPoints = true
    let fitted = Series("fitted", x: [0, 2], y: [1, 4])
    let drawing = LineChart(title: "", x: Axis("day"), y: Axis("height"), series: [points, fitted]).drawing
    let lines = drawing.elements.count { if case .line = $0 { true } else { false } }
    // The fitted line, and its sample in the legend.
    #expect(lines == 2)
  }
}
