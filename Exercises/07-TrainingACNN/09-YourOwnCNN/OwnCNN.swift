import Foundation
import Practice

/// The network of the exercise, loop by loop as its definitions read, and in every way in which it may be wrong: what
/// checks compare with, and what known mistakes are made of. Far too slow to train.
struct OwnCNN: Sendable {
  var convolved: @Sendable (_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor = {
    OwnCNN.convolved($0, $1, $2)
  }
  var pooled: @Sendable (_ x: Tensor) -> (Tensor, [Int]) = { OwnCNN.pooled($0) }
  var pooledGradient: @Sendable (_ dy: Tensor, _ places: [Int], _ shape: [Int]) -> Tensor = {
    OwnCNN.pooledGradient($0, $1, $2)
  }
  var turnsInputGradient = true
  var addsOverBatch = true
  var takesMeanForBias = false
  var hiddenReLU = true
  var secondReLU = true
  var lastReLU = false
  var cutsGradient = true
  var dividesGradient = true
  var dividesLoss = true
  var isStable = true
  var rateFalls = true
  var restartsSteps = false
  var restartsMeans = false
  var correctsMeans = true
  var beta2 = 0.999
  var epsilonIsUnderRoot = false
  var readsPlaces = true
  var givesOldWeights = false

  var answer: YourOwnCNNExercise.Answer {
    let network = self
    return YourOwnCNNExercise.Answer(
      convolved: { network.convolved($0, $1, $2) },
      convolvedGradients: { network.convolvedGradients($0, $1, $2) }, pooled: { network.pooled($0) },
      pooledGradient: { network.pooledGradient($0, $1, $2) }, scores: { network.scores($0, $1) },
      loss: { network.loss($0, $1, $2) }, train: { network.train($0, $1, $2, $3, $4) })
  }
}

// The parts.
extension OwnCNN {
  /// - Parameter weight: Which weight lies on place `(a, b)` of a window.
  static func convolved(
    _ x: Tensor, _ w: Tensor, _ bias: Tensor, padding: (_ k: Int) -> Int = { ($0 - 1) / 2 },
    channels: (_ count: Int) -> Range<Int> = { 0..<$0 }, image: (_ n: Int) -> Int = { $0 },
    weight: (_ a: Int, _ b: Int, _ k: Int) -> (Int, Int) = { a, b, _ in (a, b) }
  ) -> Tensor {
    let (height, width, k) = (x.shape[2], x.shape[3], w.shape[2])
    let p = padding(k)
    var y = Tensor.zeros([x.shape[0], w.shape[0], height, width])
    forEachPlace(of: y.shape) { n, o, i, j in
      var sum = Double(bias[o])
      for c in channels(w.shape[1]) {
        for a in 0..<k where (0..<height).contains(i + a - p) {
          for b in 0..<k where (0..<width).contains(j + b - p) {
            let place = weight(a, b, k)
            sum += Double(w[o, c, place.0, place.1]) * Double(x[image(n), c, i + a - p, j + b - p])
          }
        }
      }
      y[n, o, i, j] = Float(sum)
    }
    return y
  }

  func convolvedGradients(_ dy: Tensor, _ x: Tensor, _ w: Tensor) -> (Tensor, Tensor, Tensor) {
    let (height, width, k) = (x.shape[2], x.shape[3], w.shape[2])
    let p = (k - 1) / 2
    var (dx, dw, db) = (Tensor.zeros(x.shape), Tensor.zeros(w.shape), Tensor.zeros([w.shape[0]]))
    OwnCNN.forEachPlace(of: dy.shape) { n, o, i, j in
      let slope = dy[n, o, i, j]
      if addsOverBatch || n == dy.shape[0] - 1 { db[o] += slope }
      for c in 0..<w.shape[1] {
        for a in 0..<k where (0..<height).contains(i + a - p) {
          for b in 0..<k where (0..<width).contains(j + b - p) {
            let (row, column) = (i + a - p, j + b - p)
            dx[n, c, row, column] +=
              slope * (turnsInputGradient ? w[o, c, a, b] : w[o, c, k - 1 - a, k - 1 - b])
            if addsOverBatch || n == dy.shape[0] - 1 { dw[o, c, a, b] += slope * x[n, c, row, column] }
          }
        }
      }
    }
    return (dx, dw, takesMeanForBias ? db / Float(dy.shape[0] * height * width) : db)
  }

