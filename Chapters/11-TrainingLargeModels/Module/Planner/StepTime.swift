import Chapter01BigAndSmall

/// The seconds of one step under a plan, part by part, nothing of it at the same time as anything else.
///
///     computation   operations / (n · peak · efficiency)
///     waiting       computation · (p − 1) / (v m), while the pipeline fills and empties
///     tensor        4 all-reduces of 2 s b h bytes in each block and for each microbatch; 6 with full recomputation
///     stages        what goes from stage to stage
///     data          the gradients' all-reduce; with stage 3, parameters gathered for every way through
///     optimiser     its memory, read and written
///
/// `r` devices all-reduce a message in `2 (r − 1) / r` times its bytes over the bandwidth. Real programs hide a part of the
/// messages behind computation, so that this is the slow end; `efficiency`, the share of its peak that a device reaches
/// while it computes, is the one number that is measured and not counted.
///
/// - Source: Narayanan and others, 2021, sections 2 and 3; Rajbhandari and others, SC 2020, section 7.
/// - Book: section 11.7.
public struct StepTime: Sendable, Equatable {
  /// FLOP of a step that training needs: forward and back, once.
  public let modelOperations: Double
  /// FLOP of a step that are done: those, and what is computed again.
  public let operations: Double
  /// Seconds of computing.
  public let computation: Double
  /// Seconds of waiting for the pipeline.
  public let waiting: Double
  /// Seconds of all-reduces inside blocks.
  public let tensor: Double
  /// Seconds of messages from stage to stage.
  public let stages: Double
  /// Seconds of messages between copies.
  public let data: Double
  /// Seconds of the optimiser.
  public let optimizer: Double

  /// All of it.
  public var seconds: Double { computation + waiting + tensor + stages + data + optimizer }

  /// - Parameter efficiency: The share of the peak that a device reaches while it computes.
  public init(
    _ model: ModelDescription, _ shape: TransformerShape, _ plan: ParallelPlan, on cluster: Cluster,
    efficiency: Double
  ) {
    let device = cluster.device
    let (n, t, p, d) = (Double(plan.devices), plan.tensor, plan.pipeline, plan.data)
    let m = Double(plan.microbatches)
    modelOperations = Self.modelOperations(model, batch: plan.batch)
    operations =
      modelOperations + Self.again(model, shape, plan.recomputation) * Double(plan.batch)
    computation = operations / (n * device.peak * efficiency)

    func allReduce(_ bytes: Double, among r: Int, bandwidth: Double) -> Double {
      2 * Double(r - 1) / Double(r) * bytes / bandwidth
    }
    let message = 2 * Double(shape.length * plan.microbatch * shape.width)
    let inNode = t <= device.perNode ? device.nodeBandwidth : device.networkBandwidth
    let times = plan.recomputation == .full ? 6.0 : 4.0
    tensor =
      times * Double(shape.layers / p) * m * allReduce(message, among: t, bandwidth: inNode)
    waiting = (computation + tensor) * plan.bubble

    let between = plan.devices <= device.perNode ? device.nodeBandwidth : device.networkBandwidth
    stages = p == 1 ? 0 : 2 * m * Double(plan.interleaved) * message / Double(t) / between
    let parameters = PlannedMemory(model, shape, plan, hasDropout: false).parameterCount
    let gather = Double(d - 1) / Double(d) * 2 * parameters / between
    data = plan.zero == 3 ? gather * (1 + 2 * m) : 2 * gather
    let state = ZeROMemory(parameters: parameters, devices: d, stage: plan.zero)
    optimizer = 2 * state.optimizer / device.memoryBandwidth
  }

  /// The share of the cluster's peak that the model's own operations make up: MFU.
  public func utilization(_ cluster: Cluster) -> Double {
    modelOperations / (seconds * Double(cluster.devices) * cluster.device.peak)
  }

  /// FLOP of a step: forward and back, as chapter 1 counts them. For a GPT that is
  /// `72 B L s h² (1 + s / (6 h) + V / (12 h L))`.
  ///
  /// - Source: Korthikanti and others, 2022, appendix A.
  public static func modelOperations(_ model: ModelDescription, batch: Int) -> Double {
    Double(model.trainingOperations) * Double(batch)
  }

  /// FLOP that one sequence costs once more.
  private static func again(
    _ model: ModelDescription, _ shape: TransformerShape, _ recomputation: Recomputation
  ) -> Double {
    let s = Double(shape.length)
    switch recomputation {
    case .none: return 0
    case .selective:
      return Double(shape.layers) * 4 * s * s * Double(shape.heads * shape.headWidth)
    case .full:
      return Double(model.operations) - 2 * s * Double(shape.width) * Double(shape.vocabulary)
    }
  }
}
