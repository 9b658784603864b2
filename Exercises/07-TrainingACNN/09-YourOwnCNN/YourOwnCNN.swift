// 7.9  The article's CNN, of your own parts                        (the book: chapter 7, section 7.11)
//
// Everything that trains the article's network is in your hands by now. Put it together: your own convolution, pooling,
// loss, backward passes and optimiser learn to read 2,000 digits, in under a minute. Copy what you wrote in earlier
// exercises and change it where the parts below ask for a little more: that is how it is meant.
//
//     image  → convolution w₁, b₁ → ReLU → pooling → convolution w₂, b₂ → ReLU → pooling
//            → flattened → linear w₃, b₃ → ReLU → linear w₄, b₄ → scores
//
//     weights        [w₁, b₁, w₂, b₂, w₃, b₃, w₄, b₄];  wᵢ [O, C, K, K] and [D_out, D_in], bᵢ [O] and [D_out]
//     convolution    stride 1, K odd, padding (K − 1)/2: a map is as large as the image, which need not be square
//     pooling        windows of 2 × 2, stride 2; the last row or column of an odd size is left out; of equal
//                    maxima the first counts
//     loss           the mean cross-entropy; scores may be large
//     optimiser      Adam, with β₁ = 0.9, β₂ = 0.999, ε = 1e−8; t counts all steps of all epochs from 1, and m and v
//                    go on from epoch to epoch. The learning rate falls: η (1 − (t − 1) / T) at step t of T in all.
//
// For example, a convolution of [1, 1, 1, 3] with K = 3, of whose nine weights only the middle row sees the image:
//
//     x = 1 2 4      middle row of w = 1 0 −1      b = 10      y = 10 + 0 − 2 = 8,  10 + 1 − 4 = 7,  10 + 2 − 0 = 12
//
// Speed decides here: nine tenths of the work is the two convolutions, and seven loops take an hour. Write the windows
// of an image as the columns of a matrix, and the convolution is one matmul; so is each of its gradients (2.6, 4.9,
// 4.10). `x.scalars` gives all numbers of a tensor as an array: take it once, outside of all loops. This file is
// compiled for speed. `matmul(a, b)`, `transposed()`, `sum(axis:)`, `flattened(from: 1)` and + − * / are allowed.
//
// The checks go from part to part on small networks, and only then train: a minute at the end, nothing before.

import Foundation
import Practice

// BEGIN SOLUTION
/// The runs of numbers that windows and image share: where each begins among the columns and in the image.
private func forEachRun(
  channels: Int, height: Int, width: Int, kernel k: Int,
  _ body: (_ column: Int, _ pixel: Int, _ count: Int) -> Void
) {
  let p = (k - 1) / 2
  for c in 0..<channels {
    for a in 0..<k {
      for b in 0..<k {
        let (first, end) = (max(0, p - b), min(width, width + p - b))
        if first >= end { continue }
        for i in max(0, p - a)..<max(max(0, p - a), min(height, height + p - a)) {
          body(
            (((c * k + a) * k + b) * height + i) * width + first,
            (c * height + i + a - p) * width + first + b - p, end - first)
        }
      }
    }
  }
}

/// The windows of image `n` as the columns of a matrix, [C·K·K, H·W].
private func windows(_ pixels: [Float], _ shape: [Int], image n: Int, kernel k: Int) -> Tensor {
  let (channels, height, width) = (shape[1], shape[2], shape[3])
  let base = n * channels * height * width
  var columns = [Float](repeating: 0, count: channels * k * k * height * width)
  forEachRun(channels: channels, height: height, width: width, kernel: k) { column, pixel, count in
    for j in 0..<count { columns[column + j] = pixels[base + pixel + j] }
  }
  return Tensor(columns, shape: [channels * k * k, height * width])
}

/// The maps of image `n` of a batch, [O, H·W].
private func maps(_ scalars: [Float], _ shape: [Int], image n: Int) -> Tensor {
  let size = shape[1] * shape[2] * shape[3]
  return Tensor(scalars[n * size..<(n + 1) * size], shape: [shape[1], shape[2] * shape[3]])
}

