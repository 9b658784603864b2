import Autograd
import Tensors
import Training

let lossCases: [String: CaseHandler] = [
  "cross_entropy": { golden in
    let target = try golden.integers("target")
    let weights = try golden.flag("weighted") ? golden.tensor("class_weight") : nil
    let smoothing = Float(try golden.number("label_smoothing"))
    let ignored = try golden.integer("ignore_index")
    let reduction = try golden.reduction()
    try golden.checkLoss("logits") {
      crossEntropy(
        $0, target, classWeights: weights, ignoring: ignored, labelSmoothing: smoothing, reduction: reduction)
    }
  },
  "mse": { golden in
    let (target, reduction) = (try golden.tensor("target"), try golden.reduction())
    try golden.checkLoss("input") { squaredError($0, target, reduction: reduction) }
  },
  "l1": { golden in
    let (target, reduction) = (try golden.tensor("target"), try golden.reduction())
    try golden.checkLoss("input") { absoluteError($0, target, reduction: reduction) }
  },
  "huber": { golden in
    let (target, reduction) = (try golden.tensor("target"), try golden.reduction())
    let delta = Float(try golden.number("delta"))
    try golden.checkLoss("input") { huberLoss($0, target, delta: delta, reduction: reduction) }
  },
  "bce_with_logits": { golden in
    let (target, reduction) = (try golden.tensor("target"), try golden.reduction())
    let weight = try golden.flag("pos_weight") ? golden.tensor("pos_weight") : nil
    try golden.checkLoss("logits") {
      binaryCrossEntropy($0, target, positiveWeight: weight, reduction: reduction)
    }
  },
  "kl_div": { golden in
    let (p, reduction) = (try golden.tensor("p"), try golden.reduction())
    try golden.checkLoss("log_q") { klDivergence($0, p, reduction: reduction) }
  },
  "distillation": { golden in
    try golden.require(
      "formula",
      oneOf: "alpha*cross_entropy(s,target) + (1-alpha)*T*T*kl_div(log_softmax(s/T),softmax(t/T),batchmean)")
    let (teacher, target) = (try golden.tensor("teacher_logits"), try golden.integers("target"))
    let temperature = Float(try golden.number("temperature"))
    let alpha = Float(try golden.number("alpha"))
    var parts: DistillationLoss?
    try golden.checkLoss("student_logits") { student in
      let loss = distillationLoss(
        student: student, teacher: teacher, target: target, temperature: temperature, alpha: alpha)
      parts = loss
      return loss.total
    }
    if let parts {
      try golden.compare("soft_loss", parts.soft.value)
      try golden.compare("hard_loss", parts.hard.value)
    }
  },
]

extension GoldenCase {
  func reduction() throws -> Reduction {
    switch try option("reduction") {
    case "mean": .mean
    case "sum": .sum
    case "batchmean": .batchMean
    case "none": .none
    case let other: throw CaseFault("`reduction` is unknown: \(other)")
    }
  }

  /// Compares the loss and its gradient at `input`; a loss that is no single number starts from `grad_loss`.
  func checkLoss(_ input: String, _ loss: (Variable) throws -> Variable) throws {
    let x = try leaf(input)
    let y = try loss(x)
    try compare("loss", y.value)
    y.backward(from: has("grad_loss") ? try upstream("loss", shape: y.shape) : nil)
    try compareGradient(of: input, x)
  }
}
