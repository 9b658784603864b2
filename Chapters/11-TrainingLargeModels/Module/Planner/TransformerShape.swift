import Chapter01BigAndSmall

/// What a planner has to know of a Transformer beyond its counts: how many equal blocks it has, and how wide they are.
///
/// It is read off the model's description, which counts parameters and operations by itself (chapter 1). The shape says
/// where a model can be cut: heads among devices, blocks among stages.
///
/// - Book: section 11.6.
public struct TransformerShape: Sendable, Equatable {
  /// `L`, how many blocks.
  public let layers: Int
  /// `h`, the width.
  public let width: Int
  /// `a`, heads that ask.
  public let heads: Int
  /// Heads that are asked; as many as `heads`, or fewer, which then serve several.
  public let keyHeads: Int
  /// The numbers of a head.
  public let headWidth: Int
  /// `f`, the width inside the perceptron: `4 h` in a GPT.
  public let hidden: Int
  /// Whether the perceptron has a gate beside it: Llama's.
  public let isGated: Bool
  /// `s`, the length of a sequence, in tokens.
  public let length: Int
  /// `V`, how many tokens there are.
  public let vocabulary: Int
  /// The parameters of one block.
  public let blockParameters: Int

  /// The shape of a description; nil where it is no row of equal blocks with attention: a CNN, an encoder with a decoder.
  public init?(of model: ModelDescription) {
    let blocks = model.parts.filter { $0.all.contains { $0.isAttention } }
    guard let block = blocks.first, blocks.allSatisfy({ $0 == block }), model.input.count == 1 else {
      return nil
    }
    let inside = block.all
    let attentions = inside.compactMap { part -> (width: Int, heads: Int, keyHeads: Int, headWidth: Int)? in
      if case .attention(let width, let heads, let keyHeads, let headWidth, _, nil) = part {
        return (width, heads, keyHeads, headWidth)
      }
      return nil
    }
    let linears = inside.compactMap { part -> Int? in
      if case .linear(_, let outputs, _) = part { outputs } else { nil }
    }
    guard attentions.count == 1, let attention = attentions.first, let hidden = linears.first else {
      return nil
    }
    let vocabularies = model.parts.compactMap { part -> Int? in
      if case .embedding(let count, _) = part { count } else { nil }
    }
    (width, heads, keyHeads, headWidth) = attention
    self.hidden = hidden
    isGated = inside.contains { if case .product = $0 { true } else { false } }
    layers = blocks.count
    length = model.input[0]
    vocabulary = vocabularies.first ?? 0
    blockParameters = block.parameters
  }
}

extension Part {
  /// This part and all that it is put together from.
  fileprivate var all: [Part] {
    switch self {
    case .row(let parts): [self] + parts.flatMap(\.all)
    case .residual(let a, let b), .product(let a, let b), .beside(let a, let b):
      [self] + a.flatMap(\.all) + b.flatMap(\.all)
    case .borrowed(let part): [self] + part.all
    default: [self]
    }
  }

  fileprivate var isAttention: Bool { if case .attention = self { true } else { false } }
}
