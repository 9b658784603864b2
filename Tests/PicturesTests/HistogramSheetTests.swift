import Tensors
import Testing

@testable import Pictures

@Suite struct HistogramSheetTests {
  private func bars(_ drawing: Drawing) -> [Box] {
    drawing.elements.compactMap { if case .fill(let box, Color.categories[0]) = $0 { box } else { nil } }
  }

  @Test func panelsCountShares() {
    let panel = HistogramSheet.Panel([-1, -0.9, 0.1, 1, 2, .nan, -.infinity, 0.4], over: -1...1, bins: 4)
    // Eight values, three of them outside or no numbers; the high end belongs to the last bin.
    #expect(panel.shares == [0.25, 0, 0.25, 0.125])
    #expect(HistogramSheet.Panel([], over: 0...1, bins: 3).shares == [0, 0, 0])
  }

  /// One scale for all panels: equal shares are equally tall, in whichever panel.
  @Test func oneScaleForAll() throws {
    let range = 0.0...2.0
    let sheet = HistogramSheet(
      title: "Values", subtitle: "Some.", axis: Axis("value", range: range), columns: ["layer 1", "layer 2"],
      rows: [
        ("first rule", [[0.5, 0.5, 1.5, 1.5], [0.5, 1.5, 1.5, 1.5]]),
        ("second rule, with a longer name", [[0.5, 9, 9, 9], []]),
      ].map { row in (row.0, row.1.map { .init($0, over: range, bins: 2, note: "a note") }) })
    let drawing = sheet.drawing
    expectTidy(drawing)
    let boxes = bars(drawing)
    #expect(boxes.count == 5)
    let (half, quarter, full) = (boxes[0].height, boxes[2].height, boxes[3].height)
    #expect(boxes[1].height == half && boxes[4].height == quarter)
    #expect(abs(full - 3 * quarter) <= 1 && abs(half - 2 * quarter) <= 1)
    #expect(Set(boxes.map(\.width)).count <= 2)
    // Above 1 in the second panel lies right of below 1, and neither leaves its panel.
    #expect(boxes[2].right == boxes[3].x && boxes[1].right < boxes[2].x)
    #expect(drawing.labels.filter { $0.text == "a note" }.count == 4)
    #expect(
      drawing.labels.contains { $0.text == "layer 2" } && drawing.labels.contains { $0.text == "value" })
  }

  /// A bar taller than its panel is cut there, with a white gap in it.
  @Test func tallBarsAreCut() {
    var sheet = HistogramSheet(
      title: "Values", axis: Axis("value", range: -1...1), columns: ["a"],
      rows: [("rule", [.init([0.5, 0.5, 0.5, -0.5], over: -1...1, bins: 2)])])
    #expect(bars(sheet.drawing).map(\.height).max() == sheet.panelHeight)
    sheet.tallest = 0.5
    let boxes = bars(sheet.drawing)
    #expect(boxes[0].height == sheet.panelHeight / 2 && boxes[1].height == sheet.panelHeight)
    let gaps = sheet.drawing.elements.filter {
      if case .fill(let box, .white) = $0 { boxes[1].contains(box) } else { false }
    }
    #expect(gaps.count == 1)
    expectTidy(HistogramSheet(title: "", axis: Axis("", range: 0...1), columns: [], rows: []).drawing)
  }

  @Test func rowsThatDoNotFit() async throws {
    let result = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = HistogramSheet(
          title: "", axis: Axis("", range: 0...1), columns: ["a", "b"], rows: [("rule", [])])
      })
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self)
        .contains("HistogramSheet: 0 panels in the row rule for 2 columns"))
  }
}
