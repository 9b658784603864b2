import Formats
import Tensors

/// A picture of one digit, made to look as MNIST's digits do: ink on empty paper, fitted into 20×20 pixels with its
/// proportions kept, its centre of mass in the middle of 28×28.
///
/// The paper is what most of the picture's edge looks like, and ink is whatever differs from it: dark on light, light on
/// dark, or in colour. Specks are left out, pale and thin lines strengthened. Where a picture is transparent, white shows
/// through, or black if nothing is to be seen on white.
///
/// In a photograph the light may change across the paper, a shadow may lie on it and a frame or the table may surround it:
/// then ink is what differs from the paper just around it. What is not told apart that way is refused.
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
  /// The picture's own width, in pixels.
  public let width: Int

  /// Reads the PNG file at `path`.
  ///
  /// - Throws: `FileError` when the file is no PNG, nothing is drawn in it, or ink cannot be told from paper.
  public init(path: String) throws(FileError) {
    let (ink, picture) = try Self.ink(path)
    self.init(ink, height: picture.height, width: picture.width)
  }

  private static func ink(_ path: String) throws(FileError) -> (Ink, PNG) {
    for background: UInt8 in [255, 0] {
      let picture = try PNG(path: path, as: .rgb, background: background)
      switch Ink.found(in: picture) {
      case .ink(let ink): return (ink, picture)
      case .nothing: continue
      case .unclear:
        throw FileError(
          path,
          "no clean paper was found in this picture: the light changes too much, or there is more than a digit",
          expected: "one digit, dark on light or light on dark, and nothing but paper around it",
          advice: "Cut the picture down to the paper, or take it again in even light.")
      }
    }
    throw FileError(
      path, "nothing is drawn in this picture: all of it has nearly the same colour",
      expected: "one digit, dark on light or light on dark")
  }

  private init(_ found: Ink, height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    var ink = found
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
