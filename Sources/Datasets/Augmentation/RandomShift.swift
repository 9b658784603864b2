import Tensors

/// Moves the image by a random distance, down or up and right or left; zeros come in from outside.
///
/// - PyTorch: `torchvision.transforms.v2.RandomAffine(degrees=0, translate)`, which takes parts of the image's size and
///   moves by whole pixels.
/// - Book: chapter 7.
public struct RandomShift: AugmentationStep {
  /// How far it may move in each of the four directions.
  public let pixels: Float
  /// Whether it moves by whole pixels.
  public let wholePixels: Bool

  /// - Parameters:
  ///   - pixels: How far it may move in each of the four directions.
  ///   - wholePixels: Whether it moves by whole pixels, each number equally likely, which keeps the image sharp; or by
  ///     any distance, with bilinear interpolation.
  public init(pixels: Float, wholePixels: Bool = true) {
    if !(pixels >= 0 && pixels < 1e6) {
      trap("RandomShift: a distance of 0 or more is needed, given \(pixels)")
    }
    self.pixels = pixels
    self.wholePixels = wholePixels
  }

  public func changed(_ image: Tensor, random: inout RandomStream) -> Tensor {
    var displacement = Displacement("RandomShift", of: image)
    let (down, right) = (distance(&random), distance(&random))
    for pixel in displacement.down.indices {
      displacement.down[pixel] = down
      displacement.right[pixel] = right
    }
    return displacement(image)
  }

  private func distance(_ random: inout RandomStream) -> Float {
    if wholePixels {
      let most = Int(pixels)
      return Float(random.integer(below: 2 * most + 1) - most)
    }
    return pixels * (2 * random.uniform() - 1)
  }
}