  /// - Parameter replaces: Whether a number takes the place of the largest so far.
  static func pooled(
    _ x: Tensor, by replaces: (_ number: Float, _ largest: Float) -> Bool = { $0 > $1 }
  ) -> (Tensor, [Int]) {
    let (height, width) = (x.shape[2], x.shape[3])
    var y = Tensor.zeros([x.shape[0], x.shape[1], height / 2, width / 2])
    var places: [Int] = []
    forEachPlace(of: y.shape) { n, c, i, j in
      var (row, column) = (2 * i, 2 * j)
      for (a, b) in [(0, 1), (1, 0), (1, 1)]
      where replaces(x[n, c, 2 * i + a, 2 * j + b], x[n, c, row, column]) {
        (row, column) = (2 * i + a, 2 * j + b)
      }
      y[n, c, i, j] = x[n, c, row, column]
      places.append(((n * x.shape[1] + c) * height + row) * width + column)
    }
    return (y, places)
  }

  static func pooledGradient(_ dy: Tensor, _ places: [Int], _ shape: [Int]) -> Tensor {
    var dx = [Float](repeating: 0, count: shape.reduce(1, *))
    for (index, place) in places.enumerated() { dx[place] += dy.scalars[index] }
    return Tensor(dx, shape: shape)
  }

  private static func forEachPlace(of shape: [Int], _ body: (Int, Int, Int, Int) -> Void) {
    for n in 0..<shape[0] {
      for c in 0..<shape[1] { for i in 0..<shape[2] { for j in 0..<shape[3] { body(n, c, i, j) } } }
    }
  }
}

// The network.
extension OwnCNN {
  private struct Forward {
    var first, second, flat, hidden, scores: Tensor
    var pooledFirst, pooledSecond: (Tensor, [Int])
  }

  private func forward(_ images: Tensor, _ weights: [Tensor]) -> Forward {
    func relu(_ x: Tensor, _ isThere: Bool = true) -> Tensor { isThere ? x.map { max(0, $0) } : x }
    func linear(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
      var y = Tensor.zeros([x.shape[0], w.shape[0]])
      for n in 0..<x.shape[0] {
        for o in 0..<w.shape[0] {
          y[n, o] = Float((0..<w.shape[1]).reduce(Double(b[o])) { $0 + Double(x[n, $1]) * Double(w[o, $1]) })
        }
      }
      return y
    }
    let first = relu(convolved(images, weights[0], weights[1]))
    let pooledFirst = pooled(first)
    let second = relu(convolved(pooledFirst.0, weights[2], weights[3]), secondReLU)
    let pooledSecond = pooled(second)
    let flat = pooledSecond.0.flattened(from: 1)
    let hidden = relu(linear(flat, weights[4], weights[5]), hiddenReLU)
    return Forward(
      first: first, second: second, flat: flat, hidden: hidden,
      scores: relu(linear(hidden, weights[6], weights[7]), lastReLU), pooledFirst: pooledFirst,
      pooledSecond: pooledSecond)
  }

  func scores(_ images: Tensor, _ weights: [Tensor]) -> Tensor { forward(images, weights).scores }

