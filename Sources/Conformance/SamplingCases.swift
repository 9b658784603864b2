import Tensors

let samplingCases: [String: CaseHandler] = [
  "temperature_top_k": { golden in
    let sampler = Sampler(
      temperature: Float(try golden.number("temperature")), topK: try golden.integer("k"))
    try golden.compare("probabilities", sampler.probabilities(try golden.tensor("logits")))
  }
]
