import Chapter01BigAndSmall

/// A plan with what it needs and how long it takes.
public struct PlannedStep: Sendable {
  /// How the work is cut.
  public let plan: ParallelPlan
  /// What the fullest device holds.
  public let memory: PlannedMemory
  /// How long a step takes.
  public let time: StepTime

  /// Works a plan out.
  ///
  /// - Parameters:
  ///   - hasDropout: Whether masks are kept for the way back.
  ///   - efficiency: The share of the peak that a device reaches while it computes.
  public init(
    _ model: ModelDescription, _ shape: TransformerShape, _ plan: ParallelPlan, on cluster: Cluster,
    hasDropout: Bool, efficiency: Double
  ) {
    self.plan = plan
    memory = PlannedMemory(model, shape, plan, hasDropout: hasDropout)
    time = StepTime(model, shape, plan, on: cluster, efficiency: efficiency)
  }
}

/// All ways to cut a training that a cluster allows, the fastest that fit first.
///
/// Tried are: tensor parallelism within a node, pipelines whose length divides the blocks, all of ZeRO's stages, the three
/// kinds of recomputation, and microbatches of 1, 2, 4 and 8.
///
/// - Parameters:
///   - hasDropout: Whether masks are kept for the way back.
///   - efficiency: The share of the peak that a device reaches while it computes.
///   - batch: The sequences of a step.
/// - Returns: Those that fit, by the seconds of a step; and the one of all that needs least memory, whether it fits or
///   not. Nil where no plan divides evenly.
public func searchPlans(
  _ model: ModelDescription, _ shape: TransformerShape, on cluster: Cluster, batch: Int, hasDropout: Bool,
  efficiency: Double
) -> (fitting: [PlannedStep], smallest: PlannedStep?) {
  var (fitting, smallest) = ([PlannedStep](), PlannedStep?.none)
  let tensors = divisors(of: shape.heads).filter { $0 <= cluster.device.perNode }
  for tensor in tensors {
    for pipeline in divisors(of: shape.layers) {
      for zero in pipeline == 1 ? 0...3 : 0...1 {
        for recomputation in Recomputation.allCases {
          for microbatch in [1, 2, 4, 8] {
            guard
              let plan = try? ParallelPlan(
                shape, devices: cluster.devices, tensor: tensor, pipeline: pipeline, zero: zero,
                cutsSequence: tensor > 1, recomputation: recomputation, batch: batch,
                microbatch: microbatch)
            else { continue }
            let one = PlannedStep(
              model, shape, plan, on: cluster, hasDropout: hasDropout, efficiency: efficiency)
            if one.memory.fits(cluster.device) { fitting.append(one) }
            if one.memory.total < smallest?.memory.total ?? .infinity { smallest = one }
          }
        }
      }
    }
  }
  return (fitting.sorted { $0.time.seconds < $1.time.seconds }, smallest)
}

private func divisors(of number: Int) -> [Int] { (1...number).filter { number % $0 == 0 } }
