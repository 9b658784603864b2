import Autograd
import Tensors

/// What a student pays when it learns from a teacher: the loss to go back from, and its two parts.
public struct DistillationLoss {
  /// `α · hard + (1 − α) · soft`
  public let total: Variable
  /// Against the teacher; see `softTargetLoss`.
  public let soft: Variable
  /// Against the labels; see `crossEntropy`.
  public let hard: Variable
}

/// The loss of a student network that learns from a teacher as well as from labels:
/// `α · crossEntropy(student, target) + (1 − α) · softTargetLoss(student, teacher, temperature)`.
///
/// - Parameters:
///   - student: The student's logits, `[N, C]`.
///   - teacher: The teacher's logits, `[N, C]`.
///   - target: Class numbers, `[N]`.
///   - temperature: Above 0; a higher one shows the student more of how the teacher ranks the wrong classes.
///   - alpha: The labels' share, from 0 to 1.
/// - PyTorch: no counterpart; `F.kl_div` and `F.cross_entropy` put together.
/// - Source: Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015, section 2.
/// - Book: chapter 12.
public func distillationLoss(
  student: Variable, teacher: Tensor, target: IntTensor, temperature: Float = 2, alpha: Float = 0.5
) -> DistillationLoss {
  if !(0...1).contains(alpha) { trap("distillationLoss: alpha must be from 0 to 1, given \(alpha)") }
  let soft = softTargetLoss(student: student, teacher: teacher, temperature: temperature)
  let hard = crossEntropy(student, target)
  let total = Variable(
    hard.value * alpha + soft.value * (1 - alpha), op: "distillationLoss", cost: .total(3),
    inputs: [hard, soft]
  ) { dy in [dy * alpha, dy * (1 - alpha)] }
  return DistillationLoss(total: total, soft: soft, hard: hard)
}

/// How far a student's softened answers are from the teacher's: `T²` times the mean over the batch of the
/// Kullback–Leibler divergence of `softmax(student / T)` from `softmax(teacher / T)`.
///
///     backward:  dstudent = T (softmax(student / T) − softmax(teacher / T)) · dy / N
///
/// Dividing by `T` shrinks the gradients by `1/T²`; the factor makes up for it.
///
/// - Parameters:
///   - student: Logits, `[N, C]`.
///   - teacher: Logits, `[N, C]`.
///   - temperature: `T`, above 0.
/// - Returns: A single number, `[]`.
/// - PyTorch: `F.kl_div(F.log_softmax(s / T, -1), F.softmax(t / T, -1), reduction="batchmean") * T * T`.
/// - Source: Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015, section 2.
/// - Book: chapter 12.
public func softTargetLoss(student: Variable, teacher: Tensor, temperature: Float = 2) -> Variable {
  let shape = student.shape
  if shape.count != 2 || teacher.shape != shape {
    trap("softTargetLoss: student \(shape) and teacher \(teacher.shape): both [N, C] are needed")
  }
  if !(temperature > 0) { trap("softTargetLoss: the temperature must be above 0, given \(temperature)") }
  let logQ = (student.value / temperature).logSoftmax()
  let logP = (teacher / temperature).logSoftmax()
  let p = logP.exp()
  let n = Float(shape[0])
  let loss = p.withPointer { p in
    logP.withPointer { logP in
      logQ.withPointer { logQ in
        (0..<teacher.count).reduce(0.0) { $0 + Double(p[$1]) * Double(logP[$1] - logQ[$1]) }
      }
    }
  }
  let scale = Double(temperature) * Double(temperature) / Double(n)
  return Variable(Tensor(Float(loss * scale)), op: "softTargetLoss", cost: .perInput(), inputs: [student]) {
    dy in
    [(logQ.exp() - p) * (temperature * dy.scalar / n)]
  }
}
