/// The same part many times over, each time with weights of its own.
func repeated(_ count: Int, _ part: Part) -> [Part] { [Part](repeating: part, count: count) }

extension Part {
  /// The first Transformer's block, and BERT's: each half's result is added to its input and then normed.
  ///
  /// - Source: Vaswani and others, "Attention is all you need", 2017, section 3.1.
  public static func postNormBlock(width: Int, heads: Int, hidden: Int) -> Part {
    .row([
      .residual([selfAttention(width, heads)]), .layerNorm(width),
      .residual([perceptron(width, hidden)]), .layerNorm(width),
    ])
  }

  /// GPT-2's block, and most after it: each half norms its input first.
  public static func preNormBlock(width: Int, heads: Int, hidden: Int) -> Part {
    .row([
      .residual([.layerNorm(width), selfAttention(width, heads)]),
      .residual([.layerNorm(width), perceptron(width, hidden)]),
    ])
  }

  /// Llama's block: `down(silu(gate(x)) · up(x))` for a perceptron, no biases, and `keyHeads` heads of keys and values
  /// that `heads` heads of queries share.
  ///
  /// - Source: Shazeer, "GLU variants improve Transformer", 2020; Ainslie and others, "GQA: training generalized
  ///   multi-query Transformer models from multi-head checkpoints", 2023.
  public static func gatedBlock(width: Int, heads: Int, keyHeads: Int, hidden: Int) -> Part {
    .row([
      .residual([
        .rmsNorm(width),
        .attention(
          width: width, heads: heads, keyHeads: keyHeads, headWidth: width / heads, bias: false),
      ]),
      .residual([
        .rmsNorm(width),
        .product(
          [.linear(width, hidden, bias: false), .activation], [.linear(width, hidden, bias: false)]),
        .linear(hidden, width, bias: false),
      ]),
    ])
  }

  private static func selfAttention(_ width: Int, _ heads: Int) -> Part {
    .attention(width: width, heads: heads, keyHeads: heads, headWidth: width / heads)
  }

  private static func perceptron(_ width: Int, _ hidden: Int) -> Part {
    .row([.linear(width, hidden), .activation, .linear(hidden, width)])
  }
}
