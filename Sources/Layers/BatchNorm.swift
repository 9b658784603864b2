import Autograd
import Tensors

/// Brings each channel to mean 0 and variance 1, then scales and shifts it. While training it uses the batch's own mean
/// and variance and keeps running ones, `running ← (1 − momentum) · running + momentum · batch`; otherwise it uses those.
///
/// Parameters: `weight`, `[C]`, at first 1; `bias`, `[C]`, at first 0. Statistics: `running_mean`, `running_var` and
/// `num_batches_tracked`.
///
/// - PyTorch: `torch.nn.BatchNorm2d`, always with running statistics; `num_batches_tracked` is a float here.
/// - Source: Ioffe and Szegedy, "Batch normalization", ICML 2015.
/// - Book: chapter 7.
public class BatchNorm: Module, Layer {
  /// `[C]`, at first 1; nil without `affine`.
  public let weight: Parameter?
  /// `[C]`, at first 0; nil without `affine`.
  public let bias: Parameter?
  /// The running mean of each channel, `[C]`, at first 0.
  public let runningMean: Statistic
  /// The running variance of each channel, `[C]`, at first 1; of `n − 1`, as PyTorch keeps it.
  public let runningVar: Statistic
  /// How many batches the running statistics have seen, a scalar.
  public let numBatchesTracked: Statistic
  /// How much of each batch goes into the running statistics; nil for the mean of all batches so far.
  public let momentum: Float?
  /// Added to the variance, so that no channel is divided by 0.
  public let epsilon: Float
  private let ranks: ClosedRange<Int>

  fileprivate init(features: Int, ranks: ClosedRange<Int>, epsilon: Float, momentum: Float?, affine: Bool) {
    weight = affine ? Parameter(.ones([features])) : nil
    bias = affine ? Parameter(.zeros([features])) : nil
    runningMean = Statistic(.zeros([features]))
    runningVar = Statistic(.ones([features]))
    numBatchesTracked = Statistic(Tensor(0))
    self.momentum = momentum
    self.epsilon = epsilon
    self.ranks = ranks
  }

  /// Normalises `x`; while training, it also moves the running statistics.
  ///
  /// Traps when `x` has another number of channels or another rank than the class allows; and, while training, when a
  /// channel has a single number only, whose variance is unknown.
  ///
  /// - Parameter x: `[N, C, …]`
  /// - Returns: Of the shape of `x`.
  public func callAsFunction(_ x: Variable) -> Variable {
    let channels = runningMean.value.count
    if !ranks.contains(x.rank) || x.shape[1] != channels {
      trap(
        "\(type(of: self)): input \(x.shape) does not have \(channels) channels and an allowed rank (\(ranks))"
      )
    }
    if !isTraining {
      return batchNorm(
        x, mean: runningMean.value, variance: runningVar.value, weight: weight, bias: bias, epsilon: epsilon)
    }
    let (y, mean, variance) = batchNorm(x, weight: weight, bias: bias, epsilon: epsilon)
    if TaskSettings.segment.isRecomputed { return y }  // this batch was measured the first time
    let batches = numBatchesTracked.value.scalar + 1
    numBatchesTracked.value = Tensor(batches)
    if x.value.count == 0 { return y }  // an empty batch has no statistics
    let share = momentum ?? 1 / batches
    runningMean.value = runningMean.value * (1 - share) + mean * share
    runningVar.value = runningVar.value * (1 - share) + variance * share
    return y
  }
}

/// Batch norm of feature vectors or sequences; see `BatchNorm`.
///
/// - Shape: `[N, C]` or `[N, C, L]`, the same out.
/// - PyTorch: `torch.nn.BatchNorm1d`.
/// - Book: chapter 7.
public final class BatchNorm1d: BatchNorm {
  /// - Parameters:
  ///   - features: The number of channels, C. PyTorch: `num_features`.
  ///   - epsilon: Added to the variance. PyTorch: `eps`.
  ///   - momentum: How much of each batch goes into the running statistics; nil for the mean of all batches so far.
  ///   - affine: Whether there are a weight and a bias to learn.
  public init(features: Int, epsilon: Float = 1e-5, momentum: Float? = 0.1, affine: Bool = true) {
    super.init(features: features, ranks: 2...3, epsilon: epsilon, momentum: momentum, affine: affine)
  }
}

/// Batch norm of feature maps; see `BatchNorm`.
///
/// - Shape: `[N, C, H, W]`, the same out.
/// - PyTorch: `torch.nn.BatchNorm2d`.
/// - Book: chapter 7.
public final class BatchNorm2d: BatchNorm {
  /// - Parameters:
  ///   - features: The number of channels, C. PyTorch: `num_features`.
  ///   - epsilon: Added to the variance. PyTorch: `eps`.
  ///   - momentum: How much of each batch goes into the running statistics; nil for the mean of all batches so far.
  ///   - affine: Whether there are a weight and a bias to learn.
  public init(features: Int, epsilon: Float = 1e-5, momentum: Float? = 0.1, affine: Bool = true) {
    super.init(features: features, ranks: 4...4, epsilon: epsilon, momentum: momentum, affine: affine)
  }
}
