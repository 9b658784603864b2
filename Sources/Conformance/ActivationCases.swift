import Autograd
import Tensors

let activationCases: [String: CaseHandler] = [
  "relu": { golden in try checkElementwise(golden) { relu($0) } },
  "sigmoid": { golden in try checkElementwise(golden) { sigmoid($0) } },
  "tanh": { golden in try checkElementwise(golden) { tanh($0) } },
  "silu": { golden in try checkElementwise(golden) { silu($0) } },
  "softplus": { golden in try checkElementwise(golden) { softplus($0) } },
  "gelu": { golden in
    try golden.require("approximate", oneOf: "none", "tanh")
    let approximate = try golden.optionIfPresent("approximate") == "tanh"
    try checkElementwise(golden) { gelu($0, tanhApproximation: approximate) }
  },
  "leaky_relu": { golden in
    let slope = Float(try golden.number("negative_slope"))
    try checkElementwise(golden) { leakyReLU($0, slope: slope) }
  },
  "elu": { golden in
    let alpha = Float(try golden.number("alpha"))
    try checkElementwise(golden) { elu($0, alpha: alpha) }
  },
  "softmax": { golden in
    let axis = try golden.integer("dim")
    try checkElementwise(golden) { softmax($0, axis: axis) }
  },
  "log_softmax": { golden in
    let axis = try golden.integer("dim")
    try checkElementwise(golden) { logSoftmax($0, axis: axis) }
  },
]

/// A function of one tensor: output, and the gradient at the input.
func checkElementwise(_ golden: GoldenCase, _ function: (Variable) throws -> Variable) throws {
  try checkOutput(golden, of: ["input"]) { try function($0[0]) }
}

/// A function of some of the file's tensors: the output, and the gradients at them.
func checkOutput(_ golden: GoldenCase, of names: [String], _ function: ([Variable]) throws -> Variable) throws
{
  let inputs = try names.map { try golden.leaf($0) }
  let y = try function(inputs)
  try golden.compare("output", y.value)
  y.backward(from: try golden.upstream("output", shape: y.shape))
  for (name, input) in zip(names, inputs) { try golden.compareGradient(of: name, input) }
}
