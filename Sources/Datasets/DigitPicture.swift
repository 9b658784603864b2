import Formats
import Tensors

/// A picture of one digit, made to look as MNIST's digits do: ink on empty paper, fitted into 20×20 pixels with its
/// proportions kept, its centre of mass in the middle of 28×28.
///
/// The paper is what most of the picture's edge looks like, and ink is whatever differs from it: dark on light, light on
/// dark, or in colour. Specks are left out, pale and thin lines strengthened. Where a picture is transparent, white shows
/// through, or black if nothing is to be seen on white.
///
/// - PyTorch: no counterpart; torchvision's MNIST comes normalised.
/// - Source: the normalisation is that of LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
///   recognition", 1998, section III.
/// - Book: chapter 7.
public struct DigitPicture: Sendable {
  /// What a network sees: 28×28 bytes, row by row, 0 is paper and 255 is ink.
  public let image: [UInt8]
  /// Whether there are large strokes side by side that do not touch: perhaps more than one digit.
  public let mayShowSeveral: Bool
  /// The picture's own size.
  public let height: Int
  public let width: Int

  /// Reads the PNG file at `path`.
  ///
  /// - Throws: `FileError` when the file is no PNG, or nothing is drawn in it.
  public init(path: String) throws(FileError) {
    let picture = try PNG(path: path, as: .rgb)
    if let digit = DigitPicture(picture) {
      self = digit
    } else if let digit = DigitPicture(try PNG(path: path, as: .rgb, background: 0)) {
      self = digit
    } else {
      throw FileError(
        path, "nothing is drawn in this picture: all of it has nearly the same colour",
        expected: "one digit, dark on light or light on dark")
    }
  }

  /// The digit in a picture, or nil when nothing is drawn in it.
  init?(_ picture: PNG) {
    (height, width) = (picture.height, picture.width)
    guard var ink = Ink(in: picture) else { return nil }
    mayShowSeveral = ink.removeSpecks()
    let box = ink.fitted(into: GeneratedDigits.Page.box)
    image = [UInt8](unsafeUninitializedCapacity: GeneratedDigits.pixels) { bytes, count in
      GeneratedDigits.Page.copyCentred(box, to: bytes.baseAddress!)
      count = GeneratedDigits.pixels
    }
  }

  /// For a network: `[1, 1, 28, 28]`, ink at 1 and paper at 0, as ``ImageSet`` gives its images.
  public var tensor: Tensor {
    Tensor(
      image.map { Float($0) * (1 / 255) }, shape: [1, 1, GeneratedDigits.side, GeneratedDigits.side])
  }
}

/// How much ink there is at each place of a picture, from 0 to 1.
private struct Ink {
  let height: Int
  let width: Int
  var amount: [Float]

  /// From here on there is a stroke.
  private static let stroke: Float = 0.3
  /// Pictures are made smaller until no side is longer.
  private static let longestSide = 400
  /// Colours less apart than this, from 0 to 255, are the same.
  private static let leastContrast: Float = 32

  /// What differs from the paper, or nil when nothing does.
  init?(in picture: PNG) {
    let k = max(1, (max(picture.height, picture.width) + Self.longestSide - 1) / Self.longestSide)
    (height, width) = ((picture.height + k - 1) / k, (picture.width + k - 1) / k)
    if height == 0 || width == 0 { return nil }
    let colors = Self.reduced(picture, by: k, height, width)
    let (lastRow, lastColumn, across) = (height - 1, width - 1, width)
    let edge = (0..<height * width).filter {
      let (row, column) = $0.quotientAndRemainder(dividingBy: across)
      return row == 0 || row == lastRow || column == 0 || column == lastColumn
    }
    let paper = (0..<3).map { c in edge.map { colors[3 * $0 + c] }.sorted()[edge.count / 2] }
    let distances = (0..<height * width).map { i in
      (0..<3).reduce(Float(0)) { max($0, abs(colors[3 * i + $1] - paper[$1])) }
    }
    // Full ink is what few pixels exceed, so that a single odd one does not count.
    let full = distances.sorted()[max(0, distances.count - 1 - max(3, distances.count / 2000))]
    if full < Self.leastContrast { return nil }
    // Uneven light and the grain of the paper stay below.
    amount = distances.map { min(1, max(0, ($0 - 0.15 * full) / (0.75 * full))) }
    if !amount.contains(where: { $0 >= Self.stroke }) { return nil }
  }

