import Autograd

let linearCases: [String: CaseHandler] = [
  "linear": { golden in
    let x = try golden.leaf("input")
    let weight = try golden.leaf("weight")
    let bias = try golden.flag("bias") ? golden.leaf("bias") : nil
    let y = linear(x, weight, bias: bias)
    try golden.compare("output", y.value)
    y.backward(from: try golden.upstream("output", shape: y.shape))
    try golden.compareGradient(of: "input", x)
    try golden.compareGradient(of: "weight", weight)
    if let bias { try golden.compareGradient(of: "bias", bias) }
  }
]
