import Engine
import Testing

@Suite struct EmptyLossTests {
  /// PyTorch 2.15: the mean of no losses is not a number, their sum is 0; no gradient comes of either.
  @Test func lossesOfAnEmptyBatch() {
    let (target, labels) = (Tensor.zeros([0, 3]), IntTensor([], shape: [0]))
    let losses: [(String, (Variable, Reduction) -> Variable)] = [
      ("cross-entropy", { crossEntropy($0, labels, reduction: $1) }),
      ("squared error", { squaredError($0, target, reduction: $1) }),
      ("absolute error", { absoluteError($0, target, reduction: $1) }),
      ("Huber", { huberLoss($0, target, reduction: $1) }),
      ("binary cross-entropy", { binaryCrossEntropy($0, target, reduction: $1) }),
      ("divergence", { klDivergence($0, target, reduction: $1) }),
    ]
    for (name, loss) in losses {
      for (reduction, isNumber) in [(Reduction.mean, false), (.sum, true), (.batchMean, false)] {
        if reduction == .batchMean && name != "divergence" { continue }
        let x = Variable(Tensor.zeros([0, 3]), requiresGradient: true)
        let y = loss(x, reduction)
        #expect(isNumber ? y.scalar == 0 : y.scalar.isNaN, "\(name), \(reduction)")
        y.backward()
        #expect(x.gradient == Tensor.zeros([0, 3]), "\(name)")
      }
    }
  }
}
