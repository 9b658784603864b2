import Tensors

/// Adds a number from the normal distribution to each pixel.
///
/// - PyTorch: `torchvision.transforms.v2.GaussianNoise(sigma=deviation, clip=False)`: values may leave 0…1.
/// - Book: chapter 7.
public struct GaussianNoise: AugmentationStep {
  /// The standard deviation of what is added.
  public let deviation: Float

  /// - Parameter deviation: The standard deviation of what is added, on the scale of the pixels, 0 to 1. A negative
  ///   one traps.
  public init(deviation: Float) {
    if !(deviation >= 0 && deviation.isFinite) {
      trap("GaussianNoise: a deviation of 0 or more is needed, given \(deviation)")
    }
    self.deviation = deviation
  }

  public func changed(_ image: Tensor, random: inout RandomStream) -> Tensor {
    image.map { $0 + deviation * random.normal() }
  }
}
