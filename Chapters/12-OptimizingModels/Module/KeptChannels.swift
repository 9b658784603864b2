import Engine

/// The channels that stay when those with the least weights go, in their order; at least one does.
///
/// - Parameters:
///   - weight: `[O, …]`: row `o` is what channel `o` is made with.
///   - amount: The share to take away, from 0 to 1.
/// - Book: section 12.2.
public func keptChannels(of weight: Tensor, _ amount: Double) -> [Int] {
  let mask = channelMask(of: weight, amount: amount).reshaped([weight.shape[0], -1])
  let kept = (0..<weight.shape[0]).filter { mask[$0, 0] != 0 }
  return kept.isEmpty ? [0] : kept
}

extension Tensor {
  /// Some places along the first two axes, in the order given; nil for all.
  func selecting(_ outputs: [Int]?, _ inputs: [Int]?) -> Tensor {
    let rows = outputs ?? Array(0..<shape[0])
    if rank == 1 { return Tensor(rows.map { self[$0] }) }
    let columns = inputs ?? Array(0..<shape[1])
    let (inner, depth, old) = (shape[2...].reduce(1, *), shape[1], scalars)
    let picked = rows.flatMap { o in
      columns.flatMap { c -> ArraySlice<Float> in
        let first = (o * depth + c) * inner
        return old[first..<first + inner]
      }
    }
    return Tensor(picked, shape: [rows.count, columns.count] + shape[2...])
  }
}

extension Linear {
  /// Takes a part of a larger layer's weights.
  func take(from layer: Linear, inputs: [Int]? = nil, outputs: [Int]? = nil) {
    weight.value = layer.weight.value.selecting(outputs, inputs)
    bias!.value = layer.bias!.value.selecting(outputs, nil)
  }
}

extension Conv2d {
  /// Takes a part of a larger layer's filters.
  func take(from layer: Conv2d, inputs: [Int]? = nil, outputs: [Int]? = nil) {
    weight.value = layer.weight.value.selecting(outputs, inputs)
    bias!.value = layer.bias!.value.selecting(outputs, nil)
  }
}
