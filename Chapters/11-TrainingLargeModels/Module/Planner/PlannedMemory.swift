import Chapter01BigAndSmall

/// What a device holds under a plan, in bytes: the fullest one, in the pipeline's first stage.
///
/// The first stage has the vectors of all tokens, and it works ahead of the others: as many microbatches as there are
/// stages wait in it for their way back. So it keeps activations of as many blocks as the whole model has, however many
/// stages there are.
///
/// - Source: Korthikanti and others, 2022, section 4.2.3; Rajbhandari and others, SC 2020.
/// - Book: section 11.6.
public struct PlannedMemory: Sendable, Equatable {
  /// The parameters on the device.
  public let parameterCount: Double
  /// Parameters, gradients and optimiser.
  public let state: ZeROMemory
  /// What waits for its way back.
  public let activations: Double
  /// What is needed for a moment: the block that is being computed again, and the scores of the vocabulary.
  public let working: Double
  /// All of it.
  public var total: Double { state.total + activations + working }

  /// The part of a device that is left for the state: buffers, libraries and gaps take the rest.
  public static let usable = 0.9

  /// Whether it fits, with a tenth of the device left for buffers and libraries.
  public func fits(_ device: Device) -> Bool { total <= Self.usable * device.memory }

  /// - Parameter hasDropout: Whether masks are kept for the way back.
  public init(
    _ model: ModelDescription, _ shape: TransformerShape, _ plan: ParallelPlan, hasDropout: Bool
  ) {
    let blocks = shape.layers * shape.blockParameters
    let rest = model.parameters - blocks
    parameterCount = (Double(blocks) / Double(plan.pipeline) + Double(rest)) / Double(plan.tensor)
    state = ZeROMemory(parameters: parameterCount, devices: plan.data, stage: plan.zero)
    let one = ActivationBytes(of: shape, sequences: plan.microbatch, hasDropout: hasDropout)
    func block(_ recomputation: Recomputation) -> Double {
      one.bytes(tensor: plan.tensor, cutsSequence: plan.cutsSequence, recomputing: recomputation)
    }
    let (p, v) = (Double(plan.pipeline), Double(plan.interleaved))
    let waiting = min(p, Double(plan.microbatches))
    // Interleaved pieces let a few more microbatches in.
    let ahead = plan.interleaved > 1 ? 1 + (p - 1) / (p * v) : 1
    activations = block(plan.recomputation) * Double(shape.layers) / p * waiting * ahead
    let again = plan.recomputation == .none ? 0 : block(.none) - block(plan.recomputation)
    let scores =
      plan.pipeline > 1
      ? 0 : 4 * Double(plan.microbatch * shape.length) * Double(shape.vocabulary) / Double(plan.tensor)
    working = max(again, scores)
  }
}
