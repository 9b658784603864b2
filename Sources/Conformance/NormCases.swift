import Autograd
import Layers
import Tensors

let normCases: [String: CaseHandler] = [
  "layer_norm": { golden in
    let shape = try golden.integers(option: "normalized_shape")
    let epsilon = Float(try golden.number("eps"))
    let names = try golden.flag("affine") ? ["input", "weight", "bias"] : ["input"]
    try checkOutput(golden, of: names) { leaves in
      layerNorm(
        leaves[0], normalizedShape: shape, weight: leaves.count > 1 ? leaves[1] : nil,
        bias: leaves.count > 2 ? leaves[2] : nil, epsilon: epsilon)
    }
  },
  "rms_norm": { golden in
    let shape = try golden.integers(option: "normalized_shape")
    let epsilon = Float(try golden.number("eps"))
    let names = try golden.flag("affine") ? ["input", "weight"] : ["input"]
    try checkOutput(golden, of: names) { leaves in
      rmsNorm(leaves[0], normalizedShape: shape, weight: leaves.count > 1 ? leaves[1] : nil, epsilon: epsilon)
    }
  },
  "group_norm": { golden in
    let groups = try golden.integer("num_groups")
    let epsilon = Float(try golden.number("eps"))
    let names = try golden.flag("affine") ? ["input", "weight", "bias"] : ["input"]
    try checkOutput(golden, of: names) { leaves in
      groupNorm(
        leaves[0], groups: groups, weight: leaves.count > 1 ? leaves[1] : nil,
        bias: leaves.count > 2 ? leaves[2] : nil,
        epsilon: epsilon)
    }
  },
  "batch_norm": { golden in
    let (epsilon, momentum) = (Float(try golden.number("eps")), Float(try golden.number("momentum")))
    let isTraining = try golden.flag("training")
    let channels = try golden.tensor("weight").count
    let norm: BatchNorm =
      try golden.integer("dims") == 1
      ? BatchNorm1d(features: channels, epsilon: epsilon, momentum: momentum)
      : BatchNorm2d(features: channels, epsilon: epsilon, momentum: momentum)
    norm.train(isTraining)
    try checkModule(golden, norm, inputs: ["input"], given: ["num_batches_tracked": Tensor(0)]) {
      norm($0[0])
    }
    if isTraining {
      try golden.compare("running_mean_after", norm.runningMean.value)
      try golden.compare("running_var_after", norm.runningVar.value)
    }
  },
]

/// A module with the file's parameters: its output, and the gradients at its inputs and parameters.
func checkModule(
  _ golden: GoldenCase, _ module: Module, inputs names: [String], given: [String: Tensor] = [:],
  _ function: ([Variable]) throws -> Variable
) throws {
  try module.load(
    try module.state.map { name, _ in (name: name, tensor: try given[name] ?? golden.tensor(name)) })
  try checkOutput(golden, of: names, function)
  for (name, parameter) in module.namedParameters { try golden.compareGradient(of: name, parameter) }
}
