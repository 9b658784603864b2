// 12.1  One threshold for all layers                               (the book: chapter 12, section 12.1)
//
// A layer with many inputs has small weights, a layer with few has large ones. If the smallest weights of the whole network
// went, the first would lose everything. So each weight is measured in standard deviations of its own layer, and then those
// that are smallest in that measure go, wherever they are:
//
//     σ_l² = Σ_i (w_li − mean_l)² / n_l
//     r_li = |w_li| / σ_l
//     m_li = 0 for the k smallest r of all layers together, else 1
//
//     layers   the weights of each layer, of any shapes; no layer has σ = 0
//     k        how many weights go, from 0 to all of them
//     m        a mask for each layer, of its shape
//
// Of equal r the first goes first: layer by layer, place by place.
//
// For example, [4, −2] has the mean 1 and σ = 3, so r = 4/3, 2/3. [0.1, −0.1, 0.3] has the mean 0.1 and σ = 0.1633, so
// r = 0.61, 0.61, 1.84. With k = 3 the masks are [1, 0] and [0, 0, 1]: −2 goes, and 0.3 stays.

import Practice

/// A mask for each layer: 1 for a weight that stays, 0 for one that goes.
func magnitudeMasks(_ layers: [Tensor], removing k: Int) throws -> [Tensor] {
  // BEGIN SOLUTION
  var sizes: [(layer: Int, place: Int, size: Double)] = []
  for (l, layer) in layers.enumerated() {
    let numbers = layer.scalars.map { Double($0) }
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
    for (place, number) in numbers.enumerated() {
      sizes.append((l, place, abs(number) / variance.squareRoot()))
    }
  }
  sizes.sort { ($0.size, $0.layer, $0.place) < ($1.size, $1.layer, $1.place) }
  var masks = layers.map { [Float](repeating: 1, count: $0.count) }
  for weight in sizes.prefix(k) { masks[weight.layer][weight.place] = 0 }
  return zip(masks, layers).map { Tensor($0, shape: $1.shape) }
  // END SOLUTION
}
