// 10.13  A small GPT, of your own parts                            (the book: chapter 10, section 10.9)
//
// Your own attention, norm, backward passes and optimiser learn to write, in under a minute. Much of it you have written in
// this chapter: copy it, and change it where this asks for a little more.
//
//     symbols → rows of E + rows of P → blocks → norm → times Eᵀ → scores for the next symbol
//
//     weights   [E, P,  g₁, W_a, W_o, g₂, W₁, W₂ of each block,  g]
//               E [V, D]    P [C, D]    g₁, g₂, g [D]    W_a [3D, D]    W_o [D, D]    W₁ [F, D]    W₂ [D, F]
//
//     x_t = E[symbol t] + P[t]
//     block:    y = x + heads( norm(x, g₁) W_aᵀ ) W_oᵀ          x ← y + relu( norm(y, g₂) W₁ᵀ ) W₂ᵀ
//     scores_t = norm(x_t, g) Eᵀ
//
// The block is that of exercise 10.8 with a ReLU; norms divide by √(σ² + 10⁻⁵), and heads are causal. E is used twice, at the
// beginning and at the end, and so has a gradient from both.
//
//     windows   lists of T + 1 symbols, T ≤ C: the first T are read, the last T are the targets
//     loss      the mean cross-entropy over all N·T places; scores may be large
//     optimiser AdamW, β₁ = 0.9, β₂ = 0.99, ε = 10⁻⁸; t counts the steps from 1:
//               w ← w − η_t ( m̂/(√v̂ + ε) + λ w )          λ w only for matrices: not for g₁, g₂, g
//
// For example, no block at all, V = D = 2: E = 1 −1, 0 2 (two rows), P = 0 0, g = 1 1, and the window 0 1:
//
//     x = 1 −1      norm = 1 −1      scores = 1·1 + 1, 0 − 2 = 2, −2      loss = ln(e² + e⁻²) + 2 = 4.018
//
// Speed decides here. Do all windows at once: products of matrices with N·T rows, and `matmul` also multiplies many pairs of
// matrices, [N, H, T, S] by [N, H, S, U]. Take `scalars` out of tensors once, before a loop. This file is compiled for speed.
// The checks go from part to part on small networks, and only then train.

import Foundation
import Practice

// BEGIN SOLUTION
/// A norm on its way: what came out, x̂, and 1/σ of each row.
private struct Normed {
  let y, normed: Tensor
  let inverse: [Float]

  init(_ x: Tensor, _ g: Tensor) {
    let (count, width) = (x.shape[0], x.shape[1])
    var numbers = x.scalars
    var inverse = [Float](repeating: 0, count: count)
    for t in 0..<count {
      let row = t * width..<(t + 1) * width
      var mean: Float = 0
      for i in row { mean += numbers[i] }
      mean /= Float(width)
      var variance: Float = 0
      for i in row { variance += (numbers[i] - mean) * (numbers[i] - mean) }
      inverse[t] = 1 / (variance / Float(width) + 1e-5).squareRoot()
      for i in row { numbers[i] = (numbers[i] - mean) * inverse[t] }
    }
    normed = Tensor(numbers, shape: x.shape)
    y = normed * g
    self.inverse = inverse
  }

  /// The gradients at x and at g.
  func back(_ dy: Tensor, _ g: Tensor) -> (dx: Tensor, dg: Tensor) {
    let width = g.count
    var dx = (dy * g).scalars
    let hat = normed.scalars
    for t in inverse.indices {
      let row = t * width..<(t + 1) * width
      var (first, second): (Float, Float) = (0, 0)
      for i in row {
        first += dx[i]
        second += dx[i] * hat[i]
      }
      (first, second) = (first / Float(width), second / Float(width))
      for i in row { dx[i] = (dx[i] - first - hat[i] * second) * inverse[t] }
    }
    return (Tensor(dx, shape: dy.shape), (dy * normed).sum(axis: 0))
  }
}

