// Where the next number along an axis lies. Everything that walks over axes takes its steps from here.

extension Tensor {
  /// For each axis of `shape`, how far one step along it goes among numbers that lie row by row.
  ///
  ///     [2, 3, 4]  →  [12, 4, 1]
  static func steps(of shape: [Int]) -> [Int] {
    var steps = [Int](repeating: 1, count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      steps[axis] = steps[axis + 1] * shape[axis + 1]
    }
    return steps
  }

  /// For each axis of `target`, how far one step along it goes in a tensor of shape `source` that stretches to it: not
  /// at all along an axis that `source` lacks, or has at size 1.
  ///
  ///     [3, 1] to [2, 3, 4]  →  [0, 1, 0]
  static func steps(of source: [Int], stretchedTo target: [Int]) -> [Int] {
    var steps = [Int](repeating: 0, count: target.count)
    var step = 1
    for i in 1...max(source.count, 1) where i <= source.count {
      let size = source[source.count - i]
      steps[target.count - i] = size == 1 ? 0 : step
      step *= size
    }
    return steps
  }
}
