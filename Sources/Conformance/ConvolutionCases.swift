import Autograd
import Tensors

let convolutionCases: [String: CaseHandler] = [
  "conv2d": { golden in
    let x = try golden.leaf("input")
    let weight = try golden.leaf("weight")
    let bias = try golden.flag("bias") ? golden.leaf("bias") : nil
    let kernel = try golden.size2d("kernel_size")
    if weight.shape.count != 4 || weight.shape[2] != kernel.height || weight.shape[3] != kernel.width {
      throw CaseFault("weight \(weight.shape) and kernel \(kernel) differ")
    }
    let y = conv2d(
      x, weight, bias: bias, stride: try golden.size2d("stride"), padding: try golden.size2d("padding"),
      dilation: try golden.size2d("dilation"), groups: try golden.integer("groups"))
    try golden.compare("output", y.value)
    y.backward(from: try golden.upstream("output", shape: y.shape))
    try golden.compareGradient(of: "input", x)
    try golden.compareGradient(of: "weight", weight)
    if let bias { try golden.compareGradient(of: "bias", bias) }
  }
]

extension GoldenCase {
  /// The gradient that the file starts from at `result`, checked to have its shape.
  func upstream(_ result: String, shape: [Int]) throws -> Tensor {
    let dy = try tensor("grad_\(result)")
    if dy.shape != shape { throw CaseFault("`grad_\(result)` has shape \(dy.shape), the result \(shape)") }
    return dy
  }
}
