import Foundation
import Tensors

/// Turns the image about its middle by a random angle; zeros come in from outside.
///
/// - PyTorch: `torchvision.transforms.v2.RandomRotation(degrees, interpolation=BILINEAR)`.
/// - Book: chapter 7.
public struct RandomRotation: AugmentationStep {
  /// How far it may turn, either way.
  public let degrees: Float

  /// - Parameter degrees: How far it may turn, either way.
  public init(degrees: Float) {
    if !(degrees >= 0 && degrees.isFinite) {
      trap("RandomRotation: an angle of 0 or more is needed, given \(degrees)")
    }
    self.degrees = degrees
  }

  public func changed(_ image: Tensor, random: inout RandomStream) -> Tensor {
    Self.turned(image, degrees: degrees * (2 * random.uniform() - 1))
  }

  /// The image turned against the clock.
  ///
  /// Each new pixel is taken from where it was before: at `R(−angle)` of its place, seen from the middle.
  static func turned(_ image: Tensor, degrees: Float) -> Tensor {
    var displacement = Displacement("RandomRotation", of: image)
    let (height, width) = (displacement.height, displacement.width)
    let angle = Double(degrees) * .pi / 180
    let (cosine, sine) = (Float(cos(angle)), Float(sin(angle)))
    let (middleY, middleX) = (Float(height - 1) / 2, Float(width - 1) / 2)
    for row in 0..<height {
      for column in 0..<width {
        let (y, x) = (Float(row) - middleY, Float(column) - middleX)
        displacement.down[row * width + column] = cosine * y + sine * x - y
        displacement.right[row * width + column] = cosine * x - sine * y - x
      }
    }
    return displacement(image)
  }
}
