import NumberText
import Foundation
import Tensors
import Testing

@testable import Pictures

/// What holds for every figure: all of it lies inside, no text runs into another, and none lies on a picture.
func expectTidy(
  _ drawing: Drawing, textMayLieOnPictures: Bool = false, _ location: SourceLocation = #_sourceLocation
) {
  let page = Box(x: 0, y: 0, width: drawing.width, height: drawing.height)
  let (labels, pictures) = (drawing.labels, drawing.pictureBoxes)
  for (i, label) in labels.enumerated() {
    #expect(page.contains(label.box), "\(label.text) at \(label.box) in \(page)", sourceLocation: location)
    for other in labels[(i + 1)...] {
      // Descenders may reach into the next line's free space.
      var (a, b) = (label.box, other.box)
      if !label.turned { a.height -= label.font.descent }
      if !other.turned { b.height -= other.font.descent }
      #expect(!a.overlaps(b), "“\(label.text)” and “\(other.text)”", sourceLocation: location)
    }
    if !textMayLieOnPictures {
      for picture in pictures {
        var box = label.box
        if !label.turned { box.height -= label.font.descent }
        #expect(!box.overlaps(picture), "“\(label.text)” on \(picture)", sourceLocation: location)
      }
    }
  }
  for (i, picture) in pictures.enumerated() {
    #expect(page.contains(picture), "\(picture)", sourceLocation: location)
    for other in pictures[(i + 1)...] { #expect(!picture.overlaps(other), sourceLocation: location) }
  }
}

private func sheet(_ maps: Tensor, input: Tensor? = nil, most: Int = 256, range: ClosedRange<Float>? = nil)
  -> Drawing
{
  featureMapDrawing(
    input: input, maps: maps, title: "conv1: what 32 filters see", subtitle: nil,
    quantity: "activation after ReLU",
    colorMap: .viridis, range: range, most: most)
}

@Suite struct SheetTests {
  /// Every value of a map becomes a square of its colour, two pixels from the next map.
  @Test func exactPixels() throws {
    let maps = Tensor([0, 1, 2, 3, 4, 5, 6, 7], shape: [2, 2, 2])
    let drawing = sheet(maps)
    let canvas = drawing.canvas()
    let boxes = drawing.pictureBoxes
    #expect(boxes.count == 3)  // the scale, two maps
    #expect(boxes[2].x - boxes[1].right == 2 && boxes[1].y == boxes[2].y)
    let factor = boxes[1].width / 2
    #expect(factor * 2 == boxes[1].width)
    for c in 0..<2 {
      for i in 0..<2 {
        for j in 0..<2 {
          let expected = ColorMap.viridis.color(maps[c, i, j] / 7)
          for (y, x) in [(0, 0), (factor - 1, factor - 1)] {
            #expect(canvas[boxes[c + 1].x + j * factor + x, boxes[c + 1].y + i * factor + y] == expected)
          }
        }
      }
    }
    #expect(canvas[boxes[1].right, boxes[1].y] == .white && canvas[boxes[1].right + 1, boxes[1].y] == .white)
  }

  @Test(arguments: [
    [32, 28, 28], [64, 14, 14], [1, 1, 1], [7, 3, 50], [7, 50, 3], [256, 5, 5], [300, 2, 2], [3, 400, 400],
    [0, 5, 5],
    [2, 0, 5], [1, 24, 24], [13, 224, 224],
  ]) func tidy(shape: [Int]) {
    var random = RandomStream(seed: 3)
    let drawing = sheet(random.normal(shape: shape), input: random.uniform(0..<1, shape: [1, 28, 28]))
    expectTidy(drawing)
    // The scale, the input and the maps that are shown.
    let isEmpty = shape.contains(0)
    if !isEmpty { #expect(drawing.pictureBoxes.count == 2 + min(shape[0], 256)) }
    if shape[2] <= 50, shape[1] <= 50 { #expect(drawing.width <= 960) }
    #expect(drawing.canvas().width == drawing.width)
  }

  @Test func sizesOfTheArticle() {
    let conv1 = sheet(Tensor.zeros([32, 28, 28]), input: Tensor.zeros([28, 28]))
    #expect(Set(conv1.pictureBoxes.dropFirst(2).map(\.x)).count == 8)
    #expect(conv1.pictureBoxes[2].width == 84)
    let conv2 = sheet(Tensor.zeros([64, 14, 14]), input: Tensor.zeros([28, 28]))
    #expect(Set(conv2.pictureBoxes.dropFirst(2).map(\.x)).count == 8)
    #expect(conv2.pictureBoxes[2].width == 84)
  }

  @Test func whatIsNotFinite() {
    var maps = Tensor([0, 1, 2, 4], shape: [1, 2, 2])
    maps[0, 0, 1] = .nan
    maps[0, 1, 1] = .infinity
    let drawing = sheet(maps)
    expectTidy(drawing)
    #expect(drawing.labels.contains { $0.text == "2 not finite" })
    #expect(drawing.labels.contains { $0.text == "2" })  // the largest finite one ends the scale
    let (canvas, box) = (drawing.canvas(), drawing.pictureBoxes[1])
    #expect(canvas[box.right - 1, box.y] == ColorMap.notFinite)
    #expect(canvas[box.right - 1, box.bottom - 1] == ColorMap.notFinite)
    #expect(canvas[box.x, box.bottom - 1] == ColorMap.viridis.color(1))
    let all = sheet(Tensor(repeating: .nan, shape: [3, 4, 4]))
    expectTidy(all)
    #expect(all.labels.contains { $0.text == "48 not finite" })
  }

  @Test func constants() {
    let drawing = sheet(Tensor(repeating: -0.5, shape: [2, 3, 3]))
    expectTidy(drawing)
    #expect(drawing.labels.map(\.text).contains("every value is −0.5"))
    #expect(ColorScale(.viridis, for: [0, 0]).range == 0...1)
    #expect(ColorScale(.blueWhiteRed, for: [0, 0]).range == -1...1)
    #expect(ColorScale(.blueWhiteRed, for: [0.25, -2]).range == -2...2)
    #expect(ColorScale(.viridis, for: [1, 10]).range == 0...10)
    #expect(ColorScale(.viridis, for: [9, 10]).range == 9...10)
    #expect(ColorScale(.viridis, for: []).range == 0...1)
    #expect(ColorScale(.viridis, for: [-1, 10], range: 2...3).range == 2...3)
  }

  @Test func mostMaps() {
    let drawing = sheet(Tensor.zeros([512, 4, 4]), most: 100)
    #expect(drawing.pictureBoxes.count == 101)
    #expect(drawing.labels.contains { $0.text.contains("The first 100 of 512 maps of 4×4") })
  }

  @Test func kernels() {
    var weights = Tensor.zeros([2, 2, 1, 2])
    weights[0, 0, 0, 0] = 1
    weights[0, 1, 0, 0] = 3
    weights[1, 1, 0, 1] = -2
    let mean = kernelDrawing(weights, title: "conv2", subtitle: nil, view: .mean, most: 9)
    expectTidy(mean)
    #expect(
      mean.labels.contains { $0.text.contains("2 kernels of 1×2, the mean over their 2 input channels") })
    #expect(mean.labels.contains { $0.text == "2" } && mean.labels.contains { $0.text == "−2" })
    var (canvas, boxes) = (mean.canvas(), mean.pictureBoxes)
    #expect(canvas[boxes[1].x, boxes[1].y + 1] == ColorMap.blueWhiteRed.color(1))
    #expect(canvas[boxes[2].right - 1, boxes[2].y + 1] == ColorMap.blueWhiteRed.color(0.25))
    let second = kernelDrawing(weights, title: "conv2", subtitle: nil, view: .channel(1), most: 9)
    #expect(second.labels.contains { $0.text.contains("their weights for input channel 1 of 2") })
    (canvas, boxes) = (second.canvas(), second.pictureBoxes)
    #expect(canvas[boxes[1].x, boxes[1].y + 1] == ColorMap.blueWhiteRed.color(1))
    #expect(canvas[boxes[2].right - 1, boxes[2].y + 1] == ColorMap.blueWhiteRed.color(1 / 6))
  }

  @Test(arguments: [1, 2, 10, 26, 100]) func confusion(classes: Int) {
    let counts = (0..<classes).map { t in
      (0..<classes).map { p in t == p ? 991 : (t * 7 + p) % 13 == 0 ? 3 : 0 }
    }
    let drawing = confusionDrawing(
      counts, labels: (0..<classes).map { "class \($0)" }, title: "Confusion", subtitle: nil,
      rowTitle: "true",
      columnTitle: "predicted")
    expectTidy(drawing)
    #expect(drawing.canvas().height == drawing.height)
    #expect(drawing.width < 1050)
    let right = 991 * classes
    let all = counts.joined().reduce(0, +)
    #expect(drawing.labels.contains { $0.text.hasPrefix("\(readable(right)) of \(readable(all)) right: ") })
  }

  @Test func confusionWithoutCounts() {
    expectTidy(
      confusionDrawing(
        [[0, 0], [0, 0]], labels: ["a", "b"], title: "None", subtitle: nil, rowTitle: "true",
        columnTitle: "predicted"))
    expectTidy(
      confusionDrawing(
        [], labels: [], title: "None", subtitle: nil, rowTitle: "true", columnTitle: "predicted"))
  }

  @Test(arguments: [0, 1, 30, 300]) func galleries(count: Int) {
    let captions = (0..<count).map {
      "\($0 % 10) → 1  62 %" + ($0 == 3 ? " and a text that is far too long for its place" : "")
    }
    let drawing = galleryDrawing(
      Tensor.zeros([count, 1, 28, 28]), captions: captions, title: "Mistakes", subtitle: nil, colorMap: .gray,
      range: nil, most: 200)
    expectTidy(drawing)
    #expect(drawing.pictureBoxes.count == min(count, 200))
    #expect(drawing.width <= 960)
    if count > 200 { #expect(drawing.labels.contains { $0.text == "The first 200 of 300." }) }
  }

  @Test func colourImages() {
    var image = Tensor.zeros([3, 1, 2])
    image[0, 0, 0] = 1
    image[2, 0, 1] = 0.5
    let canvas = picture(ofInput: image)
    #expect(canvas[0, 0] == Color(255, 0, 0) && canvas[1, 0] == Color(0, 0, 128))
  }

  @Test func heatMaps() {
    var random = RandomStream(seed: 4)
    let names = (0..<12).map { "a longer name \($0)" }
    for (values, names) in [(random.normal(shape: [12, 12]), names), (Tensor.zeros([0, 0]), [])] {
      expectTidy(
        heatMapDrawing(
          values, rowLabels: names, columnLabels: names, rowTitle: "from", columnTitle: "to",
          title: "Attention",
          subtitle: nil, quantity: "weight", colorMap: .viridis, range: nil, showsValues: true),
        textMayLieOnPictures: true)
    }
    expectTidy(
      heatMapDrawing(
        random.normal(shape: [300, 500]), rowLabels: (0..<300).map(String.init), columnLabels: [],
        rowTitle: nil,
        columnTitle: nil, title: "Large", subtitle: nil, quantity: "value", colorMap: .gray, range: nil,
        showsValues: false))
  }

  @Test func wrongShapes() async throws {
    let kernels = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = kernelSheet(Tensor.zeros([3, 5, 5]), title: "")
    }
    #expect(
      String(decoding: kernels.standardErrorContent, as: UTF8.self).contains(
        "kernelSheet: weights must be [O, C, KH, KW], given [3, 5, 5]"))
    let maps = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = featureMapSheet(maps: Tensor.zeros([2, 3, 5, 5]), title: "")
    }
    #expect(
      String(decoding: maps.standardErrorContent, as: UTF8.self).contains(
        "featureMapSheet: maps must have 3 axes, or one more of size 1 before them, given [2, 3, 5, 5]"))
    let counts = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = confusionMatrix([[1, 2], [3]], labels: ["a", "b"])
    }
    #expect(
      String(decoding: counts.standardErrorContent, as: UTF8.self).contains(
        "confusionMatrix: 2 labels and counts of 2 rows by 2"))
  }
}

