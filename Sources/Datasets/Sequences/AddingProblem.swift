import Tensors

/// The adding problem: a sequence of random numbers of which two are marked, and the sum of these two is asked for.
///
///     xₜ = (uₜ, mₜ)    uₜ even from [0, 1);  mₜ = 1 at two steps, one in each half, else 0
///     y  = u_i + u_j   where m_i = m_j = 1
///
/// All but two of the numbers are noise. The first that counts lies 3/4 T steps before the end, on average, and has to be
/// carried there. Always answering 1, the mean, has a mean squared error of 1/6, the variance of the sum.
///
/// A sequence is a function of (seed, index) alone, so there are as many as one wants, and any can be made again.
///
/// - PyTorch: no counterpart in `torch`.
/// - Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997, experiment 4, with
///   numbers from [−1, 1); in this form Le, Jaitly, Hinton, "A simple way to initialize recurrent networks of rectified
///   linear units", arXiv 1504.00941, 2015.
/// - Book: chapter 5.
public struct AddingProblem: Sendable, Equatable {
  /// How many steps a sequence has, T.
  public let length: Int
  /// What the sequences depend on, beside their index.
  public let seed: UInt64

  /// Traps when `length` is below 2: there would be no room for two marks.
  public init(length: Int, seed: UInt64) {
    if length < 2 { trap("AddingProblem: two marks need at least 2 steps, given \(length)") }
    (self.length, self.seed) = (length, seed)
  }

  /// The mean squared error of answering 1 to everything: 1/6.
  public static let baseline = 1.0 / 6

  /// One sequence.
  public struct Example: Sendable, Equatable {
    /// `uₜ`, T of them.
    public let numbers: [Float]
    /// The two marked steps, the earlier first.
    public let marks: (first: Int, second: Int)
    /// The sum of the two marked numbers, from 0 to 2.
    public var sum: Float { numbers[marks.first] + numbers[marks.second] }

    public static func == (a: Example, b: Example) -> Bool { a.numbers == b.numbers && a.marks == b.marks }
  }

  /// Sequence number `index`.
  public func example(_ index: UInt64) -> Example {
    var stream = RandomStream(seed: seed, stream: Self.streams &+ index)
    let half = length / 2
    let marks = (stream.integer(below: half), half + stream.integer(below: length - half))
    return Example(numbers: (0..<length).map { _ in stream.uniform() }, marks: marks)
  }

  /// Sequences side by side, as recurrent layers take them.
  ///
  /// - Returns: `inputs`, `[T, N, 2]`: the number and the mark of each step; `sums`, `[N, 1]`.
  public func batch(_ indices: Range<UInt64>) -> (inputs: Tensor, sums: Tensor) {
    let count = indices.count
    var inputs = Tensor.zeros([length, count, 2])
    var sums = Tensor.zeros([count, 1])
    for (n, index) in indices.enumerated() {
      let example = example(index)
      for t in 0..<length { inputs[t, n, 0] = example.numbers[t] }
      inputs[example.marks.first, n, 1] = 1
      inputs[example.marks.second, n, 1] = 1
      sums[n, 0] = example.sum
    }
    return (inputs, sums)
  }

  /// Where the streams of sequences begin: beyond those for the orders of batches.
  private static let streams: UInt64 = 1 << 42
}
