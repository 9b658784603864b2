import Datasets
import Tensors

/// Generated digits small enough to learn in a moment: each block of 4 × 4 pixels made one, as rows of 49 numbers.
///
/// - Returns: The images, `[count, 49]`, with pixels from 0 to 1, and what digit each one is.
public func smallDigits(count: Int, seed: UInt64) -> (images: Tensor, labels: [Int]) {
  let set = ImageSet.generatedDigits(count: count, seed: seed)
  let images = set.batch(Array(0..<count)).images.reshaped([count * 7, 4, 7, 4])
  return (images.sum(axis: 1).sum(axis: 2).reshaped([count, 49]) / 16, set.labels)
}

/// The places from 0 to `count` − 1 in batches, in a new order for every epoch; the last batch may be smaller.
public func shuffledBatches(of count: Int, size: Int, epochs: Int, seed: UInt64) -> [[[Int]]] {
  var inputs = Inputs(seed: seed)
  return (0..<epochs).map { _ in
    let order = inputs.order(of: count)
    return stride(from: 0, to: count, by: size).map { Array(order[$0..<min($0 + size, count)]) }
  }
}
