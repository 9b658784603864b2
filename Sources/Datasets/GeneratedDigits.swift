import Tensors

/// Handwritten digits that nobody wrote: as many labelled 28×28 images as one likes, without a file or a network.
///
/// Each image is a pure function of (seed, index). A random hand chooses one of several ways to write the digit, moves
/// a pen of varying width along it, and the drawing is then normalised as MNIST's were: fitted into a 20×20 box,
/// its proportions kept, and placed with its centre of mass in the middle of 28×28. A classifier trained on these
/// images alone reads most real ones.
///
/// ```swift
/// let digits = GeneratedDigits(seed: 1)
/// let image = digits.image(at: 0)   // 784 bytes, row by row, 0 is paper and 255 is ink
/// let label = digits.label(at: 0)
/// ```
///
/// Indices that no two parts share make parts that no two images share: `0..<10_000` for training, `10_000..<12_000`
/// for testing.
///
/// - PyTorch: `torchvision.datasets.MNIST`, whose images were written by people.
/// - Source: the normalisation is that of LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to
///   document recognition", 1998, section III.
/// - Book: chapter 7.
public struct GeneratedDigits: Sendable, Equatable {
  /// The width and the height of an image.
  public static let side = 28
  /// The number of bytes of an image.
  public static let pixels = side * side

  /// What the hand that draws depends on: another seed, other digits.
  public let seed: UInt64

  /// Draws nothing yet: each image is drawn when it is asked for.
  public init(seed: UInt64) { self.seed = seed }

  /// The digit that the image at `index` shows. Every ten indices from a multiple of ten on hold each digit once.
  public func label(at index: Int) -> Int {
    checkIndex(index)
    // The upper half of the streams orders the labels, the lower half draws the images.
    var order = RandomStream(seed: seed, stream: UInt64(index / 10) | 1 << 63)
    return order.permutation(10)[index % 10]
  }

  /// The digits that the images of `indices` show.
  public func labels(at indices: Range<Int>) -> [Int] { indices.map(label(at:)) }

  /// The image at `index`, row by row: 784 bytes, 0 for paper and 255 for full ink.
  public func image(at index: Int) -> [UInt8] {
    var page = Page()
    draw(index, on: &page)
    return [UInt8](unsafeUninitializedCapacity: Self.pixels) { bytes, count in
      page.copyCentred(to: bytes.baseAddress!)
      count = Self.pixels
    }
  }

  /// The images of `indices`, one after the other: `784 × indices.count` bytes, each image as `image(at:)` gives it.
  ///
  /// The work is spread over the processor's cores.
  public func images(at indices: Range<Int>) -> [UInt8] {
    checkIndex(indices.lowerBound)
    return [UInt8](unsafeUninitializedCapacity: Self.pixels * indices.count) { bytes, count in
      // Each piece writes the bytes of its own images only.
      nonisolated(unsafe) let start = bytes.baseAddress
      Parallel.forEachRange(of: indices.count, grain: 64) { range in
        var page = Page()
        for i in range {
          draw(indices.lowerBound + i, on: &page)
          page.copyCentred(to: start! + i * Self.pixels)
        }
      }
      count = Self.pixels * indices.count
    }
  }

  /// Writes the digit of `index` in some random hand and leaves it on the page, fitted into the box.
  private func draw(_ index: Int, on page: inout Page) {
    let digit = label(at: index)
    var hand = Hand(random: RandomStream(seed: seed, stream: UInt64(index)))
    hand.write(digit)
    page.lines.removeAll(keepingCapacity: true)
    hand.trace(into: &page.lines)
    let softness = hand.vary(1.3, by: 0.15)
    let grain = hand.vary(0.16, by: 0.03)
    page.ink(softness: softness, grain: grain, random: &hand.random)
  }

  private func checkIndex(_ index: Int) {
    if index < 0 { trap("GeneratedDigits: an index is at least 0, given \(index)") }
  }
}