@Suite struct ComparisonTests {
  private func drawing(
    _ yours: Tensor, _ expected: Tensor, framing place: (row: Int, column: Int)? = nil
  ) -> Drawing {
    comparisonDrawing(
      yours, expected, names: ("yours", "expected"), title: "2.3  Cross-correlation",
      subtitle: "crossCorrelate2d(image, kernel)", framing: place)
  }

  /// Two maps on one scale, and what is between them around zero. Numbers of both signs have a scale around zero, too.
  @Test(arguments: [-1, 1] as [Float]) func exactPixels(last: Float) {
    let yours = Tensor([0, 1, 2, 3, 4, 5], shape: [2, 3])
    let expected = Tensor([0, 3, 2, 3, 4, last], shape: [2, 3])
    func shade(_ x: Float) -> Color {
      last < 0 ? ColorMap.blueWhiteRed.color(x, in: -5...5) : ColorMap.viridis.color(x, in: 0...5)
    }
    let drawing = drawing(yours, expected)
    expectTidy(drawing, textMayLieOnPictures: true)
    let (canvas, boxes) = (drawing.canvas(), drawing.pictureBoxes)
    #expect(boxes.count == 5)  // the maps, two scales
    #expect(Set(boxes[..<3].map(\.y)).count == 1)
    let cell = boxes[0].width / 3
    for i in 0..<2 {
      for j in 0..<3 {
        let corner = { (k: Int) in canvas[boxes[k].x + j * cell, boxes[k].y + i * cell] }
        #expect(corner(0) == shade(yours[i, j]))
        #expect(corner(1) == shade(expected[i, j]))
        let difference = yours[i, j] - expected[i, j]
        let most = 5 - last
        #expect(corner(2) == ColorMap.blueWhiteRed.color(difference, in: -most...most))
      }
    }
    let texts = drawing.labels.map(\.text)
    for text in ["yours", "expected", "difference", "−2"] + (last < 0 ? ["6", "−6", "−5"] : ["4", "−4"]) {
      #expect(texts.contains(text), "\(text)")
    }
  }

