import Autograd
import Layers
import Tensors

let embeddingCases: [String: CaseHandler] = [
  "embedding": { golden in
    let padding = try golden.optionIfPresent("padding_idx").map { text in
      guard let index = Int(text) else {
        throw CaseFault("`padding_idx` is `\(text)`, a whole number was expected")
      }
      return index
    }
    let ids = try golden.integers("ids")
    let layer = Embedding(
      count: try golden.integer("num_embeddings"), dimension: try golden.integer("embedding_dim"),
      paddingIndex: padding)
    try checkModule(golden, layer, inputs: []) { _ in layer(ids) }
  }
]
