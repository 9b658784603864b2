import Tensors

/// Adds a number from the normal distribution to each pixel.
///
/// - PyTorch: `torchvision.transforms.v2.GaussianNoise(sigma=deviation, clip=False)`: values may leave 0…1.
/// - Book: chapter 7.
public struct GaussianNoise: AugmentationStep {
  public let deviation: Float

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
