// The two ways in which weights are made to decay, each as something around an optimiser. What differs is one line.

/// Decay in the gradient: `g ← g + λ w`, and then the optimiser's own step. It is the gradient of the penalty
/// `½ λ Σ w²`, added to the loss.
///
/// - PyTorch: `weight_decay` of `torch.optim.SGD`, `RMSprop` and `Adam`.
/// - Source: Krogh and Hertz, "A simple weight decay can improve generalization", NIPS 1991.
/// - Book: section 7.8.
public struct CoupledDecay<Rule: OptimizerStep>: OptimizerStep {
  /// What makes the step.
  public var rule: Rule
  /// `λ`
  public let decay: Double

  public init(_ rule: Rule, decay: Double) { (self.rule, self.decay) = (rule, decay) }

  public mutating func step(_ w: inout [Double], _ g: [Double], learningRate: Double) {
    let penalized = zip(g, w).map { g, w in g + decay * w }
    rule.step(&w, penalized, learningRate: learningRate)
  }
}

/// Decay beside the gradient: `w ← w − η λ w`, and then the optimiser's own step, which knows nothing of it. Around Adam
/// it is AdamW.
///
/// - PyTorch: `weight_decay` of `torch.optim.AdamW`.
/// - Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
/// - Book: section 7.8.
public struct DecoupledDecay<Rule: OptimizerStep>: OptimizerStep {
  /// What makes the step.
  public var rule: Rule
  /// `λ`
  public let decay: Double

  public init(_ rule: Rule, decay: Double) { (self.rule, self.decay) = (rule, decay) }

  public mutating func step(_ w: inout [Double], _ g: [Double], learningRate: Double) {
    w = w.map { $0 - learningRate * decay * $0 }
    rule.step(&w, g, learningRate: learningRate)
  }
}
