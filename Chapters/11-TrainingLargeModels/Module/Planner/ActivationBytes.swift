/// What is computed again on the way back, instead of being kept.
///
/// - Source: Chen, Xu, Zhang, Guestrin, "Training deep nets with sublinear memory cost", 2016; Korthikanti and others,
///   2022, for the selective one.
public enum Recomputation: String, Sendable, CaseIterable {
  /// All is kept.
  case none
  /// Attention's scores are not: they are large and cheap.
  case selective
  /// Of a block only its input is kept.
  case full
}

/// The bytes that one block of a Transformer keeps for the way back, for one microbatch, on one device.
///
/// Numbers have 2 bytes, dropout's masks 1. For a GPT of width `h` with `a` heads, and `b` sequences of `s` tokens:
///
///     attention                11 s b h + 5 a s² b
///     perceptron               19 s b h
///     two norms                 4 s b h
///     together                  s b h (34 + 5 a s / h)
///     on `t` devices            s b h (10 + 24 / t + 5 a s / (h t))
///     and the sequence cut too  all of it divided by t
///
/// Other widths inside the block, fewer heads of keys, a gate and no dropout follow from the same parts.
///
/// - Source: Korthikanti, Casper, Lym, McAfee, Andersch, Shoeybi, Catanzaro, "Reducing activation recomputation in large
///   Transformer models", 2022, section 4.
/// - Book: section 11.6.
public struct ActivationBytes: Sendable, Equatable {
  /// What every device of a tensor-parallel group keeps in full: the inputs of norms and products, and dropout's masks.
  public let whole: Double
  /// What is cut into `t` pieces with the weights.
  public let cut: Double
  /// Attention's scores: what selective recomputation computes again.
  public let scores: Double
  /// The block's input: all that full recomputation keeps.
  public let input: Double

  /// - Parameters:
  ///   - sequences: `b`, the sequences of a microbatch.
  ///   - hasDropout: Whether masks are kept: a GPT's recipe has dropout, Llama's has none.
  public init(of shape: TransformerShape, sequences: Int, hasDropout: Bool) {
    let sb = Double(shape.length * sequences)
    let h = Double(shape.width)
    let q = Double(shape.heads * shape.headWidth)
    let kv = Double(shape.keyHeads * shape.headWidth)
    let f = Double(shape.hidden)
    let mask = hasDropout ? 1.0 : 0
    let norms = 2 * 2 * h
    let inputsOfProducts = 2 * 2 * h
    let masks = 2 * mask * h
    whole = sb * (norms + inputsOfProducts + masks)
    // Queries, keys and values, and the mixture that goes into the last product; what is inside the perceptron.
    let attention = 2 * q + 2 * 2 * kv + 2 * q
    let perceptron = shape.isGated ? 4 * 2 * f : 2 * 2 * f
    cut = sb * (attention + perceptron)
    // The softmax's result, and with dropout the mask and what is left.
    scores = sb * Double(shape.length * shape.heads) * (2 + 3 * mask)
    input = sb * 2 * h
  }

  /// The bytes of one block.
  ///
  /// - Parameters:
  ///   - tensor: `t`, the devices that share the block.
  ///   - cutsSequence: Whether what they would all keep in full is shared too, by the sequence's steps.
  public func bytes(tensor t: Int, cutsSequence: Bool, recomputing: Recomputation) -> Double {
    let t = Double(t)
    let share = cutsSequence ? t : 1
    switch recomputing {
    case .none: return whole / share + cut / t + scores / t
    case .selective: return whole / share + cut / t
    case .full: return input / share
    }
  }
}