/// One block on its way, with all that the way back needs.
private struct Block {
  let weights: [Tensor]
  let count, steps, heads, size: Int
  let norm1, norm2: Normed
  let q, k, v, p, mixed, hidden, z: Tensor

  init(_ x: Tensor, _ weights: [Tensor], count: Int, heads: Int) {
    let (steps, width) = (x.shape[0] / count, x.shape[1])
    let size = width / heads
    (self.weights, self.count, self.steps, self.heads, self.size) = (weights, count, steps, heads, size)
    norm1 = Normed(x, weights[0])
    let parts = matmul(norm1.y, weights[1].transposed()).reshaped([count, steps, 3, heads, size])
      .permuted([2, 0, 3, 1, 4])
    (q, k, v) = (parts.row(0), parts.row(1), parts.row(2))
    let scores = matmul(q, k.transposed())
    var p = scores.scalars
    let scale = 1 / Float(size).squareRoot()
    for row in 0..<count * heads * steps {
      let (first, t) = (row * steps, row % steps)
      var largest = p[first]
      for s in 0...t { largest = max(largest, p[first + s]) }
      var sum: Float = 0
      for s in 0...t {
        p[first + s] = exp((p[first + s] - largest) * scale)
        sum += p[first + s]
      }
      for s in 0..<steps { p[first + s] = s <= t ? p[first + s] / sum : 0 }
    }
    self.p = Tensor(p, shape: scores.shape)
    mixed = matmul(self.p, v).permuted([0, 2, 1, 3]).reshaped([count * steps, width])
    let y = x + matmul(mixed, weights[2].transposed())
    norm2 = Normed(y, weights[3])
    hidden = matmul(norm2.y, weights[4].transposed()).map { max(0, $0) }
    z = y + matmul(hidden, weights[5].transposed())
  }

  /// The gradients at x and at the six weights.
  func back(_ dz: Tensor) -> (dx: Tensor, gradients: [Tensor]) {
    let dhidden = matmul(dz, weights[5]) * hidden.map { $0 > 0 ? 1 : 0 }
    let (through2, dg2) = norm2.back(matmul(dhidden, weights[4]), weights[3])
    let dy = dz + through2

    let dmixed = matmul(dy, weights[2]).reshaped([count, steps, heads, size]).permuted([0, 2, 1, 3])
    let dv = matmul(p.transposed(), dmixed)
    let dp = matmul(dmixed, v.transposed())
    let sums = (p * dp).sum(axis: 3).reshaped([count, heads, steps, 1])
    let ds = p * (dp - sums) / Float(size).squareRoot()
    let all = [matmul(ds, k), matmul(ds.transposed(), q), dv].flatMap { $0.scalars }
    let da = Tensor(all, shape: [3, count, heads, steps, size]).permuted([1, 3, 0, 2, 4])
      .reshaped([count * steps, 3 * heads * size])
    let (through1, dg1) = norm1.back(matmul(da, weights[1]), weights[0])
    return (
      dy + through1,
      [
        dg1, matmul(da.transposed(), norm1.y), matmul(dy.transposed(), mixed), dg2,
        matmul(dhidden.transposed(), norm2.y), matmul(dz.transposed(), hidden),
      ]
    )
  }
}

/// The network on its way through a batch.
private struct Reading {
  let blocks: [Block]
  let norm: Normed
  /// `[N·T, V]`
  let scores: Tensor

  init(_ ids: [[Int]], _ weights: [Tensor], heads: Int) {
    let width = weights[0].shape[1]
    let (symbols, places) = (weights[0].scalars, weights[1].scalars)
    var numbers: [Float] = []
    for row in ids {
      for (t, id) in row.enumerated() {
        for d in 0..<width { numbers.append(symbols[id * width + d] + places[t * width + d]) }
      }
    }
    var x = Tensor(numbers, shape: [numbers.count / width, width])
    var blocks: [Block] = []
    for first in stride(from: 2, to: weights.count - 1, by: 6) {
      blocks.append(Block(x, Array(weights[first..<first + 6]), count: ids.count, heads: heads))
      x = blocks[blocks.count - 1].z
    }
    self.blocks = blocks
    norm = Normed(x, weights[weights.count - 1])
    scores = matmul(norm.y, weights[0].transposed())
  }
}
// INSTEAD
// // Your own smaller functions may stand here.
// END SOLUTION

