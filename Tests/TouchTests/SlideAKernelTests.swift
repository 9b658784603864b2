import Engine
import Foundation
import Testing

/// Slide a kernel: the sums are the engine's, whatever the kernel, the stride and the padding.
@Suite(.enabled(if: Browser.installed != nil, Browser.missing)) struct SlideAKernelTests {
  private let browser = Browser.installed!

  struct Contents: Decodable {
    struct Kernel: Decodable {
      let name: String
      let weights: [Double]
    }
    let width: Int
    let hundredths: [Int]
    let first, row, column: Int
    let kernels: [Kernel]
  }

  struct Case: Encodable {
    let kernel: [[Double]]
    let stride, padding: Int
  }

  private func picture(_ contents: Contents) -> Tensor {
    Tensor(
      contents.hundredths.map { Float($0) / 100 },
      shape: [1, 1, contents.hundredths.count / contents.width, contents.width])
  }

  private func map(_ x: Tensor, _ weights: [Double], stride: Int, padding: Int) -> Tensor {
    conv2d(x, Tensor(weights.map { Float($0) }, shape: [1, 1, 3, 3]), stride: stride, padding: padding)
  }

  @Test func mapsAreThoseOfTheEngine() throws {
    let contents = try TouchFigure.kernel.contents(as: Contents.self)
    #expect(contents.kernels.count == 7)
    var stream = RandomStream(seed: 5, stream: 1)
    let kernels =
      contents.kernels.map(\.weights) + (0..<5).map { _ in (0..<9).map { _ in Double(stream.normal()) } }
    let cases = kernels.flatMap { kernel in
      (1...3).flatMap { stride in (0...2).map { padding in (kernel, stride, padding) } }
    }
    let found = try browser.run(
      .kernel,
      expected: cases.map { kernel, stride, padding in
        Case(kernel: (0..<3).map { Array(kernel[$0 * 3..<$0 * 3 + 3]) }, stride: stride, padding: padding)
      },
      """
      const { convolve, picture } = workbookTouch["slide-a-kernel"];
      return expected.map(({ kernel, ...settings }) => convolve(picture, kernel, settings));
      """, as: [[[Double]]].self)
    #expect(found.count == 108)
    let x = picture(contents)
    for (map, (kernel, stride, padding)) in zip(found, cases) {
      let expected = self.map(x, kernel, stride: stride, padding: padding)
      #expect(
        [map.count, map[0].count] == Array(expected.shape[2...]), "stride \(stride), padding \(padding)")
      #expect(
        largestDifference(map.flatMap { $0 }, expected.scalars.map { Double($0) }) < 1e-5,
        "stride \(stride), padding \(padding)")
    }
  }

  struct Reading: Decodable {
    let sum: String
    let products: [String]
    let size: String
    let turned: Int
  }

  /// What a reader sees: at first the place of the static picture; after a key, a preset, a weight, other settings.
  @Test func whatIsSeenFollowsWhatIsDone() throws {
    let contents = try TouchFigure.kernel.contents(as: Contents.self)
    let found = try browser.run(
      .kernel, expected: 0,
      """
      const [input] = figure.querySelectorAll("canvas");
      let turned = 0;
      document.addEventListener("keydown", () => { turned += 1; }); // the page's own keys
      const press = (key) => input.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      const button = (label) => [...figure.querySelectorAll("button")].find((node) => node.textContent === label);
      const change = (node, value, kind) => { node.value = value; node.dispatchEvent(new Event(kind, { bubbles: true })); };
      const reading = () => ({
        sum: figure.querySelector("output").textContent,
        products: [...figure.querySelectorAll(".touch-kernel span:last-child")].map((node) => node.textContent),
        size: figure.querySelectorAll(".touch-note")[1].textContent, turned });
      const readings = [reading()];
      press("ArrowRight"); press("ArrowUp");
      readings.push(reading());
      button("box blur").click();
      readings.push(reading());
      change(figure.querySelector("input"), "-2.5", "input");
      readings.push(reading());
      const [stride, padding] = figure.querySelectorAll("select");
      change(stride, "2", "change"); change(padding, "1", "change");
      readings.push(reading());
      const box = input.getBoundingClientRect(), cell = box.width / (\(contents.width) + 2);
      input.dispatchEvent(new PointerEvent("pointermove", { bubbles: true,
        clientX: box.left + 9.5 * cell, clientY: box.top + 5.5 * cell })); // the window's middle: places 4 and 2
      readings.push(reading());
      return readings;
      """, as: [Reading].self)
    let x = picture(contents)
    let (row, column) = (contents.row, contents.column)
    let sobel = contents.kernels[contents.first].weights
    let blur = try #require(contents.kernels.first { $0.name == "box blur" }).weights
    let changed = [-2.5] + blur.dropFirst()
    let expected: [(weights: [Double], row: Int, column: Int, stride: Int, padding: Int)] = [
      (sobel, row, column, 1, 0), (sobel, row - 1, column + 1, 1, 0), (blur, row - 1, column + 1, 1, 0),
      (changed, row - 1, column + 1, 1, 0), (changed, 0, 0, 2, 1), (changed, 2, 4, 2, 1),
    ]
    #expect(found.count == expected.count)
    for (reading, place) in zip(found, expected) {
      let map = self.map(x, place.weights, stride: place.stride, padding: place.padding)
      let parts = try #require(
        reading.sum.firstMatch(of: /^Row ([0-9]+), column ([0-9]+) of the map: the sum is ([−0-9.]+)\.$/),
        "\(reading.sum)")
      #expect(Int(parts.1) == place.row + 1 && Int(parts.2) == place.column + 1, "\(reading.sum)")
      let sum = try #require(number(parts.3))
      #expect(abs(sum - Double(map[0, 0, place.row, place.column])) < 6e-4, "\(reading.sum)")
      let products = try reading.products.map { try #require(number($0.dropFirst(2))) }
      #expect(products.count == 9 && abs(products.reduce(0, +) - sum) < 6e-3)
      #expect(reading.size.hasPrefix("\(map.shape[2])×\(map.shape[3]) numbers"), "\(reading.size)")
      #expect(reading.turned == 0)
    }
  }

  private func number(_ text: Substring) -> Double? { Double(text.replacing("−", with: "-")) }
}
