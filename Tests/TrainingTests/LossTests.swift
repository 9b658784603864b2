import Engine
import Foundation
import Testing

/// Each loss against its formula in Double, and its gradient against differences of that formula.
@Suite struct LossTests {
  private func random(_ shape: [Int], _ seed: UInt64) -> Tensor {
    var stream = RandomStream(seed: seed)
    return stream.normal(shape: shape)
  }

  /// - Parameter formula: The loss in Double, from the inputs' numbers.
  private func check(
    _ x: Tensor, _ loss: (Variable) -> Variable, sourceLocation: SourceLocation = #_sourceLocation,
    _ formula: ([Double]) -> Double
  ) {
    let leaf = Variable(x, requiresGradient: true)
    let y = loss(leaf)
    let numbers = x.scalars.map(Double.init)
    let expected = formula(numbers)
    #expect(abs(Double(y.scalar) - expected) <= 1e-5 * max(1, abs(expected)), sourceLocation: sourceLocation)
    y.backward(from: Tensor(repeating: 0.7, shape: y.shape))
    for i in numbers.indices {
      var (up, down) = (numbers, numbers)
      up[i] += 1e-5
      down[i] -= 1e-5
      let slope = 0.7 * (formula(up) - formula(down)) / 2e-5
      let mine = Double(leaf.gradient!.scalars[i])
      #expect(abs(mine - slope) <= 1e-5 * max(1, abs(slope)), "gradient \(i)", sourceLocation: sourceLocation)
    }
  }

  @Test func crossEntropyWithEverything() {
    // [N, C, H, W] = [2, 3, 2, 2]: class weights, smoothing and an ignored target at once.
    let x = random([2, 3, 2, 2], 1)
    let target = [0, 2, 7, 1, 1, 7, 2, 2]
    let weights = [0.5, 2, 1.25]
    for (reduction, divides) in [(Reduction.mean, true), (.sum, false)] {
      check(x) {
        crossEntropy(
          $0, IntTensor(target, shape: [2, 2, 2]), classWeights: Tensor(weights.map { Float($0) }),
          ignoring: 7,
          labelSmoothing: 0.3, reduction: reduction)
      } _: { x in
        var (sum, weightSum) = (0.0, 0.0)
        for n in 0..<2 {
          for place in 0..<4 where target[n * 4 + place] != 7 {
            let scores = (0..<3).map { x[(n * 3 + $0) * 4 + place] }
            let total = scores.reduce(0) { $0 + exp($1) }
            for c in 0..<3 {
              let share = (c == target[n * 4 + place] ? 0.7 : 0) + 0.1
              sum -= weights[c] * share * (scores[c] - log(total))
            }
            weightSum += weights[target[n * 4 + place]]
          }
        }
        return divides ? sum / weightSum : sum
      }
    }
  }

  @Test func unreducedLossesSumToTheSum() {
    let (x, target) = (random([5, 4], 2), IntTensor([3, 1, 0, 2, 1]))
    let leaf = Variable(x, requiresGradient: true)
    let each = crossEntropy(leaf, target, reduction: .none)
    let sum = crossEntropy(Variable(x), target, reduction: .sum)
    #expect(each.shape == [5])
    #expect(abs(each.value.sum() - sum.scalar) < 1e-5)
    // Only the third example's loss is asked for: the gradient stays in its row.
    each.backward(from: Tensor([0, 0, 1, 0, 0]))
    let gradient = leaf.gradient!
    #expect(gradient.row(2) != Tensor.zeros([4]))
    for row in [0, 1, 3, 4] { #expect(gradient.row(row) == Tensor.zeros([4])) }
  }

  @Test func ignoringAllGivesNaNAndNoGradient() {
    let x = Variable(random([2, 3], 3), requiresGradient: true)
    let loss = crossEntropy(x, IntTensor([9, 9]), ignoring: 9)
    #expect(loss.scalar.isNaN)
    loss.backward()
    #expect(x.gradient == Tensor.zeros([2, 3]))
  }

  /// Like `check`, for a loss that is a sum over numbers: `formula` is one number's loss.
  private func checkPointwise(
    _ x: Tensor, _ target: Tensor, dividedBy divisor: Double, _ loss: (Variable) -> Variable,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ formula: (_ x: Double, _ t: Double, _ i: Int) -> Double
  ) {
    let targets = target.scalars.map(Double.init)
    check(x, loss, sourceLocation: sourceLocation) { numbers in
      var sum = 0.0
      for i in numbers.indices { sum += formula(numbers[i], targets[i], i) }
      return sum / divisor
    }
  }

  @Test func pointwiseLosses() {
    let (x, t) = (random([3, 4], 4), random([3, 4], 5))
    checkPointwise(x, t, dividedBy: 3, { squaredError($0, t, reduction: .batchMean) }) { x, t, _ in
      (x - t) * (x - t)
    }
    checkPointwise(x, t, dividedBy: 12, { absoluteError($0, t) }) { x, t, _ in abs(x - t) }
    checkPointwise(x, t, dividedBy: 1, { huberLoss($0, t, delta: 0.6, reduction: .sum) }) { x, t, _ in
      let e = abs(x - t)
      return e <= 0.6 ? e * e / 2 : 0.6 * (e - 0.3)
    }
    let p = t.softmax()
    checkPointwise(x, p, dividedBy: 3, { klDivergence($0, p) }) { x, p, _ in p * (log(p) - x) }
    let (yes, weights) = (t.sigmoid(), [0.5, 2, 1, 3])
    let positiveWeight = Tensor(weights.map { Float($0) })
    checkPointwise(
      x, yes, dividedBy: 12, { binaryCrossEntropy($0, yes, positiveWeight: positiveWeight) }
    ) { x, t, i in
      let p: Double = 1 / (1 + exp(-x))
      let positive: Double = weights[i % 4] * t * log(p)
      return -positive - (1 - t) * log(1 - p)
    }
  }

  @Test func distillationIsZeroWhenStudentAndTeacherAgree() {
    let x = random([4, 5], 6)
    let leaf = Variable(x, requiresGradient: true)
    let soft = softTargetLoss(student: leaf, teacher: x, temperature: 3)
    #expect(abs(soft.scalar) < 1e-6)
    soft.backward()
    #expect(leaf.gradient!.scalars.allSatisfy { abs($0) < 1e-6 })
  }

  @Test func misuseStopsTheProgram() async throws {
    let badClass = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent],
      performing: { _ = crossEntropy(Variable(Tensor.zeros([2, 3])), IntTensor([0, 3])) })
    #expect(text(badClass).contains("crossEntropy: target 3 is not a class: logits [2, 3]"))
    let shapes = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent],
      performing: { _ = squaredError(Variable(Tensor.zeros([2, 3])), Tensor.zeros([3, 2])) })
    #expect(text(shapes).contains("squaredError: input [2, 3] and target [3, 2] differ"))
  }
}
