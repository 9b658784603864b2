/// One part of a model, described by its configuration alone: no weight is made to count it.
///
/// A model is a row of parts, and four questions can be asked of each: how many parameters it has, what shape it makes
/// of a shape, how many multiplications and additions that takes, and how many numbers it leaves behind for the way
/// back. The answers stand in a file each.
///
///     let mlp = Part.row([.linear(784, 128), .activation, .linear(128, 10)])
///     mlp.parameters              // 101,770
///     mlp.operations([784])       // 203,264
///
/// - Book: chapter 1.
public indirect enum Part: Sendable, Equatable {
  // Layers of images. Shapes are [C, H, W].

  /// A convolution with windows of `kernel`×`kernel`. Each group of outputs sees its own group of inputs only.
  case convolution(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1,
    bias: Bool = true)
  /// A convolution whose filters see different numbers of channels: `inputs` says how many each sees. LeNet-5 has one.
  case partialConvolution(inputs: [Int], kernel: Int)
  /// The means of squares that do not overlap, each channel with a factor and a bias to learn. LeNet-5 has two.
  case subsampling(channels: Int, kernel: Int)
  case pooling(kernel: Int, stride: Int, padding: Int = 0)
  /// One number for each channel: the mean of all its places.
  case globalPooling
  case batchNorm(Int)
  /// A square of `size`×`size` pixels for each step of a sequence: [C, H, W] → [T, C · size²], row by row.
  case patches(size: Int)

  // Layers of sequences. Shapes are [T] for tokens and [T, D] for vectors.

  /// A vector of `width` numbers for each of `count` tokens.
  case embedding(_ count: Int, width: Int)
  /// `count` numbers that are learned and added, such as a vector for each position.
  case learned(_ count: Int)
  /// A vector that is learned and put in front of the sequence.
  case classToken(width: Int)
  /// The first vector of the sequence, or the last.
  case oneStep
  case lstm(_ inputs: Int, hidden: Int)
  case gru(_ inputs: Int, hidden: Int)
  /// Attention with its four products: queries, keys, values, and what comes out.
  ///
  /// - Parameters:
  ///   - width: `D`, of what goes in and of what comes out.
  ///   - heads: How many heads ask.
  ///   - keyHeads: How many heads are asked; each serves `heads / keyHeads` of those that ask.
  ///   - headWidth: The numbers of a head.
  ///   - memory: The length of another sequence that is asked, or nil where the sequence asks itself.
  case attention(
    width: Int, heads: Int, keyHeads: Int, headWidth: Int, bias: Bool = true, memory: Int? = nil)
  /// The mean and the deviation of each vector are taken out: gains and biases.
  case layerNorm(Int)
  /// The length of each vector is taken out: gains alone.
  case rmsNorm(Int)

  // Layers of anything.

  /// A linear layer for a vector, or for each vector of a sequence.
  case linear(_ inputs: Int, _ outputs: Int, bias: Bool = true)
  /// A function of each number: ReLU, tanh, GELU and the like.
  case activation
  /// All numbers in one vector.
  case flatten

  // What parts are put together with.

  case row([Part])
  /// `x + body(x)`, or `shortcut(x) + body(x)`.
  case residual([Part], shortcut: [Part] = [])
  /// `a(x) · b(x)`, number by number.
  case product([Part], [Part])
  /// Two parts with the same input, of which the second gives the result: an encoder beside its decoder.
  case beside([Part], [Part])
  /// A part whose weights are another's, or are not learned: it has work, but no parameters.
  case borrowed(Part)
}
