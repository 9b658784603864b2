import Autograd
import Layers
import Tensors
import Training

let gptCases: [String: CaseHandler] = [
  "tied_gpt": { golden in
    try golden.require("decay_on", oneOf: "matrices")
    try golden.require("bias", oneOf: "false")
    try golden.require("tied", oneOf: "true")
    try golden.require("gelu", oneOf: "none")
    try golden.require("order", oneOf: "clip before step; norms are before clipping")
    let model = try TiedGPT(golden)
    var settings = try golden.adamWSettings()
    let matrices = ParameterGroup(model.all.filter { $0.rank >= 2 }, settings)
    settings.weightDecay = 0
    let optimizer = AdamW(groups: [matrices, ParameterGroup(model.all.filter { $0.rank < 2 }, settings)])
    let (ids, target) = (try golden.integers("ids"), try golden.integers("target"))
    let limit = try golden.number("clip_norm")
    let places = IntTensor(target.scalars)
    var (losses, norms) = ([Float](), [Float]())
    for step in 0..<(try golden.integer("steps")) {
      let logits = try model(ids)
      if step == 0 { try golden.compare("logits0", logits.value) }
      let loss = crossEntropy(logits.reshaped([places.count, logits.shape[2]]), places)
      losses.append(loss.scalar)
      optimizer.clearGradients()
      loss.backward()
      if step == 0 {
        for (name, parameter) in model.parameters {
          guard let gradient = parameter.gradient else { throw CaseFault("no gradient reached `\(name)`") }
          try golden.compare("grad0.\(name)", gradient)
        }
      }
      norms.append(Float(clipGradients(of: optimizer.parameters, toNorm: limit)))
      optimizer.step()
    }
    try golden.compare("losses", Tensor(losses))
    try golden.compare("norms", Tensor(norms))
    for (name, parameter) in model.parameters { try golden.compare("final.\(name)", parameter.value) }
  }
]

/// A GPT as nanoGPT has it, without biases: what the last layer multiplies by are the characters' vectors.
private struct TiedGPT {
  /// By nanoGPT's names, in their order.
  let parameters: [(name: String, parameter: Parameter)]
  private let byName: [String: Parameter]
  private let heads: Int
  private let blocks: Int

  /// Takes its sizes and first weights from the file; a size that the weights do not have is a fault.
  init(_ golden: GoldenCase) throws {
    let (vocabulary, context) = (try golden.integer("vocab"), try golden.integer("context"))
    let width = try golden.integer("width")
    heads = try golden.integer("heads")
    blocks = try golden.integer("blocks")
    if heads < 1 || width % heads != 0 {
      throw CaseFault("a width of \(width) does not divide into \(heads) heads")
    }
    var shapes = [("wte", [vocabulary, width]), ("wpe", [context, width])]
    for block in 0..<blocks {
      let parts = [
        ("ln_1", [width]), ("c_attn", [3 * width, width]), ("c_proj", [width, width]), ("ln_2", [width]),
        ("c_fc", [4 * width, width]), ("mlp_proj", [width, 4 * width]),
      ]
      shapes += parts.map { ("h.\(block).\($0.0)", $0.1) }
    }
    shapes.append(("ln_f", [width]))
    parameters = try shapes.map { layer, shape in
      let name = "\(layer).weight"
      let value = try golden.tensor("init.\(name)")
      if value.shape != shape {
        throw CaseFault("`init.\(name)` has shape \(value.shape), \(shape) was expected")
      }
      return (name, Parameter(value))
    }
    byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.parameter) })
  }

  var all: [Parameter] { parameters.map(\.parameter) }

  private func weight(_ layer: String) -> Parameter { byName["\(layer).weight"]! }

  private func norm(_ x: Variable, _ layer: String) -> Variable {
    let weight = weight(layer)
    return layerNorm(x, normalizedShape: weight.shape, weight: weight)
  }

  /// `[N, T]` → `[N, T, V]`
  func callAsFunction(_ ids: IntTensor) throws -> Variable {
    let places = weight("wpe")
    guard ids.shape.count == 2, ids.shape[1] <= places.shape[0] else {
      throw CaseFault("`ids` has shape \(ids.shape), [N, T] with T up to \(places.shape[0]) was expected")
    }
    var x = embedding(ids, weight("wte")) + places.sliced(0..<ids.shape[1], axis: 0)
    for block in 0..<blocks {
      func part(_ name: String) -> String { "h.\(block).\(name)" }
      let projections = linear(norm(x, part("ln_1")), weight(part("c_attn")))
      let mixed = multiHeadAttention([projections], heads: heads, isCausal: true).output
      x = x + linear(mixed, weight(part("c_proj")))
      let hidden = gelu(linear(norm(x, part("ln_2")), weight(part("c_fc"))))
      x = x + linear(hidden, weight(part("mlp_proj")))
    }
    return linear(norm(x, "ln_f"), weight("wte"))
  }
}
