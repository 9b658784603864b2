import Autograd
import Tensors
import Training

let clippingCases: [String: CaseHandler] = [
  "clip_grad_norm": { golden in
    try golden.require("formula", oneOf: "g *= min(1, max_norm/(total_norm+1e-6))")
    let parameters = try golden.parametersWithGradients()
    let norm = clipGradients(
      of: parameters, toNorm: try golden.number("max_norm"), order: try golden.number("norm_type"))
    try golden.compare("total_norm", GoldenArray([norm], shape: []))
    try golden.compareClipped(parameters)
  },
  "clip_grad_value": { golden in
    let parameters = try golden.parametersWithGradients()
    clipGradients(of: parameters, toValue: Float(try golden.number("clip_value")))
    try golden.compareClipped(parameters)
  },
]

extension GoldenCase {
  /// `grad0`, `grad1`, …, each with a parameter of its own.
  fileprivate func parametersWithGradients() throws -> [Parameter] {
    var parameters: [Parameter] = []
    while has("grad\(parameters.count)") {
      let gradient = try tensor("grad\(parameters.count)")
      parameters.append(Parameter(Tensor.zeros(gradient.shape)))
      parameters[parameters.count - 1].setGradient(gradient)
    }
    if parameters.isEmpty { throw CaseFault("the file has no `grad0`") }
    return parameters
  }

  fileprivate func compareClipped(_ parameters: [Parameter]) throws {
    for (i, parameter) in parameters.enumerated() {
      guard let gradient = parameter.gradient else { throw CaseFault("gradient \(i) is gone") }
      try compare("clipped\(i)", gradient)
    }
  }
}
