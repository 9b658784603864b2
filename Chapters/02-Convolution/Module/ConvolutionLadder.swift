import Engine

/// The rungs between the seven loops and the engine's best.
///
/// - Book: section 2.6.
public enum ConvolutionLadder {
  /// All windows as the columns of a matrix, and one product with the filters ("im2col").
  public static func windows(_ geometry: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor) -> [Float] {
    ConvolutionMethod.$forced.withValue(.windows) { convolve(geometry, x, weight, nil).scalars }
  }

  /// What the engine chooses for these sizes: the product of Fourier transforms, where that is faster.
  public static func best(_ geometry: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor) -> [Float] {
    convolve(geometry, x, weight, nil).scalars
  }
}