  /// The mean colours of squares of k×k pixels.
  private static func reduced(_ picture: PNG, by k: Int, _ height: Int, _ width: Int) -> [Float] {
    var colors = [Float](repeating: 0, count: 3 * height * width)
    picture.bytes.withUnsafeBufferPointer { bytes in
      for i in 0..<height {
        for j in 0..<width {
          let rows = i * k..<min((i + 1) * k, picture.height)
          let columns = j * k..<min((j + 1) * k, picture.width)
          for c in 0..<3 {
            var sum = 0
            for row in rows {
              for column in columns { sum += Int(bytes[(row * picture.width + column) * 3 + c]) }
            }
            colors[(i * width + j) * 3 + c] = Float(sum) / Float(rows.count * columns.count)
          }
        }
      }
    }
    return colors
  }

  /// Takes away strokes with less than a thirtieth of the ink of the largest: dust. Returns whether two of those that are
  /// left, with a fifth of it or more, stand side by side.
  mutating func removeSpecks() -> Bool {
    var owner = [Int](repeating: -1, count: amount.count)
    var strokes: [(ink: Float, columns: ClosedRange<Int>)] = []
    for start in amount.indices where owner[start] < 0 && amount[start] >= Self.stroke {
      var (ink, low, high) = (Float(0), width, 0)
      var open = [start]
      owner[start] = strokes.count
      while let i = open.popLast() {
        let (row, column) = i.quotientAndRemainder(dividingBy: width)
        ink += amount[i]
        (low, high) = (min(low, column), max(high, column))
        for r in max(0, row - 1)...min(height - 1, row + 1) {
          for c in max(0, column - 1)...min(width - 1, column + 1) {
            let next = r * width + c
            if owner[next] < 0 && amount[next] >= Self.stroke {
              owner[next] = strokes.count
              open.append(next)
            }
          }
        }
      }
      strokes.append((ink, low...high))
    }
    let most = strokes.map(\.ink).max() ?? 0
    for i in amount.indices where owner[i] >= 0 && strokes[owner[i]].ink < most / 30 { amount[i] = 0 }
    let large = strokes.filter { $0.ink >= most / 5 }
    return large.indices.contains { i in large[..<i].contains { !$0.columns.overlaps(large[i].columns) } }
  }

  /// The strokes, fitted into a square of `side` pixels, in its middle, as bytes.
  func fitted(into side: Int) -> [UInt8] {
    let inked = amount.indices.filter { amount[$0] >= Self.stroke }
    let rows = inked.map { $0 / width }
    let columns = inked.map { $0 % width }
    let (top, bottom) = (rows.min()!, rows.max()! + 1)
    let (left, right) = (columns.min()!, columns.max()! + 1)
    let scale = Float(side) / Float(max(bottom - top, right - left))
    let newHeight = max(1, Int((Float(bottom - top) * scale).rounded()))
    let newWidth = max(1, Int((Float(right - left) * scale).rounded()))
    let down = Self.shares(of: top..<bottom, in: newHeight)
    let across = Self.shares(of: left..<right, in: newWidth)
    let (y, x) = ((side - newHeight) / 2, (side - newWidth) / 2)
    var small = [Float](repeating: 0, count: side * side)
    for i in 0..<newHeight {
      for j in 0..<newWidth {
        for (row, a) in down[i] {
          for (column, b) in across[j] {
            small[(y + i) * side + x + j] += a * b * amount[row * width + column]
          }
        }
      }
    }
    // A thin line is pale when it is made small; among the inked pixels, one in five should be black.
    let dark = small.filter { $0 > 0.05 }.sorted()
    let strength = dark.isEmpty ? 1 : 1 / min(1, max(0.02, dark[dark.count * 4 / 5]))
    return small.map { UInt8(min(1, $0 * strength) * 255 + 0.5) }
  }

  /// For each of `count` equal pieces of a range of pixels, which pixels it covers and with what share of itself.
  private static func shares(of range: Range<Int>, in count: Int) -> [[(pixel: Int, share: Float)]] {
    let size = Float(range.count) / Float(count)
    return (0..<count).map { piece in
      let (low, high) = (Float(piece) * size, Float(piece + 1) * size)
      return (Int(low)..<min(range.count, Int(high.rounded(.up)))).map { pixel in
        let covered = min(high, Float(pixel + 1)) - max(low, Float(pixel))
        return (range.lowerBound + pixel, max(0, covered) / size)
      }
    }
  }
}
