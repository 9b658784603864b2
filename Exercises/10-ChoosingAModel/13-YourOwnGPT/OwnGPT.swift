import Engine
import ExerciseKit
import Foundation
import Practice

/// The network of the exercise made of the engine's ops, whose gradients are its own, and in every way in which it may be
/// wrong: what checks compare with, and what known mistakes are made of.
struct OwnGPT: Sendable {
  var isCausal = true
  var seesItself = true
  var seesOneAhead = false
  var scalesByWholeWidth = false
  var isOneHead = false
  var order = [0, 1, 2]
  var keepsBeforeAttention = true
  var keepsBeforeHidden = true
  var normsFirst = true
  var hasLastNorm = true
  var usesPlaces = true
  var bends = true
  var readsTargets = false
  var isStable = true

  var softmaxGoesBack = true
  var normGoesBack = true
  var wayAroundGoesBack = true
  var symbolsGoBack = true
  var scoresGoBack = true
  var placesGoBack = true
  var dividesGradient = true
  var dividesLoss = true

  var corrects = true
  var decays = true
  var decaysAll = false
  var decaysInGradient = false
  var decayIsScaled = true
  var usesRates = true
  var movesOn = true

  var answer: YourOwnGPTExercise.Answer {
    let network = self
    return YourOwnGPTExercise.Answer(
      scores: { network.scores($0, $1, $2) }, loss: { network.loss($0, $1, $2) },
      train: { network.train($0, $1, $2, $3, $4, $5, $6) })
  }
}

extension OwnGPT {
  func scores(_ ids: [[Int]], _ weights: [Tensor], _ heads: Int) -> Tensor {
    let scores = withoutGradients { self.scores(ids, weights.map { Variable($0) }, heads) }.value
    return scores.reshaped([ids.count, ids[0].count, weights[0].shape[0]])
  }

  /// `[N·T, V]`
  private func scores(_ ids: [[Int]], _ w: [Variable], _ heads: Int) -> Variable {
    let (count, steps, width) = (ids.count, ids[0].count, w[0].shape[1])
    let symbols = embedding(
      IntTensor(ids.flatMap { $0 }, shape: [count * steps]), symbolsGoBack ? w[0] : w[0].detached())
    let places = embedding(
      IntTensor((0..<count * steps).map { $0 % steps }, shape: [count * steps]),
      placesGoBack ? w[1] : w[1].detached())
    var x = usesPlaces ? symbols + places : symbols
    for first in stride(from: 2, to: w.count - 1, by: 6) {
      let own = Array(w[first..<first + 6])
      func attention(_ u: Variable) -> Variable {
        attended(u, own, count, steps, isOneHead ? 1 : heads, heads)
      }
      func hidden(_ u: Variable) -> Variable {
        let a = matmul(u, own[4], transposeB: true)
        return matmul(bends ? relu(a) : a, own[5], transposeB: true)
      }
      func around(_ x: Variable, _ keeps: Bool, _ added: Variable) -> Variable {
        keeps ? (wayAroundGoesBack ? x : x.detached()) + added : added
      }
      if normsFirst {
        x = around(x, keepsBeforeAttention, attention(norm(x, own[0])))
        x = around(x, keepsBeforeHidden, hidden(norm(x, own[3])))
      } else {
        x = norm(x + attention(x), own[0])
        x = norm(x + hidden(x), own[3])
      }
    }
    if hasLastNorm { x = norm(x, w[w.count - 1]) }
    return matmul(
      x.reshaped([count * steps, width]), scoresGoBack ? w[0] : w[0].detached(), transposeB: true)
  }

  private func norm(_ x: Variable, _ g: Variable) -> Variable {
    if normGoesBack { return layerNorm(x, normalizedShape: [x.shape[1]], weight: g) }
    let rows = x.value
    let mean = rows.mean(axis: 1, keepingAxis: true)
    let inverse = 1 / (rows.variance(axis: 1, correction: 0, keepingAxis: true) + 1e-5).squareRoot()
    return (x - Variable(mean)) * Variable(inverse) * g
  }