  @Test(arguments: [[4, 4], [5, 9], [28, 28], [4, 300], [300, 4], [512, 512], [1, 1]]) func tidy(shape: [Int])
  {
    var random = RandomStream(seed: 5)
    let (yours, expected) = (random.normal(deviation: 40, shape: shape), random.normal(shape: shape))
    let drawing = drawing(yours, expected, framing: (shape[0] - 1, shape[1] - 1))
    expectTidy(drawing, textMayLieOnPictures: true)
    if shape[1] <= 280 { #expect(drawing.width == 940) }
    #expect(drawing.canvas().height == drawing.height)
  }

  /// Numbers that would run out of their cells are left out.
  @Test func onlySmallMapsHaveNumbers() {
    func count(_ size: Int) -> Int {
      drawing(Tensor(repeating: 12, shape: [size, size]), Tensor.zeros([size, size])).labels.count
    }
    #expect(count(4) == count(50) + 3 * 16)
  }

  @Test func whatIsNotFinite() {
    let drawing = drawing(
      Tensor([1, .nan, .infinity, 2], shape: [2, 2]), Tensor([1, 2, 3, 4], shape: [2, 2]))
    expectTidy(drawing, textMayLieOnPictures: true)
    let texts = drawing.labels.map(\.text)
    #expect(texts.count { $0 == "2 not finite" } == 2)
    #expect(texts.contains("NaN") && texts.contains("∞"))
    let (canvas, box) = (drawing.canvas(), drawing.pictureBoxes[2])
    #expect(canvas[box.right - 1, box.y] == ColorMap.notFinite)
  }

  @Test func theFrame() {
    let maps = Tensor.zeros([4, 4])
    let (plain, framed) = (drawing(maps, maps).canvas(), drawing(maps, maps, framing: (1, 2)).canvas())
    let box = drawing(maps, maps).pictureBoxes[1]
    let cell = box.width / 4
    #expect(framed[box.x + 2 * cell - 1, box.y + cell + 5] == .ink)
    #expect(framed[box.x + 2 * cell - 2, box.y + cell + 5] == .white)
    #expect(framed[box.x + 2 * cell, box.y + cell] == plain[box.x + 2 * cell, box.y + cell])
  }

  @Test func wrongShapes() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = comparison(Tensor.zeros([2, 3]), with: Tensor.zeros([3, 2]), title: "")
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self).contains(
        "comparison: two maps of one size are needed, given [2, 3] and [3, 2]"))
  }
}
