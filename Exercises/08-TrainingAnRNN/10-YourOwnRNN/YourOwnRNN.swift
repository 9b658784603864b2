// 8.10  The article's classifier, of your own parts                (the book: chapter 8, section 8.10)
//
// Your own embedding, LSTM, loss, backward passes and optimiser learn to tell praise from complaint, in under a minute. Much
// of it you have written in earlier exercises: copy it, and change it where this asks for a little more.
//
//     words → rows of E → LSTM, from a state of zeros → its output after the text's own last word → linear → scores
//
//     weights   [E, U, R, b, W, c]      E [V, D]    U [4H, D]    R [4H, H]    b [4H]    W [C, H]    c [C]
//
//     a = U xₜ + R hₜ₋₁ + b             four blocks of H numbers, in the order i, f, g, o
//     i = σ(a_i)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)
//     cₜ = f cₜ₋₁ + i g                 hₜ = o tanh(cₜ)
//
//     texts     lists of word numbers, each at least one word; the texts of a batch may differ in length
//     loss      the mean cross-entropy of the scores; they may be large
//     optimiser Adam, with β₁ = 0.9, β₂ = 0.999, ε = 1e−8; t counts all steps of all epochs from 1, and m and v go on from
//               epoch to epoch. The learning rate falls: η (1 − (t − 1)/T) at step t of T in all.
//
// There is one bias b where PyTorch has two that are added. For example, H = D = 1, one word with x = 1, U = (0, 0, 1, 0),
// R and b all 0:
//
//     a = 0 0 1 0     i = ½   f = ½   g = tanh 1 = 0.7616   o = ½     c₁ = 0.3808     h₁ = ½ tanh 0.3808 = 0.1817
//
// Speed decides here. Do all texts of a batch at once: at step t those that have a t-th word, one row each, and two products
// of matrices give all their gates. Take `scalars` out of tensors once, before a loop. This file is compiled for speed.
// `matmul(a, b)`, `transposed()`, `sum(axis:)` and + − * / are allowed. The checks go from part to part on small networks, and
// only then train.

import Foundation
import Practice

// BEGIN SOLUTION
/// What one step of a batch has seen: all that the way back needs.
private struct Step {
  /// The texts that have a word here, by their places in the batch.
  let texts: [Int]
  let words: [Int]
  /// `[n, D]` and `[n, H]`, before the step.
  let x, h: Tensor
  /// The cell before, the gates behind their functions, and the cell after; n rows each.
  let before, gates, after: [Float]
}

/// A batch read from beginning to end.
private struct Reading {
  var steps: [Step] = []
  /// The last output of each text, `[N, H]`.
  var h: Tensor
  var scores: Tensor

  init(_ texts: [[Int]], _ weights: [Tensor]) {
    let (width, size) = (weights[0].shape[1], weights[2].shape[1])
    let table = weights[0].scalars
    let (u, r) = (weights[1].transposed(), weights[2].transposed())
    var h = [Float](repeating: 0, count: texts.count * size)
    var c = h
    for t in 0..<(texts.map(\.count).max() ?? 0) {
      let active = texts.indices.filter { texts[$0].count > t }
      let words = active.map { texts[$0][t] }
      let x = Tensor(
        words.flatMap { table[$0 * width..<($0 + 1) * width] }, shape: [active.count, width])
      let previous = Tensor(
        active.flatMap { h[$0 * size..<($0 + 1) * size] }, shape: [active.count, size])
      var gates = (matmul(x, u) + matmul(previous, r) + weights[3]).scalars
      var (before, after): ([Float], [Float]) = ([], [])
      for (row, n) in active.enumerated() {
        for j in 0..<size {
          let place = row * 4 * size + j
          for gate in [0, 1, 3] {
            gates[place + gate * size] = 1 / (1 + exp(-gates[place + gate * size]))
          }
          gates[place + 2 * size] = tanh(gates[place + 2 * size])
          let old = c[n * size + j]
          let new = gates[place + size] * old + gates[place] * gates[place + 2 * size]
          before.append(old)
          after.append(new)
          c[n * size + j] = new
          h[n * size + j] = gates[place + 3 * size] * tanh(new)
        }
      }
      steps.append(
        Step(
          texts: active, words: words, x: x, h: previous, before: before, gates: gates, after: after))
    }
    self.h = Tensor(h, shape: [texts.count, size])
    scores = matmul(self.h, weights[4].transposed()) + weights[5]
  }
}
// INSTEAD
// // Your own smaller functions may stand here.
// END SOLUTION

/// The network's scores for a batch of texts, `[N, C]`.
func rnnScores(_ texts: [[Int]], weights: [Tensor]) throws -> Tensor {
  // BEGIN SOLUTION
  return Reading(texts, weights).scores
  // END SOLUTION
}