  func loss(_ images: Tensor, _ targets: [Int], _ weights: [Tensor]) -> (Float, [Tensor]) {
    let forward = forward(images, weights)
    let classes = forward.scores.shape[1]
    var (loss, dscores) = (0.0, forward.scores)
    for (n, target) in targets.enumerated() {
      let scores = (0..<classes).map { Double(forward.scores[n, $0]) }
      let shift = isStable ? scores.max()! : 0
      let powers = scores.map { isStable ? exp($0 - shift) : Double(exp(Float($0))) }
      let sum = powers.reduce(0, +)
      loss += log(sum) + shift - scores[target]
      for c in 0..<classes {
        dscores[n, c] = Float(
          (powers[c] / sum - (c == target ? 1 : 0)) / (dividesGradient ? Double(targets.count) : 1))
      }
    }

    func cut(_ dy: Tensor, _ y: Tensor) -> Tensor {
      cutsGradient ? Tensor(zip(dy.scalars, y.scalars).map { $1 > 0 ? $0 : 0 }, shape: dy.shape) : dy
    }
    func linear(_ dy: Tensor, _ x: Tensor, _ w: Tensor) -> (dx: Tensor, dw: Tensor, db: Tensor) {
      var (dx, dw, db) = (Tensor.zeros(x.shape), Tensor.zeros(w.shape), Tensor.zeros([w.shape[0]]))
      for n in 0..<x.shape[0] {
        for o in 0..<w.shape[0] {
          db[o] += dy[n, o]
          for i in 0..<w.shape[1] {
            dx[n, i] += dy[n, o] * w[o, i]
            dw[o, i] += dy[n, o] * x[n, i]
          }
        }
      }
      return (dx, dw, db)
    }
    let last = linear(dscores, forward.hidden, weights[6])
    let hidden = linear(cut(last.dx, forward.hidden), forward.flat, weights[4])
    let dsecond = pooledGradient(
      hidden.dx.reshaped(forward.pooledSecond.0.shape), forward.pooledSecond.1, forward.second.shape)
    let second = convolvedGradients(cut(dsecond, forward.second), forward.pooledFirst.0, weights[2])
    let dfirst = pooledGradient(second.0, forward.pooledFirst.1, forward.first.shape)
    let first = convolvedGradients(cut(dfirst, forward.first), images, weights[0])
    return (
      Float(dividesLoss ? loss / Double(targets.count) : loss),
      [first.1, first.2, second.1, second.2, hidden.dw, hidden.db, last.dw, last.db]
    )
  }

  func train(
    _ images: Tensor, _ targets: [Int], _ epochs: [[[Int]]], _ weights: [Tensor], _ learningRate: Float
  ) -> ([[Tensor]], [Float]) {
    let size = images.shape.dropFirst().reduce(1, *)
    let steps = epochs.reduce(0) { $0 + $1.count }
    var now = weights.map { $0.scalars.map(Double.init) }
    var (means, squares) = (now.map { $0.map { _ in 0.0 } }, now.map { $0.map { _ in 0.0 } })
    var (after, losses): ([[Tensor]], [Float]) = ([], [])
    func tensors() -> [Tensor] { zip(now, weights).map { Tensor($0.map(Float.init), shape: $1.shape) } }
    for epoch in epochs {
      let before = tensors()
      if restartsMeans {
        (means, squares) = (means.map { $0.map { _ in 0 } }, squares.map { $0.map { _ in 0 } })
      }
      for (index, batch) in epoch.enumerated() {
        let places = readsPlaces ? batch : Array(batch.indices)
        let chosen = places.flatMap { images.scalars[$0 * size..<($0 + 1) * size] }
        let (loss, gradients) = loss(
          Tensor(chosen, shape: [batch.count] + images.shape.dropFirst()), places.map { targets[$0] },
          tensors())
        losses.append(loss)
        let t = Double(restartsSteps ? index + 1 : losses.count)
        let rate = Double(learningRate) * (rateFalls ? 1 - Double(losses.count - 1) / Double(steps) : 1)
        let corrections = correctsMeans ? (1 - pow(0.9, t), 1 - pow(beta2, t)) : (1, 1)
        for (i, gradient) in gradients.enumerated() {
          for (place, g) in gradient.scalars.map(Double.init).enumerated() {
            means[i][place] = 0.9 * means[i][place] + 0.1 * g
            squares[i][place] = beta2 * squares[i][place] + (1 - beta2) * g * g
            let square = squares[i][place] / corrections.1
            let root = epsilonIsUnderRoot ? (square + 1e-8).squareRoot() : square.squareRoot() + 1e-8
            now[i][place] -= rate * (means[i][place] / corrections.0) / root
          }
        }
      }
      after.append(givesOldWeights ? before : tensors())
    }
    return (after, losses)
  }
}
