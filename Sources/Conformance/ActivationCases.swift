import Autograd

let activationCases: [String: CaseHandler] = [
  "relu": { golden in try checkElementwise(golden) { relu($0) } }
]

/// A function of one tensor: output, and the gradient at the input.
func checkElementwise(_ golden: GoldenCase, _ function: (Variable) throws -> Variable) throws {
  let x = try golden.leaf("input")
  let y = try function(x)
  try golden.compare("output", y.value)
  y.backward(from: try golden.upstream("output", shape: y.shape))
  try golden.compareGradient(of: "input", x)
}
