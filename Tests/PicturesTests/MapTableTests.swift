import Tensors
import Testing

@testable import Pictures

@Suite struct MapTableTests {
  private func table(_ rows: [MapRow], _ columns: [String], cellSize: Int = 112, values: Bool = false)
    -> Drawing
  {
    mapTableDrawing(
      rows, columns: columns, title: "What each pooling keeps of a digit",
      subtitle: "one scale for each row", cellSize: cellSize, showsValues: values)
  }

  /// A small map is drawn as large as a large one, number by number.
  @Test func everyMapHasTheSameSize() {
    let maps = [28, 14, 7, 4].map { Tensor(repeating: 0.5, shape: [$0, $0]) }
    var last = Tensor.zeros([2, 2])
    last[1, 0] = 1
    let drawing = table([MapRow("max", maps + [last], range: 0...1)], ["whole", "2", "4", "7", "14"])
    expectTidy(drawing)
    let boxes = drawing.pictureBoxes.dropFirst()  // the scale comes first
    #expect(boxes.map(\.width) == [112, 112, 112, 112, 112])
    #expect(Set(boxes.map(\.y)).count == 1)
    let canvas = drawing.canvas()
    let box = boxes.last!
    #expect(canvas[box.x, box.bottom - 1] == ColorMap.viridis.color(1))
    #expect(canvas[box.x + 56, box.bottom - 1] == ColorMap.viridis.color(0))
    #expect(canvas[box.x, box.bottom - 57] == ColorMap.viridis.color(0))
  }

  /// Each row has the scale of its own numbers.
  @Test func everyRowHasItsScale() {
    let drawing = table(
      [
        MapRow("x", [Tensor([[1, 2]]), nil]),
        MapRow("dx", [Tensor([[-4, 1]]), Tensor([[0, 3]])], quantity: "gradient", colorMap: .blueWhiteRed),
      ], ["max", "mean"], values: true)
    expectTidy(drawing, textMayLieOnPictures: true)
    #expect(drawing.pictureBoxes.count == 5)  // two scales and three maps
    let texts = drawing.labels.map(\.text)
    // The end of the scale, and the number.
    #expect(texts.contains("gradient") && texts.filter { $0 == "−4" }.count == 2)
    let (canvas, box) = (drawing.canvas(), drawing.pictureBoxes[4])
    #expect(canvas[box.x + 1, box.y + 1] == ColorMap.blueWhiteRed.color(0.5))
    #expect(canvas[box.right - 2, box.bottom - 2] == ColorMap.blueWhiteRed.color(7 / 8))
  }

  @Test(arguments: [(0, 0), (1, 1), (4, 6), (3, 1)]) func tidy(rows: Int, columns: Int) {
    var random = RandomStream(seed: 5)
    let drawing = table(
      (0..<rows).map { i in
        MapRow(
          "a longer name for row \(i)", (0..<columns).map { _ in random.normal(shape: [3, 5 + i]) },
          quantity: "gradient that arrives")
      }, (0..<columns).map { "window of \($0)\nwith a stride of 2" }, cellSize: 90)
    expectTidy(drawing)
  }

  @Test func whatDoesNotFitTraps() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = mapTable(
        [MapRow("max", [Tensor([[1]])])], columns: ["a", "b"], title: "")
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("mapTable: the row “max” has 1 maps for 2 columns"), "\(text)")
  }
}
