import Chapter07TrainingACNN
import Engine
import Foundation
import Testing

/// Draw a digit: the CNN in the browser is the engine's, and so is what is done to a drawing before.
@Suite(.enabled(if: Browser.installed != nil, Browser.missing)) struct DrawADigitTests {
  private let browser = Browser.installed!

  struct Contents: Decodable {
    struct Layer: Decodable { let weight, scale, bias: Data }
    struct Example: Decodable {
      let digit: Int
      let image: Data
    }
    let layers: [String: Layer]
    let examples: [Example]
  }

  /// The article's CNN with the weights of the figure, calculating in whole numbers.
  private func cnn() throws -> CNN {
    let contents = try TouchFigure.digit.contents(as: Contents.self)
    let cnn = CNN()
    try cnn.roundWeights()
    for (name, weight) in cnn.eightBitWeights {
      let layer = try #require(contents.layers[name.replacing(".weight", with: "")], "\(name)")
      weight.parameter.take([
        "": Tensor(layer.weight.wholeNumbers, shape: weight.parameter.shape),
        "_scale": Tensor(layer.scale.floats), "_zero_point": .zeros([weight.parameter.shape[0]]),
      ])
    }
    for (name, parameter) in cnn.namedParameters where name.hasSuffix(".bias") {
      parameter.value = Tensor(contents.layers[name.replacing(".bias", with: "")]!.bias.floats)
    }
    cnn.evaluate()
    return cnn
  }

  private func logits(_ cnn: CNN, _ images: [[UInt8]]) -> [[Double]] {
    let x = Tensor(images.joined().map { Float($0) * (1 / 255) }, shape: [images.count, 1, 28, 28])
    let y = withoutGradients { cnn(Variable(x)) }.value.scalars.map { Double($0) }
    return images.indices.map { Array(y[$0 * 10..<$0 * 10 + 10]) }
  }

  /// Whole numbers are the same everywhere. What may differ is the last bit of a float between two layers, and with it, once
  /// in a while, one step of 255 of one number that goes into the next.
  @Test func logitsAreThoseOfTheEngine() throws {
    let cnn = try cnn()
    let bytes = GeneratedDigits(seed: 4_711).images(at: 0..<300)
    // Digits, and images that nobody would call so: nothing, everything, one pixel, noise.
    var images = (0..<300).map { Array(bytes[$0 * 784..<$0 * 784 + 784]) }
    images += [
      [UInt8](repeating: 0, count: 784), [UInt8](repeating: 255, count: 784),
      (0..<784).map { $0 == 400 ? 9 : 0 }, (0..<784).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 28) },
    ]
    let found = try browser.run(
      .digit, expected: images.map { Data($0) },
      """
      const { read } = workbookTouch["draw-a-digit"];
      return expected.map((image) => Array.from(read(Uint8Array.from(atob(image), (c) => c.charCodeAt(0))).logits));
      """, as: [[Double]].self)
    let expected = logits(cnn, images)
    #expect(found.count == 304)
    let differences = zip(found, expected).map { largestDifference($0, $1) }
    #expect(differences.max()! < 0.02)
    #expect(differences.count { $0 < 1e-4 } >= 290)
    // The numbers are not small: a network that gave zeros would fail.
    #expect(expected.joined().map { abs($0) }.max()! > 5)
    func answers(_ logits: [[Double]]) -> [Int] {
      logits.map { row in row.indices.max { row[$0] < row[$1] }! }
    }
    let labels = GeneratedDigits(seed: 4_711).labels(at: 0..<300)
    #expect(zip(answers(found), labels).count { $0 == $1 } > 270)
  }

  /// A drawing becomes the same 28×28 bytes as the same picture in a file.
  @Test func drawingsAreTreatedAsPicturesAre() throws {
    var papers = SketchedDigit.all.map { $0.ink(pen: 20) }
    // A finger that touched the paper elsewhere, and a thin pen.
    var spotted = papers[3]
    for y in 250..<256 { for x in 12..<18 { spotted[y * 280 + x] = 255 } }
    papers += [spotted, SketchedDigit.all[5].ink(pen: 6)]
    let path = NSTemporaryDirectory() + "drawing-\(UUID().uuidString).png"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let expected = try papers.map { ink in
      try PNG(width: 280, height: 280, color: .gray, bytes: ink.map { 255 - $0 }).write(to: path)
      return try DigitPicture(path: path).image
    }
    #expect(expected[3] == expected[20])
    let found = try browser.run(
      .digit, expected: papers.map { Data($0) },
      """
      const { asDigit } = workbookTouch["draw-a-digit"];
      return expected.map((paper) =>
        Array.from(asDigit(Float32Array.from(atob(paper), (c) => c.charCodeAt(0) / 255), 280)));
      """, as: [[Int]].self)
    #expect(found.count == 22)
    for (i, image) in found.enumerated() {
      #expect(
        largestDifference(image.map { Double($0) }, expected[i].map { Double($0) }) <= 1, "drawing \(i)")
    }
  }

  struct Reading: Decodable {
    let answer: String
    let best: String
    let isAlive: Bool
  }

  /// Twenty digits are drawn with the pointer, as a reader does, and read; the last is then cleared, and an example shown.
  @Test func drawnDigitsAreRead() throws {
    let found = try browser.run(
      .digit, expected: SketchedDigit.all.map(\.strokes),
      """
      const paper = figure.querySelector(".touch-paper"), box = paper.getBoundingClientRect();
      const clear = figure.querySelector(".touch-buttons button");
      const reading = () => ({
        answer: figure.querySelector("output").textContent,
        best: figure.querySelector(".touch-best th")?.textContent ?? "",
        isAlive: getComputedStyle(figure.querySelector("img")).display === "none",
      });
      const send = (kind, [x, y]) => paper.dispatchEvent(new PointerEvent(kind, { bubbles: true,
        clientX: box.left + x / 280 * box.width, clientY: box.top + y / 280 * box.height }));
      const readings = [];
      for (const strokes of expected) {
        clear.click();
        for (const points of strokes) {
          send("pointerdown", points[0]);
          for (const point of points.slice(1)) send("pointermove", point);
          send("pointerup", points.at(-1));
          send("pointermove", [5, 5]); // without the button pressed: no ink
        }
        await wait(100);
        readings.push(reading());
      }
      clear.click();
      readings.push(reading());
      figure.querySelectorAll(".touch-examples button")[7].click();
      readings.push(reading());
      return readings;
      """, as: [Reading].self)
    #expect(found.count == 22 && found.allSatisfy(\.isAlive))
    let drawn = zip(found, SketchedDigit.all)
    for (reading, digit) in drawn where reading.best != "\(digit.digit)" {
      print("a drawn \(digit.digit): \(reading.answer)")
    }
    #expect(drawn.count { $0.best == "\($1.digit)" } >= 18)
    for reading in found.prefix(20) {
      #expect(reading.answer.firstMatch(of: /^Read as an? [0-9], by [0-9.]+ %, in [0-9]+ ms\.$/) != nil)
    }
    #expect(found[20].answer == "Nothing is drawn yet." && found[20].best == "")
    #expect(found[21].best == "7")
  }
}