  private func attended(
    _ u: Variable, _ w: [Variable], _ count: Int, _ steps: Int, _ heads: Int, _ realHeads: Int
  ) -> Variable {
    let width = u.shape[1]
    let size = width / heads
    let all = matmul(u, w[1], transposeB: true).reshaped([count, steps, 3, heads, size])
      .permuted([2, 0, 3, 1, 4])
    func part(_ kind: Int) -> Variable {
      all.sliced(order[kind]..<order[kind] + 1, axis: 0).reshaped([count, heads, steps, size])
    }
    let (q, k, v) = (part(0), part(1), part(2))
    let scale = 1 / Float(scalesByWholeWidth ? width : width / realHeads).squareRoot()
    let last = seesOneAhead ? 1 : seesItself ? 0 : -1
    let mask = MaskTensor(
      (0..<steps).flatMap { t in (0..<steps).map { s in !isCausal || s <= t + last } },
      shape: [steps, steps])
    let (mixed, weights) = scaledDotProductAttentionWithWeights(q, k, v, mask: mask, scale: scale)
    var output = mixed
    if !softmaxGoesBack {
      let scores = matmul(q, k, transposeB: true) * scale
      output = matmul(Variable(weights, op: "weights", inputs: [scores]) { dp in [weights * dp] }, v)
    }
    return matmul(
      output.permuted([0, 2, 1, 3]).reshaped([count * steps, width]), w[2], transposeB: true)
  }

  func loss(_ windows: [[Int]], _ weights: [Tensor], _ heads: Int) -> (Float, [Tensor]) {
    let parameters = weights.map { Parameter($0) }
    let ids = windows.map { Array($0.dropLast()) }
    let targets = windows.flatMap { readsTargets ? $0.dropLast() : $0.dropFirst() }
    let scores = self.scores(ids, parameters, heads)
    let loss = crossEntropy(scores, IntTensor(targets))
    loss.backward()
    let count = Float(targets.count)
    let gradients = parameters.map { ($0.gradient ?? .zeros($0.shape)) * (dividesGradient ? 1 : count) }
    var value = loss.scalar * (dividesLoss ? 1 : count)
    if !isStable, scores.value.scalars.contains(where: { $0 > 88 }) { value = .infinity }
    return (value, gradients)
  }

  func train(
    _ text: [Int], _ starts: [[Int]], _ length: Int, _ weights: [Tensor], _ heads: Int, _ rates: [Float],
    _ decay: Float
  ) -> ([Tensor], [Float]) {
    var weights = weights
    var (means, squares) = (weights.map { $0 * 0 }, weights.map { $0 * 0 })
    var losses: [Float] = []
    for (index, places) in starts.enumerated() {
      let places = movesOn ? places : starts[0]
      let (loss, gradients) = loss(places.map { Array(text[$0...$0 + length]) }, weights, heads)
      losses.append(loss)
      let (step, rate) = (Float(index + 1), usesRates ? rates[index] : rates[0])
      for (i, gradient) in gradients.enumerated() {
        let shrinks = decays && (decaysAll || weights[i].rank == 2)
        let g = shrinks && decaysInGradient ? gradient + decay * weights[i] : gradient
        means[i] = 0.9 * means[i] + 0.1 * g
        squares[i] = 0.99 * squares[i] + 0.01 * (g * g)
        let (first, second) = corrects ? (1 - pow(0.9, step), 1 - pow(0.99, step)) : (1, 1)
        var change = means[i] / first / (squares[i] / second).map { $0.squareRoot() + 1e-8 } * rate
        if shrinks && !decaysInGradient { change = change + (decayIsScaled ? rate : 1) * decay * weights[i] }
        weights[i] = weights[i] - change
      }
    }
    return (weights, losses)
  }
}
