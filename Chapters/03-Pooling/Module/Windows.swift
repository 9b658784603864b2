/// The windows of a pooling along one axis: along the rows of a map, or along its columns.
///
/// All poolings are one walk over windows. They differ in where the windows lie, and in what is made of the numbers in
/// them: `maxPool` and `averagePool`.
///
/// - Book: chapter 3.
public struct Windows: Sendable, Equatable {
  /// How many numbers lie along the axis, `n`.
  public let count: Int
  /// The numbers that each window holds: what lies inside the map.
  public let spans: [Range<Int>]
  /// How long each window is, with what lies in the border.
  public let lengths: [Int]

  /// Windows of one size that slide along.
  ///
  ///     window i:  i s − p …  i s − p + k − 1,      i = 0 … ⌊(n + 2 p − k) / s⌋
  ///
  /// What does not fill a window at the end is left out.
  ///
  /// - Parameters:
  ///   - n: How many numbers there are.
  ///   - k: The window's size.
  ///   - s: The stride; the window's size when nil, so that the windows lie side by side.
  ///   - p: The padding, at most half of the window. Traps otherwise: a window could lie in the border as a whole.
  /// - PyTorch: `kernel_size`, `stride` and `padding`; its `ceil_mode` is not here.
  public static func sliding(over n: Int, size k: Int, stride s: Int? = nil, padding p: Int = 0) -> Windows {
    let s = s ?? k
    guard k >= 1, s >= 1, p >= 0, 2 * p <= k, k <= n + 2 * p else {
      fatalError("Windows: size \(k), stride \(s), padding \(p) do not go with \(n) numbers")
    }
    let firsts = (0...(n + 2 * p - k) / s).map { i in i * s - p }
    return Windows(
      count: n, spans: firsts.map { max($0, 0)..<min($0 + k, n) },
      lengths: firsts.map { _ in k })
  }

  /// As many windows as results are wanted, which share the axis out as evenly as can be.
  ///
  ///     window i:  ⌊i n / m⌋ …  ⌈(i + 1) n / m⌉ − 1,      i = 0 … m − 1
  ///
  /// - Parameters:
  ///   - n: How many numbers there are.
  ///   - m: How many results there are to be. Traps when it is less than 1.
  /// - PyTorch: the rule of `adaptive_avg_pool2d`.
  public static func adaptive(over n: Int, to m: Int) -> Windows {
    guard n >= 1, m >= 1 else { fatalError("Windows: \(n) numbers cannot be shared out over \(m) results") }
    let spans = (0..<m).map { i in i * n / m..<((i + 1) * n + m - 1) / m }
    return Windows(count: n, spans: spans, lengths: spans.map(\.count))
  }

  /// One window that holds everything: global pooling.
  public static func whole(_ n: Int) -> Windows { sliding(over: n, size: n) }
}

/// How many maps there are, when `count` numbers are maps of the given size one after the other. Traps when the last
/// is not whole.
func mapCount(_ count: Int, _ height: Int, _ width: Int, _ what: String) -> Int {
  guard height > 0, width > 0, count % (height * width) == 0 else {
    fatalError("\(what): \(count) numbers are no maps of \(height)×\(width)")
  }
  return count / (height * width)
}
