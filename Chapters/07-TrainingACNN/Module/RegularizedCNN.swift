import Engine

/// The article's CNN with dropout before its last layer, or with batch norm after each layer but the last.
///
/// Without both it is `CNN`, with the same first weights from the same seed.
///
/// - Book: sections 7.8 and 7.9.
public final class RegularizedCNN: Module, Layer {
  public let conv1 = Conv2d(inChannels: 1, outChannels: 32, kernelSize: 5, padding: 2)
  public let conv2 = Conv2d(inChannels: 32, outChannels: 64, kernelSize: 5, padding: 2)
  public let fc1 = Linear(inFeatures: 64 * 7 * 7, outFeatures: 128)
  public let fc2 = Linear(inFeatures: 128, outFeatures: 10)
  public let norm1, norm2: BatchNorm2d?
  public let norm3: BatchNorm1d?
  public let dropout: Dropout

  /// - Parameters:
  ///   - probability: How likely each of the 128 features before the last layer is dropped; 0 for no dropout.
  ///   - isNormed: Whether each layer but the last is followed by a batch norm.
  public init(dropout probability: Float = 0, isNormed: Bool = false) {
    dropout = Dropout(probability)
    norm1 = isNormed ? BatchNorm2d(features: 32) : nil
    norm2 = isNormed ? BatchNorm2d(features: 64) : nil
    norm3 = isNormed ? BatchNorm1d(features: 128) : nil
  }

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, 10]`.
  public func callAsFunction(_ images: Variable) -> Variable { fc2(dropout(relu(beforeReLU(images)[2]))) }

  /// What each of the three ReLUs is given: `[N, 32, 28, 28]`, `[N, 64, 14, 14]` and `[N, 128]`.
  public func beforeReLU(_ images: Variable) -> [Variable] {
    let x1 = conv1(images)
    let y1 = norm1?(x1) ?? x1
    let x2 = conv2(maxPool2d(relu(y1), kernelSize: 2))
    let y2 = norm2?(x2) ?? x2
    let x3 = fc1(maxPool2d(relu(y2), kernelSize: 2).flattened(from: 1))
    return [y1, y2, norm3?(x3) ?? x3]
  }
}
