import Autograd
import Layers
import Tensors

/// Keeps small gradients in the range of float16: the loss is multiplied by `scale` before the way back, and the gradients
/// are divided by it before they are used.
///
///     var scaler = LossScale()
///     optimizer.clearGradients()
///     (loss * scaler.scale).backward()
///     if scaler.unscale(optimizer.parameters) {
///       clipGradients(of: optimizer.parameters, toNorm: 1)      // what looks at gradients comes after
///       optimizer.step()
///     }
///
/// Where a gradient became infinite or no number, the step is left out and the scale halved; after `growthInterval` good
/// steps it is doubled.
///
/// - PyTorch: `torch.amp.GradScaler(init_scale, growth_factor, backoff_factor, growth_interval)`: `scale(loss)`,
///   `unscale_(optimizer)`, and `update()`, which here is part of `unscale`.
/// - Source: Micikevicius et al., "Mixed precision training", ICLR 2018, section 3.2.
/// - Book: section 11.4.
public struct LossScale: Sendable, Equatable {
  /// What the loss is multiplied by.
  public private(set) var scale: Float
  /// Good steps until it is doubled; nil for a scale that stays as it is.
  public let growthInterval: Int?
  /// The steps that were left out.
  public private(set) var skipped = 0
  private var good = 0

  /// - Parameters:
  ///   - scale: To begin with, above 0, or this traps. A power of two changes no digit of a gradient. PyTorch:
  ///     `init_scale`.
  ///   - growthInterval: Good steps until the scale is doubled, at least 1, or this traps; nil to keep it. PyTorch:
  ///     `growth_interval`.
  public init(_ scale: Float = 65_536, growthInterval: Int? = 2_000) {
    if !(scale > 0 && scale.isFinite) { trap("LossScale: the scale must be above 0, given \(scale)") }
    if let growthInterval, growthInterval < 1 {
      trap("LossScale: the interval must be at least 1, given \(growthInterval)")
    }
    (self.scale, self.growthInterval) = (scale, growthInterval)
  }

  /// Divides the gradients by the scale, and says whether they can be used: whether all are numbers.
  ///
  /// Where they are not, the step counts as left out, and a scale that may change is halved.
  public mutating func unscale(_ parameters: [Parameter]) -> Bool {
    var isFinite = true
    for parameter in parameters {
      guard let gradient = parameter.gradient else { continue }
      let factor = 1 / scale
      let unscaled = gradient.map { $0 * factor }
      if unscaled.scalars.contains(where: { !$0.isFinite }) { isFinite = false }
      parameter.setGradient(unscaled)
    }
    if isFinite {
      good += 1
      if let growthInterval, good == growthInterval {
        // Beyond 2¹²⁷ a float ends.
        scale = min(scale * 2, 0x1p127)
        good = 0
      }
    } else {
      skipped += 1
      good = 0
      // No smaller than what a float can be divided by.
      if growthInterval != nil { scale = max(scale / 2, 0x1p-100) }
    }
    return isFinite
  }
}