/// The gradient of ReLU's input, from its output.
private func reluGradient(_ dy: Tensor, output y: Tensor) -> Tensor {
  Tensor(zip(dy.scalars, y.scalars).map { $1 > 0 ? $0 : 0 }, shape: dy.shape)
}

private func relu(_ x: Tensor) -> Tensor { x.map { max(0, $0) } }

/// What each layer gave on the way forward: all that the way back needs.
private struct Forward {
  var first, second, hidden, scores: Tensor
  var pooledFirst, pooledSecond: (y: Tensor, places: [Int])

  init(_ images: Tensor, _ weights: [Tensor]) throws {
    first = relu(try convolved(images, weight: weights[0], bias: weights[1]))
    pooledFirst = try pooled(first)
    second = relu(try convolved(pooledFirst.y, weight: weights[2], bias: weights[3]))
    pooledSecond = try pooled(second)
    hidden = relu(matmul(pooledSecond.y.flattened(from: 1), weights[4].transposed()) + weights[5])
    scores = matmul(hidden, weights[6].transposed()) + weights[7]
  }
}
// INSTEAD
// // Your own smaller functions may stand here.
// END SOLUTION

/// A convolution of a batch: x [N, C, H, W], w [O, C, K, K], b [O] give [N, O, H, W].
func convolved(_ x: Tensor, weight w: Tensor, bias b: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  let (filters, pixels) = (w.flattened(from: 1), x.scalars)
  var y: [Float] = []
  for n in 0..<x.shape[0] {
    let columns = windows(pixels, x.shape, image: n, kernel: w.shape[2])
    y += (matmul(filters, columns) + b.reshaped([-1, 1])).scalars
  }
  return Tensor(y, shape: [x.shape[0], w.shape[0], x.shape[2], x.shape[3]])
  // END SOLUTION
}

/// The gradients of a convolution's input, weights and biases, from dy [N, O, H, W].
func convolvedGradients(
  _ dy: Tensor, input x: Tensor, weight w: Tensor
) throws -> (dx: Tensor, dw: Tensor, db: Tensor) {
  // BEGIN SOLUTION
  let filters = w.flattened(from: 1).transposed()
  let (pixels, slopes) = (x.scalars, dy.scalars)
  let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
  var dx = [Float](repeating: 0, count: pixels.count)
  var dw = Tensor.zeros([w.shape[0], filters.shape[0]])
  var db = Tensor.zeros([w.shape[0]])
  for n in 0..<x.shape[0] {
    let dmaps = maps(slopes, dy.shape, image: n)
    let columns = windows(pixels, x.shape, image: n, kernel: w.shape[2])
    dw = dw + matmul(dmaps, columns.transposed())
    db = db + dmaps.sum(axis: 1)
    let dcolumns = matmul(filters, dmaps).scalars
    let base = n * channels * height * width
    forEachRun(channels: channels, height: height, width: width, kernel: w.shape[2]) { column, pixel, count in
      for j in 0..<count { dx[base + pixel + j] += dcolumns[column + j] }
    }
  }
  return (Tensor(dx, shape: x.shape), dw.reshaped(w.shape), db)
  // END SOLUTION
}

/// Max pooling: the maxima [N, C, ⌊H/2⌋, ⌊W/2⌋], and for each the place in `x.scalars` that it came from.
func pooled(_ x: Tensor) throws -> (y: Tensor, places: [Int]) {
  // BEGIN SOLUTION
  let (maps, height, width) = (x.shape[0] * x.shape[1], x.shape[2], x.shape[3])
  let pixels = x.scalars
  var y: [Float] = []
  var places: [Int] = []
  for map in 0..<maps {
    for i in 0..<height / 2 {
      for j in 0..<width / 2 {
        let corner = (map * height + 2 * i) * width + 2 * j
        var best = corner
        for place in [corner + 1, corner + width, corner + width + 1] where pixels[place] > pixels[best] {
          best = place
        }
        y.append(pixels[best])
        places.append(best)
      }
    }
  }
  return (Tensor(y, shape: [x.shape[0], x.shape[1], height / 2, width / 2]), places)
  // END SOLUTION
}

