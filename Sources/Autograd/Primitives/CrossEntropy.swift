import Tensors

/// The cross-entropy of class scores with the true classes, the loss of classifiers:
/// the mean over the batch of `−log softmax(logits)[target]`.
///
///     backward:  dlogits = (softmax(logits) − onehot(target)) · dy / N
///
/// - Parameters:
///   - logits: Scores, `[N, C]`, before any softmax.
///   - target: Class numbers, `[N]`, each in `0..<C`.
/// - Returns: A single number, `[]`.
/// - PyTorch: `torch.nn.functional.cross_entropy`.
/// - Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.2.2.
/// - Book: chapter 4.
public func crossEntropy(_ logits: Variable, _ target: IntTensor) -> Variable {
  let shape = logits.shape
  if shape.count != 2 || target.shape != [shape[0]] {
    trap("crossEntropy: logits \(shape) and target \(target.shape): [N, C] and [N] are needed")
  }
  let (n, classes) = (shape[0], shape[1])
  if let bad = target.scalars.first(where: { $0 < 0 || $0 >= classes }) {
    trap("crossEntropy: target \(bad) is not a class: logits \(shape)")
  }
  let logProbabilities = logits.value.logSoftmax()
  let loss = logProbabilities.withPointer { p in
    target.scalars.enumerated().reduce(0.0) { $0 - Double(p[$1.offset * classes + $1.element]) } / Double(n)
  }
  return Variable(Tensor(Float(loss)), op: "crossEntropy", inputs: [logits]) { dy in
    var d = logProbabilities.exp()
    let scale = dy.scalar / Float(n)
    d.withMutablePointer { d in
      for i in 0..<n {
        d[i * classes + target.scalars[i]] -= 1
        for j in 0..<classes { d[i * classes + j] *= scale }
      }
    }
    return [d]
  }
}
