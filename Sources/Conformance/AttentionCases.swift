import Autograd
import Layers
import Tensors

let attentionCases: [String: CaseHandler] = [
  "scaled_dot_product_attention": { golden in
    let isCausal = try golden.flag("causal")
    let scale = Float(try golden.number("scale"))
    let mask = try golden.flag("mask") ? try golden.mask("mask") : nil
    try checkOutput(golden, of: ["query", "key", "value"]) {
      scaledDotProductAttention($0[0], $0[1], $0[2], mask: mask, isCausal: isCausal, scale: scale)
    }
  },
  "multihead_attention": { golden in
    let attention = MultiHeadAttention(
      dimension: try golden.integer("embed_dim"), heads: try golden.integer("num_heads"))
    let isCausal = try golden.flag("causal")
    try golden.require("batch_first", oneOf: "true")
    try golden.require("attn_weights", oneOf: "mean over heads")
    let names = try golden.flag("cross") ? ["query", "memory"] : ["query"]
    try checkModule(golden, attention, inputs: names) { inputs in
      let (y, weights) = attention.attend(
        inputs[0], memory: inputs.count > 1 ? inputs[1] : nil, isCausal: isCausal)
      try golden.compare("attn_weights", weights)
      return y
    }
  },
  "transformer_encoder_layer": { golden in
    try golden.require("activation", oneOf: "relu", "gelu")
    try golden.require("batch_first", oneOf: "true")
    let layer = TransformerEncoderLayer(
      dimension: try golden.integer("d_model"), heads: try golden.integer("nhead"),
      feedForward: try golden.integer("dim_feedforward"), dropout: Float(try golden.number("dropout")),
      activation: try golden.option("activation") == "gelu" ? .gelu : .relu,
      epsilon: Float(try golden.number("eps")), normFirst: try golden.flag("norm_first"))
    let isCausal = try golden.flag("causal")
    try checkModule(golden, layer, inputs: ["input"]) { layer($0[0], isCausal: isCausal) }
  },
]
