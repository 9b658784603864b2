import Foundation
import Tensors

/// Distorts the image as if it were drawn on rubber: neighbouring pixels move alike, distant ones do not.
///
/// For each pixel two random numbers from −1 to 1 are drawn, one for each direction. Both fields are smoothed by a
/// Gaussian of deviation σ, multiplied by α, and then say how far from each pixel its new value is taken. One pixel
/// moves by about `α / (σ √(12π))` in each direction: 1.4 pixels with the values here.
///
/// The fields are drawn larger than the image, so that pixels at its edge move as much as those in the middle.
///
/// - PyTorch: `torchvision.transforms.v2.ElasticTransform(alpha, sigma)`; the paper leaves open what is smoothed beyond
///   the edge, and there the image's side is reflected.
/// - Source: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document
///   analysis", ICDAR 2003.
/// - Book: chapter 7.
public struct ElasticDistortion: AugmentationStep {
  /// α, how strong the distortion is.
  public let alpha: Float
  /// σ, how far apart pixels must be to move differently, in pixels.
  public let sigma: Float
  /// The Gaussian at −r … r, of sum 1; r is 3σ, rounded up.
  private let weights: [Float]

  /// - Parameters:
  ///   - alpha: How strong the distortion is. The paper's value for digits is 34.
  ///   - sigma: How far apart pixels must be to move differently, in pixels. The paper's value for digits is 4.
  public init(alpha: Float = 34, sigma: Float = 4) {
    if !(sigma > 0 && sigma <= 1000) {
      trap("ElasticDistortion: sigma from 0 to 1000 is needed, given \(sigma)")
    }
    if !(alpha >= 0 && alpha.isFinite) {
      trap("ElasticDistortion: alpha of 0 or more is needed, given \(alpha)")
    }
    self.alpha = alpha
    self.sigma = sigma
    let reach = Int((3 * sigma).rounded(.up))
    let bell = (-reach...reach).map { exp(-Double($0 * $0) / (2 * Double(sigma) * Double(sigma))) }
    let sum = bell.reduce(0, +)
    weights = bell.map { Float($0 / sum) }
  }

  public func changed(_ image: Tensor, random: inout RandomStream) -> Tensor {
    displacement(of: image, random: &random)(image)
  }

  func displacement(of image: Tensor, random: inout RandomStream) -> Displacement {
    var displacement = Displacement("ElasticDistortion", of: image)
    let drawn = (displacement.height + weights.count - 1) * (displacement.width + weights.count - 1)
    var (down, right) = ([Float](repeating: 0, count: drawn), [Float](repeating: 0, count: drawn))
    for i in 0..<drawn {
      // Two numbers of 24 bits from one draw of 64.
      let bits = random.next()
      down[i] = Float(bits >> 40) * 0x1p-23 - 1
      right[i] = Float(bits & 0xFF_FFFF) * 0x1p-23 - 1
    }
    displacement.down = smoothed(down, height: displacement.height, width: displacement.width)
    displacement.right = smoothed(right, height: displacement.height, width: displacement.width)
    return displacement
  }

  /// α times the field, smoothed along its rows and then its columns, and as much smaller as the Gaussian is wide.
  private func smoothed(_ field: [Float], height: Int, width: Int) -> [Float] {
    let margin = weights.count - 1
    var rows = [Float](repeating: 0, count: (height + margin) * width)
    var result = [Float](repeating: 0, count: height * width)
    // The weight is the outer loop: the inner one then runs over neighbours, and is vectorised.
    for row in 0..<height + margin {
      for (k, weight) in weights.enumerated() {
        for column in 0..<width {
          rows[row * width + column] += weight * field[row * (width + margin) + column + k]
        }
      }
    }
    for row in 0..<height {
      for (k, weight) in weights.enumerated() {
        for column in 0..<width {
          result[row * width + column] += alpha * weight * rows[(row + k) * width + column]
        }
      }
    }
    return result
  }
}
