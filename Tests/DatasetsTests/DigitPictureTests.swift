import Datasets
import Formats
import Foundation
import Tensors
import Testing

/// A picture of a digit becomes what MNIST would have made of it, whatever its colours.
@Suite struct DigitPictureTests {
  private let path = NSTemporaryDirectory() + "digit-\(UUID().uuidString).png"

  private func read(_ png: PNG) throws -> DigitPicture {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try png.write(to: path)
    return try DigitPicture(path: path)
  }

  /// A thick L, `scale` pixels a unit, in a picture of 20 units, its corner at (4, 6).
  private func letter(scale: Int, paper: [UInt8], ink: [UInt8], specks: [(Int, Int)] = []) -> PNG {
    let side = 20 * scale
    var bytes: [UInt8] = []
    for y in 0..<side {
      for x in 0..<side {
        let (u, v) = (x / scale, y / scale)
        let isInk =
          (6..<16).contains(v) && (4..<6).contains(u) || (14..<16).contains(v) && (4..<9).contains(u)
        bytes += isInk || specks.contains { $0 == (x, y) } ? ink : paper
      }
    }
    return PNG(width: side, height: side, color: paper.count == 1 ? .gray : .rgb, bytes: bytes)
  }

  @Test func isFittedAndCentred() throws {
    let digit = try read(letter(scale: 3, paper: [255], ink: [0]))
    #expect(digit.height == 60 && digit.width == 60 && !digit.mayShowSeveral)
    let rows = (0..<28).filter { row in (0..<28).contains { digit.image[row * 28 + $0] > 127 } }
    let columns = (0..<28).filter { column in (0..<28).contains { digit.image[$0 * 28 + column] > 127 } }
    // 10 units high and 5 wide become 20 and 10.
    #expect(rows.count == 20 && columns.count == 10)
    var (mass, x, y) = (0.0, 0.0, 0.0)
    for i in 0..<784 {
      let ink = Double(digit.image[i])
      mass += ink
      x += ink * (Double(i % 28) + 0.5)
      y += ink * (Double(i / 28) + 0.5)
    }
    #expect(abs(x / mass - 14) <= 0.5 && abs(y / mass - 14) <= 0.5)
    #expect(digit.tensor.shape == [1, 1, 28, 28])
    #expect(digit.tensor.scalars == digit.image.map { Float($0) * (1 / 255) })
  }

  @Test func coloursDoNotMatter() throws {
    let expected = try read(letter(scale: 3, paper: [255], ink: [0])).image
    for (paper, ink) in [
      ([0], [255]), ([200], [120]), ([255, 255, 255], [20, 40, 200]), ([30, 60, 30], [250, 220, 40]),
      // Of one brightness: told apart by their colour alone.
      ([255, 0, 0], [0, 130, 0]),
    ] as [([UInt8], [UInt8])] {
      #expect(try read(letter(scale: 3, paper: paper, ink: ink)).image == expected, "\(ink) on \(paper)")
    }
    // Larger, and so large that it is made smaller first.
    #expect(try read(letter(scale: 10, paper: [255], ink: [0])).image == expected)
    #expect(try read(letter(scale: 40, paper: [255], ink: [0])).image == expected)
  }

  @Test func specksAreLeftOut() throws {
    let expected = try read(letter(scale: 6, paper: [255], ink: [0])).image
    let dusty = letter(scale: 6, paper: [255], ink: [0], specks: [(2, 3), (110, 5), (111, 5), (60, 118)])
    #expect(try read(dusty).image == expected)
  }

  /// Nearly: its faintest edge counts as paper, and what is left is fitted anew.
  @Test func anImageOfMNISTStaysNearlyAsItIs() throws {
    for index in 0..<20 {
      let image = GeneratedDigits(seed: 3).image(at: index)
      let digit = try read(PNG(width: 28, height: 28, color: .gray, bytes: image)).image
      func product(_ a: [UInt8], _ b: [UInt8]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      let alike = product(image, digit) / (product(image, image) * product(digit, digit)).squareRoot()
      #expect(alike > 0.7, "image \(index)")
    }
  }

  @Test func twoDigitsAreNoticed() throws {
    let one = letter(scale: 3, paper: [255], ink: [0])
    let two = (0..<60).flatMap { row in
      let line = one.bytes[row * 60..<row * 60 + 60]
      return Array(line) + Array(line)
    }
    #expect(try read(PNG(width: 120, height: 60, color: .gray, bytes: two)).mayShowSeveral)
  }

  @Test(arguments: [(1, 1), (40, 30)]) func anEmptyPictureIsRefused(width: Int, height: Int) throws {
    let bytes = (0..<width * height).map { UInt8(200 + $0 % 7) }
    let error = try #require(throws: FileError.self) {
      _ = try read(PNG(width: width, height: height, color: .gray, bytes: bytes))
    }
    #expect(error.found.hasPrefix("nothing is drawn in this picture") && error.path == path)
  }

