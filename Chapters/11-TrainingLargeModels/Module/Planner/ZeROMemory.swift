import Chapter01BigAndSmall
import Tensors

/// What a device keeps for its parameters, where several train copies of one model and share what each would keep.
///
/// With numbers of 2 bytes and Adam a parameter takes 2 bytes, its gradient 2, and the optimiser 12: the parameter once
/// more in 4 bytes, and two running means (`TrainingMemory` of chapter 1). `N` devices share more with each stage:
///
///     stage 0   16 P
///     stage 1   4 P + 12 P / N       the optimiser's state
///     stage 2   2 P + 14 P / N       and the gradients
///     stage 3   16 P / N             and the parameters
///
/// - Source: Rajbhandari, Rasley, Ruwase, He, "ZeRO: memory optimizations toward training trillion parameter models",
///   SC 2020, section 5.
/// - Book: section 11.6.
public struct ZeROMemory: Sendable, Equatable {
  /// Bytes of the parameters that work is done with.
  public let parameters: Double
  /// Bytes of the gradients.
  public let gradients: Double
  /// Bytes of the optimiser: the parameters in 4 bytes, and what it remembers of each.
  public let optimizer: Double

  /// All of it, in bytes.
  public var total: Double { parameters + gradients + optimizer }

  /// - Parameters:
  ///   - count: `P`, the parameters that the device has a part in.
  ///   - devices: `N`, that hold the same ones; at least 1, or this traps.
  ///   - stage: 0 to 3, or this traps.
  public init(parameters count: Double, devices: Int, stage: Int) {
    if devices < 1 { trap("ZeROMemory: at least 1 device is needed, given \(devices)") }
    if !(0...3).contains(stage) { trap("ZeROMemory: stages are 0 to 3, given \(stage)") }
    let one = TrainingMemory(parameters: 1, activations: 0, bytesPerNumber: 2)
    let n = Double(devices)
    parameters = Double(one.weights) * count / (stage >= 3 ? n : 1)
    gradients = Double(one.gradients) * count / (stage >= 2 ? n : 1)
    optimizer = Double(one.optimizer) * count / (stage >= 1 ? n : 1)
  }
}
