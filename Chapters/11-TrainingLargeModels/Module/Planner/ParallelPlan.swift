import Chapter01BigAndSmall

/// How a training is cut among the devices of a cluster, in three directions at once.
///
///     devices = tensor · pipeline · data
///
/// `tensor` devices share each block, `pipeline` groups of them share the row of blocks, and `data` copies of all that
/// share the batch. A batch is read in microbatches, `count = batch / (data · microbatch)` for each copy.
///
/// - Book: section 11.6.
public struct ParallelPlan: Sendable, Equatable {
  /// `n`
  public let devices: Int
  /// `t`, devices that share each block.
  public let tensor: Int
  /// `p`, stages that share the row of blocks.
  public let pipeline: Int
  /// `v`, pieces of the row that each stage holds; 1 where they are not interleaved.
  public let interleaved: Int
  /// What the copies share of their state: ZeRO's stage, 0 to 3.
  public let zero: Int
  /// Whether what tensor parallelism leaves whole is cut along the sequence.
  public let cutsSequence: Bool
  /// What is computed again.
  public let recomputation: Recomputation
  /// `B`, the sequences of a step.
  public let batch: Int
  /// `b`, the sequences that go through at once.
  public let microbatch: Int

  /// `d`, copies of the model.
  public var data: Int { devices / (tensor * pipeline) }
  /// `m`, the microbatches of a copy in a step.
  public var microbatches: Int { batch / (data * microbatch) }
  /// The share of extra time in which a stage waits: `(p − 1) / (v m)`.
  ///
  /// - Source: Narayanan and others, 2021, section 2.2.
  public var bubble: Double { Double(pipeline - 1) / Double(interleaved * microbatches) }

  /// - Throws: `CannotPlan`, in one line, where the numbers do not divide each other.
  public init(
    _ shape: TransformerShape, devices: Int, tensor: Int = 1, pipeline: Int = 1, interleaved: Int = 1,
    zero: Int = 0, cutsSequence: Bool = false, recomputation: Recomputation = .none, batch: Int,
    microbatch: Int = 1
  ) throws(CannotPlan) {
    (self.devices, self.tensor, self.pipeline, self.interleaved) = (devices, tensor, pipeline, interleaved)
    (self.zero, self.cutsSequence, self.recomputation) = (zero, cutsSequence, recomputation)
    (self.batch, self.microbatch) = (batch, microbatch)
    if let problem = Self.problem(self, shape) { throw CannotPlan(problem) }
  }

  private static func problem(_ plan: ParallelPlan, _ shape: TransformerShape) -> String? {
    let (n, t, p, v) = (plan.devices, plan.tensor, plan.pipeline, plan.interleaved)
    if n < 1 { return "a cluster needs at least one device, given \(n)" }
    for (name, value) in [
      ("tensor", t), ("pipeline", p), ("interleaved", v), ("batch", plan.batch),
      ("microbatch", plan.microbatch),
    ] where value < 1 {
      return "\(name) must be at least 1, given \(value)"
    }
    if !(0...3).contains(plan.zero) { return "ZeRO's stages are 0 to 3, given \(plan.zero)" }
    if n % (t * p) != 0 {
      return "tensor \(t) × pipeline \(p) = \(t * p) does not divide \(n) devices into whole copies"
    }
    if shape.heads % t != 0 || shape.keyHeads % t != 0 {
      let heads =
        shape.heads == shape.keyHeads
        ? "\(shape.heads) heads" : "\(shape.heads) heads, which share \(shape.keyHeads) of keys"
      return "tensor \(t) does not divide the model's \(heads)"
    }
    if shape.layers % (p * v) != 0 {
      let pieces = v == 1 ? "pipeline \(p)" : "pipeline \(p) × interleaved \(v) = \(p * v)"
      return "\(pieces) does not divide the model's \(shape.layers) blocks"
    }
    if plan.cutsSequence && t == 1 {
      return "cutting the sequence shares what tensor parallelism leaves whole: it needs tensor above 1"
    }
    if plan.cutsSequence && shape.length % t != 0 {
      return "tensor \(t) does not divide sequences of \(shape.length) tokens"
    }
    if plan.zero > 1 && p > 1 {
      return
        "ZeRO stage \(plan.zero) and a pipeline of \(p): each microbatch would gather or scatter the shared "
        + "parts anew; use stage 0 or 1 with a pipeline"
    }
    if plan.batch % (plan.data * plan.microbatch) != 0 {
      return
        "a batch of \(plan.batch) sequences does not divide into microbatches of \(plan.microbatch) for "
        + "\(plan.data) copies of the model: make it a multiple of \(plan.data * plan.microbatch)"
    }
    if v > 1 && plan.microbatches % p != 0 {
      return
        "interleaving takes microbatches by \(p), and each copy has \(plan.microbatches): change the batch"
    }
    return nil
  }
}
