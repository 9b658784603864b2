/// The memory that training with Adam takes, in bytes.
///
/// Weights, gradients and activations are numbers of `bytesPerNumber`. Adam's two running means have 4 bytes each; with
/// smaller numbers than that it keeps the weights once more in 4 bytes.
///
/// - Source: Rajbhandari, Rasley, Ruwase, He, "ZeRO: memory optimizations toward training trillion parameter models",
///   SC 2020, section 3.1.
/// - Book: section 1.4.
public struct TrainingMemory: Sendable, Equatable {
  public let weights, gradients, optimizer, activations: Int
  public var total: Int { weights + gradients + optimizer + activations }

  /// - Parameters:
  ///   - parameters: `P`
  ///   - activations: `A`, the numbers that one example leaves behind.
  ///   - batch: `B`, how many examples there are at once.
  ///   - bytesPerNumber: `b`, 4 or 2.
  public init(parameters: Int, activations: Int, batch: Int = 1, bytesPerNumber: Int = 4) {
    weights = bytesPerNumber * parameters
    gradients = bytesPerNumber * parameters
    let runningMeans = 2 * 4 * parameters
    let copy = bytesPerNumber < 4 ? 4 * parameters : 0
    optimizer = runningMeans + copy
    self.activations = bytesPerNumber * activations * batch
  }
}