/// The scores of the next symbol at every place, `[N, T, V]`. All lists are equally long.
func gptScores(_ ids: [[Int]], weights: [Tensor], heads: Int) throws -> Tensor {
  // BEGIN SOLUTION
  return Reading(ids, weights, heads: heads).scores.reshaped([ids.count, ids[0].count, weights[0].shape[0]])
  // END SOLUTION
}

/// The loss of a batch of windows, and its gradient with respect to each of the weights.
func gptLoss(
  _ windows: [[Int]], weights: [Tensor], heads: Int
) throws -> (loss: Float, gradients: [Tensor]) {
  // BEGIN SOLUTION
  let ids = windows.map { Array($0.dropLast()) }
  let targets = windows.flatMap { $0.dropFirst() }
  let reading = Reading(ids, weights, heads: heads)
  let symbols = weights[0].shape[0]
  var d = reading.scores.scalars
  var loss: Float = 0
  for (row, target) in targets.enumerated() {
    let first = row * symbols
    let largest = d[first..<first + symbols].max()!
    let score = d[first + target]
    var sum: Float = 0
    for i in first..<first + symbols {
      d[i] = exp(d[i] - largest)
      sum += d[i]
    }
    loss += log(sum) + largest - score
    for i in first..<first + symbols { d[i] /= sum * Float(targets.count) }
    d[first + target] -= 1 / Float(targets.count)
  }
  let dscores = Tensor(d, shape: reading.scores.shape)
  var (dx, dg) = reading.norm.back(matmul(dscores, weights[0]), weights[weights.count - 1])
  var gradients = [dg]
  for block in reading.blocks.reversed() {
    let (before, own) = block.back(dx)
    dx = before
    gradients = own + gradients
  }
  let width = weights[0].shape[1]
  var table = matmul(dscores.transposed(), reading.norm.y).scalars
  var places = [Float](repeating: 0, count: weights[1].count)
  let numbers = dx.scalars
  for (row, id) in ids.joined().enumerated() {
    let t = row % ids[0].count
    for i in 0..<width {
      table[id * width + i] += numbers[row * width + i]
      places[t * width + i] += numbers[row * width + i]
    }
  }
  return (
    loss / Float(targets.count),
    [Tensor(table, shape: weights[0].shape), Tensor(places, shape: weights[1].shape)] + gradients
  )
  // END SOLUTION
}

/// Trains the network: the weights at the end, and the loss of every batch before its step.
///
/// At each step the windows begin at the places `starts` of the text, and read `length` symbols. `rates` has η of each step.
func trainGPT(
  _ text: [Int], starts: [[Int]], length: Int, weights: [Tensor], heads: Int, rates: [Float], decay: Float
) throws -> (weights: [Tensor], losses: [Float]) {
  // BEGIN SOLUTION
  var weights = weights
  var (means, squares) = (weights.map { Tensor.zeros($0.shape) }, weights.map { Tensor.zeros($0.shape) })
  var losses: [Float] = []
  for (places, rate) in zip(starts, rates) {
    let windows = places.map { Array(text[$0...$0 + length]) }
    let (loss, gradients) = try gptLoss(windows, weights: weights, heads: heads)
    losses.append(loss)
    let step = Float(losses.count)
    for (i, g) in gradients.enumerated() {
      means[i] = 0.9 * means[i] + 0.1 * g
      squares[i] = 0.99 * squares[i] + 0.01 * (g * g)
      let root = (squares[i] / (1 - pow(0.99, step))).map { $0.squareRoot() + 1e-8 }
      var change = means[i] / (1 - pow(0.9, step)) / root
      if weights[i].rank == 2 { change = change + decay * weights[i] }
      weights[i] = weights[i] - rate * change
    }
  }
  return (weights, losses)
  // END SOLUTION
}
