import Engine

/// A filter made by hand, for images of one channel.
///
/// - Book: section 2.3.
public struct HandMadeFilter: Sendable {
  public let name: String
  /// What it does, in a few words.
  public let purpose: String
  /// `[K, K]`
  public let kernel: Tensor

  /// The filters of the chapter.
  public static let all: [HandMadeFilter] = [
    HandMadeFilter(
      name: "identity", purpose: "leaves the image as it is",
      kernel: Tensor([[0, 0, 0], [0, 1, 0], [0, 0, 0]])),
    HandMadeFilter(
      name: "box blur", purpose: "the mean of nine pixels",
      kernel: Tensor(repeating: 1 / 9, shape: [3, 3])),
    HandMadeFilter(
      name: "Gaussian blur", purpose: "a mean that trusts the middle most",
      kernel: gaussian),
    HandMadeFilter(
      name: "sharpen", purpose: "adds what a blur would take away",
      kernel: Tensor([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])),
    HandMadeFilter(
      name: "Sobel, horizontal", purpose: "rises where it gets brighter to the right",
      kernel: Tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])),
    HandMadeFilter(
      name: "Sobel, vertical", purpose: "rises where it gets brighter downwards",
      kernel: Tensor([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])),
    HandMadeFilter(
      name: "Laplacian", purpose: "zero where the image is even; edges of all directions",
      kernel: Tensor([[0, 1, 0], [1, -4, 1], [0, 1, 0]])),
    HandMadeFilter(
      name: "emboss", purpose: "light from the upper left",
      kernel: Tensor([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])),
  ]

  /// The 5×5 binomial kernel: the products of 1 4 6 4 1 with itself, divided by their sum, 256.
  private static let gaussian: Tensor = {
    let row = Tensor([[1, 4, 6, 4, 1]])
    return matmul(row, row, transposeA: true) / 256
  }()

  /// Slides the filter over an image, whose edge is repeated outwards so that the border does not darken.
  ///
  /// - Parameter image: `[H, W]`
  /// - Returns: `[H, W]`
  public func apply(to image: Tensor) -> Tensor {
    let (height, width, k) = (image.shape[0], image.shape[1], kernel.shape[0])
    let r = k / 2
    var padded = Tensor.zeros([1, 1, height + 2 * r, width + 2 * r])
    for i in 0..<height + 2 * r {
      for j in 0..<width + 2 * r {
        padded[0, 0, i, j] = image[min(max(i - r, 0), height - 1), min(max(j - r, 0), width - 1)]
      }
    }
    return conv2d(padded, kernel.reshaped([1, 1, k, k])).reshaped([height, width])
  }
}
