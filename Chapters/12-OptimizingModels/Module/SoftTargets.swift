import Foundation

/// Probabilities at a temperature: `p_i = exp(z_i / T) / Σ_j exp(z_j / T)`.
///
/// - Parameters:
///   - logits: z, one for each class.
///   - temperature: T, above 0. At 1 the usual softmax; the higher, the more alike they become.
/// - PyTorch: `torch.softmax(z / T, -1)`.
/// - Source: Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015, equation 1.
/// - Book: section 12.3.
public func softTargets<Scalar: BinaryFloatingPoint>(_ logits: [Scalar], temperature: Scalar) -> [Scalar] {
  if !(temperature > 0) { fatalError("softTargets: the temperature must be above 0, given \(temperature)") }
  let largest = logits.max() ?? 0
  let powers = logits.map { Scalar(exp(Double(($0 - largest) / temperature))) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// What one example costs a student that is to answer as its teacher does, and the gradient of its logits.
///
///     L = T² Σ_i p_i (ln p_i − ln q_i),    p = softmax(teacher / T),  q = softmax(student / T)
///     backward:  dstudent_i = T (q_i − p_i)
///
/// - Parameters:
///   - student: Logits, one for each class.
///   - teacher: Logits, as many.
///   - temperature: T, above 0.
/// - PyTorch: `F.kl_div(F.log_softmax(s / T, -1), F.softmax(t / T, -1), reduction="sum") * T * T` for one example.
/// - Source: Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015, section 2.
/// - Book: section 12.3.
public func softTargetLoss<Scalar: BinaryFloatingPoint>(
  student: [Scalar], teacher: [Scalar], temperature: Scalar
) -> (loss: Scalar, gradient: [Scalar]) {
  if student.count != teacher.count {
    fatalError("softTargetLoss: \(student.count) logits of the student and \(teacher.count) of the teacher")
  }
  let p = softTargets(teacher, temperature: temperature)
  let q = softTargets(student, temperature: temperature)
  var loss: Scalar = 0
  for i in p.indices where p[i] > 0 {
    loss += p[i] * Scalar(log(Double(p[i])) - log(Double(q[i])))
  }
  return (temperature * temperature * loss, zip(q, p).map { temperature * ($0 - $1) })
}