  /// A picture of 200×200 with a thick 7, its ink `ink` times as bright as the paper, in light that changes from place to
  /// place; x and y run from 0 to 1.
  private func seven(ink: Double = 0.28, _ light: (_ x: Double, _ y: Double) -> Double) -> PNG {
    var noise = RandomStream(seed: 5)
    var bytes: [UInt8] = []
    for row in 0..<200 {
      for column in 0..<200 {
        let (x, y) = (Double(column) / 200, Double(row) / 200)
        let isTop = (0.2..<0.28).contains(y) && (0.3..<0.75).contains(x)
        let isStem = (0.2..<0.8).contains(y) && abs(x - (0.75 - (y - 0.2) * 0.45)) < 0.05
        let grain = Double(noise.integer(below: 7)) - 3
        bytes.append(UInt8(max(0, min(255, light(x, y) * (isTop || isStem ? ink : 1) + grain))))
      }
    }
    return PNG(width: 200, height: 200, color: .gray, bytes: bytes)
  }

  private func alike(_ a: [UInt8], _ b: [UInt8]) -> Double {
    func product(_ a: [UInt8], _ b: [UInt8]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }

  /// Each way of lighting the same 7 gives the same image, nearly.
  @Test func photographsAreReadAsTheirDigit() throws {
    let expected = try read(seven { _, _ in 230 }).image
    func isOutside(_ x: Double, _ y: Double, _ margin: Double) -> Bool {
      min(x, y) < margin || max(x, y) > 1 - margin
    }
    let lights: [(String, (Double, Double) -> Double)] = [
      ("from one side", { x, _ in 118 + 112 * x }), ("from below", { _, y in 90 + 150 * y }),
      ("vignette", { x, y in 240 * (1 - 0.9 * ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5))) }),
      ("shadow below", { _, y in y > 0.71 ? 150 : 225 }),
      ("shadow at the left", { x, _ in x < 0.45 ? 230 : 120 }),
      ("frame", { x, y in isOutside(x, y, 0.04) ? 0 : 255 }),
      ("frame on two sides", { x, y in x < 0.05 || y < 0.05 ? 20 : 240 }),
      ("dark table", { x, y in isOutside(x, y, 0.1) ? 50 : 230 }),
      ("wooden table", { x, y in isOutside(x, y, 0.14) ? 120 : 230 }),
    ]
    for (name, light) in lights {
      do {
        let image = try read(seven(light)).image
        #expect(alike(image, expected) > 0.9, "\(name)")
      } catch { Issue.record("\(name): \(error)") }
    }
    // Light ink on dark paper: its strokes come out a little thicker.
    let negative = seven { x, _ in 118 + 112 * x }
    let bytes = negative.bytes.map { 255 - $0 }
    #expect(alike(try read(PNG(width: 200, height: 200, color: .gray, bytes: bytes)).image, expected) > 0.8)
    // A strip of table at one side: read, or refused, but not read as something else.
    let beside = seven { x, _ in x < 0.15 ? 60 : 230 }
    if let image = try? read(beside).image { #expect(alike(image, expected) > 0.9) }
  }

  /// No paper can be made out: that is said, rather than something read.
  @Test func whatShowsNoPaperIsRefused() throws {
    let waves = (0..<40_000).map { i -> UInt8 in
      let (x, y) = (Double(i % 200), Double(i / 200))
      let wave: Double = sin(x / 9) * cos(y / 13 + x / 31)
      return UInt8(128 + 90 * wave)
    }
    let error = try #require(throws: FileError.self) {
      _ = try read(PNG(width: 200, height: 200, color: .gray, bytes: waves))
    }
    #expect(error.found.hasPrefix("no clean paper was found in this picture") && error.path == path)
    // Nothing but uneven light.
    let empty = (0..<40_000).map { UInt8(118 + 112 * ($0 % 200) / 200) }
    let nothing = try #require(throws: FileError.self) {
      _ = try read(PNG(width: 200, height: 200, color: .gray, bytes: empty))
    }
    #expect(nothing.found.hasPrefix("nothing is drawn in this picture"))
  }
}
