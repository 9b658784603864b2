import Engine

/// A kernel that is learned from one image and from what an unknown filter made of it, by gradient descent.
///
/// The loss is the mean square of the differences between the kernel's result `ŷ` and the filter's result `y`, at all
/// `n` places where the window fits into the image:
///
///     L = 1/n · Σ_ij (ŷ_ij − y_ij)²
///     backward:  dw_ab = 2/n · Σ_ij (ŷ_ij − y_ij) · x_{i+a, j+b}
///
/// - Book: section 2.7.
public struct KernelFromData: Sendable {
  /// What the filter sees, `[H, W]`.
  public let image: [[Double]]
  /// What it makes of it, `[H − K + 1, W − K + 1]`.
  public let target: [[Double]]
  /// The kernel learned so far, `[K, K]`. It begins with zeros.
  public private(set) var kernel: [[Double]]

  /// - Parameters:
  ///   - image: `[H, W]`
  ///   - filter: The unknown filter, `[K, K]`. Only what it makes of the image is kept.
  public init(image: [[Double]], filter: [[Double]]) {
    let size = filter.count
    if !filter.allSatisfy({ $0.count == size }) || image.count < size || (image.first?.count ?? 0) < size {
      fatalError(
        "KernelFromData: a filter of \(size)×\(filter.first?.count ?? 0) on an image of "
          + "\(image.count)×\(image.first?.count ?? 0); it must be square, and fit")
    }
    self.image = image
    target = filtered(image, filter)
    kernel = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
  }

  /// What the kernel makes of the image, minus what it should.
  private var errors: [[Double]] {
    zip(filtered(image, kernel), target).map { zip($0, $1).map { $0 - $1 } }
  }

  /// The mean square of the errors.
  public var loss: Double {
    let errors = errors.joined()
    return errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
  }

  /// One step of gradient descent.
  public mutating func step(learningRate: Double) {
    let errors = errors
    let n = Double(errors.count * errors[0].count)
    for a in kernel.indices {
      for b in kernel.indices {
        var sum = 0.0
        for i in errors.indices {
          for j in errors[i].indices { sum += errors[i][j] * image[i + a][j + b] }
        }
        kernel[a][b] -= learningRate * 2 / n * sum
      }
    }
  }
}

/// A window slid over an image, without padding.
private func filtered(_ x: [[Double]], _ w: [[Double]]) -> [[Double]] {
  let k = w.count
  let geometry = ConvolutionGeometry(input: [1, 1, x.count, x[0].count], weight: [1, 1, k, k])
  let y = crossCorrelate2d(x.flatMap { $0 }, with: w.flatMap { $0 }, geometry)
  let columns = geometry.outputWidth
  return (0..<geometry.outputHeight).map { Array(y[$0 * columns..<($0 + 1) * columns]) }
}
