import Engine

/// The rungs above the seven loops and the chapter's own columns: the engine's two ways.
///
/// - Book: section 2.6.
public enum ConvolutionLadder {
  /// The columns again, gathered row by row, on all threads, one image after the other in the same memory.
  public static func windows(_ geometry: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor) -> [Float] {
    ConvolutionMethod.$forced.withValue(.windows) { convolve(geometry, x, weight, nil).scalars }
  }

  /// What the engine chooses for these sizes: the product of Fourier transforms, where that is faster.
  public static func best(_ geometry: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor) -> [Float] {
    convolve(geometry, x, weight, nil).scalars
  }
}