/// The gradient of max pooling's input, which has the given shape.
func pooledGradient(_ dy: Tensor, places: [Int], shape: [Int]) throws -> Tensor {
  // BEGIN SOLUTION
  var dx = [Float](repeating: 0, count: shape.reduce(1, *))
  for (place, slope) in zip(places, dy.scalars) { dx[place] += slope }
  return Tensor(dx, shape: shape)
  // END SOLUTION
}

/// The network's scores for a batch of images [N, C, H, W].
func cnnScores(_ images: Tensor, weights: [Tensor]) throws -> Tensor {
  // BEGIN SOLUTION
  return try Forward(images, weights).scores
  // END SOLUTION
}

/// The loss of a batch, and its gradient with respect to each of the eight weights.
func cnnLoss(
  _ images: Tensor, targets t: [Int], weights: [Tensor]
) throws -> (loss: Float, gradients: [Tensor]) {
  // BEGIN SOLUTION
  let forward = try Forward(images, weights)
  let count = Float(t.count)
  var dscores = forward.scores
  var loss: Float = 0
  for n in t.indices {
    let scores = (0..<dscores.shape[1]).map { forward.scores[n, $0] }
    let largest = scores.max()!
    let sum = scores.reduce(0) { $0 + exp($1 - largest) }
    loss += (log(sum) + largest - scores[t[n]]) / count
    for c in scores.indices {
      dscores[n, c] = (exp(scores[c] - largest) / sum - (c == t[n] ? 1 : 0)) / count
    }
  }
  let dhidden = reluGradient(matmul(dscores, weights[6]), output: forward.hidden)
  let flat = forward.pooledSecond.y.flattened(from: 1)
  let dpooled = matmul(dhidden, weights[4]).reshaped(forward.pooledSecond.y.shape)
  let dsecond = try pooledGradient(dpooled, places: forward.pooledSecond.places, shape: forward.second.shape)
  let second = try convolvedGradients(
    reluGradient(dsecond, output: forward.second), input: forward.pooledFirst.y, weight: weights[2])
  let dfirst = try pooledGradient(second.dx, places: forward.pooledFirst.places, shape: forward.first.shape)
  let first = try convolvedGradients(
    reluGradient(dfirst, output: forward.first), input: images, weight: weights[0])
  return (
    loss,
    [
      first.dw, first.db, second.dw, second.db, matmul(dhidden.transposed(), flat), dhidden.sum(axis: 0),
      matmul(dscores.transposed(), forward.hidden), dscores.sum(axis: 0),
    ]
  )
  // END SOLUTION
}

/// Trains the network: the weights after each epoch, and the loss of every batch before its step.
///
/// An epoch is a list of batches, and a batch lists the places of its images.
func trainCNN(
  _ images: Tensor, targets t: [Int], epochs: [[[Int]]], weights: [Tensor], learningRate: Float
) throws -> (afterEachEpoch: [[Tensor]], losses: [Float]) {
  // BEGIN SOLUTION
  let pixels = images.scalars
  let size = images.shape.dropFirst().reduce(1, *)
  let steps = epochs.reduce(0) { $0 + $1.count }
  var weights = weights
  var (means, squares) = (weights.map { Tensor.zeros($0.shape) }, weights.map { Tensor.zeros($0.shape) })
  var afterEachEpoch: [[Tensor]] = []
  var losses: [Float] = []
  for epoch in epochs {
    for batch in epoch {
      let chosen = batch.flatMap { pixels[$0 * size..<($0 + 1) * size] }
      let (loss, gradients) = try cnnLoss(
        Tensor(chosen, shape: [batch.count] + images.shape.dropFirst()), targets: batch.map { t[$0] },
        weights: weights)
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