/// The loss of a batch, and its gradient with respect to each of the six weights.
func rnnLoss(
  _ texts: [[Int]], targets k: [Int], weights: [Tensor]
) throws -> (loss: Float, gradients: [Tensor]) {
  // BEGIN SOLUTION
  let reading = Reading(texts, weights)
  let (width, size) = (weights[0].shape[1], weights[2].shape[1])
  let count = Float(k.count)
  var loss: Float = 0
  var dscores = reading.scores
  for n in k.indices {
    let scores = (0..<dscores.shape[1]).map { reading.scores[n, $0] }
    let largest = scores.max()!
    let sum = scores.reduce(0) { $0 + exp($1 - largest) }
    loss += (log(sum) + largest - scores[k[n]]) / count
    for c in scores.indices {
      dscores[n, c] = (exp(scores[c] - largest) / sum - (c == k[n] ? 1 : 0)) / count
    }
  }

  var table = [Float](repeating: 0, count: weights[0].scalars.count)
  var (du, dr) = (Tensor.zeros(weights[1].shape), Tensor.zeros(weights[2].shape))
  var db = Tensor.zeros(weights[3].shape)
  var dh = matmul(dscores, weights[4]).scalars
  var dc = [Float](repeating: 0, count: dh.count)
  for step in reading.steps.reversed() {
    var da = [Float](repeating: 0, count: step.gates.count)
    for (row, n) in step.texts.enumerated() {
      for j in 0..<size {
        let place = row * 4 * size + j
        let (i, f) = (step.gates[place], step.gates[place + size])
        let (g, o) = (step.gates[place + 2 * size], step.gates[place + 3 * size])
        let squashed = tanh(step.after[row * size + j])
        let slope = dh[n * size + j]
        let cell = dc[n * size + j] + slope * o * (1 - squashed * squashed)
        da[place] = cell * g * i * (1 - i)
        da[place + size] = cell * step.before[row * size + j] * f * (1 - f)
        da[place + 2 * size] = cell * i * (1 - g * g)
        da[place + 3 * size] = slope * squashed * o * (1 - o)
        dc[n * size + j] = cell * f
      }
    }
    let rows = Tensor(da, shape: [step.texts.count, 4 * size])
    let columns = rows.transposed()
    du = du + matmul(columns, step.x)
    dr = dr + matmul(columns, step.h)
    db = db + rows.sum(axis: 0)
    let dx = matmul(rows, weights[1]).scalars
    let back = matmul(rows, weights[2]).scalars
    for (row, n) in step.texts.enumerated() {
      for d in 0..<width { table[step.words[row] * width + d] += dx[row * width + d] }
      for j in 0..<size { dh[n * size + j] = back[row * size + j] }
    }
  }
  return (
    loss,
    [
      Tensor(table, shape: weights[0].shape), du, dr, db, matmul(dscores.transposed(), reading.h),
      dscores.sum(axis: 0),
    ]
  )
  // END SOLUTION
}

/// Trains the network: the weights after each epoch, and the loss of every batch before its step.
///
/// An epoch is a list of batches, and a batch lists the places of its texts.
func trainRNN(
  _ texts: [[Int]], targets k: [Int], epochs: [[[Int]]], weights: [Tensor], learningRate: Float
) throws -> (afterEachEpoch: [[Tensor]], losses: [Float]) {
  // BEGIN SOLUTION
  let steps = epochs.reduce(0) { $0 + $1.count }
  var weights = weights
  var (means, squares) = (weights.map { Tensor.zeros($0.shape) }, weights.map { Tensor.zeros($0.shape) })
  var afterEachEpoch: [[Tensor]] = []
  var losses: [Float] = []
  for epoch in epochs {
    for batch in epoch {
      let (loss, gradients) = try rnnLoss(
        batch.map { texts[$0] }, targets: batch.map { k[$0] }, weights: weights)
      losses.append(loss)
      let step = Float(losses.count)
      let rate = learningRate * (1 - (step - 1) / Float(steps))
      for (i, g) in gradients.enumerated() {
        means[i] = 0.9 * means[i] + 0.1 * g
        squares[i] = 0.999 * squares[i] + 0.001 * (g * g)
        let meanHat = means[i] / (1 - pow(0.9, step))
        let squareHat = squares[i] / (1 - pow(0.999, step))
        weights[i] = weights[i] - rate * meanHat / (squareHat.map { $0.squareRoot() } + 1e-8)
      }
    }
    afterEachEpoch.append(weights)
  }
  return (afterEachEpoch, losses)
  // END SOLUTION
}
