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
  },
  "conv1d": { golden in
    let (stride, padding) = (try golden.integer("stride"), try golden.integer("padding"))
    let (dilation, groups) = (try golden.integer("dilation"), try golden.integer("groups"))
    let kernel = try golden.integer("kernel_size")
    try checkOutput(golden, of: try withBias(golden)) { leaves in
      if leaves[1].shape.last != kernel {
        throw CaseFault("weight \(leaves[1].shape) and kernel \(kernel) differ")
      }
      return conv1d(
        leaves[0], leaves[1], bias: leaves.count > 2 ? leaves[2] : nil, stride: stride, padding: padding,
        dilation: dilation, groups: groups)
    }
  },
  "conv_transpose2d": { golden in
    let (stride, padding) = (try golden.size2d("stride"), try golden.size2d("padding"))
    let (extra, dilation) = (try golden.size2d("output_padding"), try golden.size2d("dilation"))
    let (kernel, groups) = (try golden.size2d("kernel_size"), try golden.integer("groups"))
    try checkOutput(golden, of: try withBias(golden)) { leaves in
      if Array(leaves[1].shape.suffix(2)) != [kernel.height, kernel.width] {
        throw CaseFault("weight \(leaves[1].shape) and kernel \(kernel) differ")
      }
      return convTranspose2d(
        leaves[0], leaves[1], bias: leaves.count > 2 ? leaves[2] : nil, stride: stride, padding: padding,
        outputPadding: extra, dilation: dilation, groups: groups)
    }
  },
]

private func withBias(_ golden: GoldenCase) throws -> [String] {
  ["input", "weight"] + (try golden.flag("bias") ? ["bias"] : [])
}

extension GoldenCase {
  /// The gradient that the file starts from at `result`, checked to have its shape.
  func upstream(_ result: String, shape: [Int]) throws -> Tensor {
    let dy = try tensor("grad_\(result)")
    if dy.shape != shape { throw CaseFault("`grad_\(result)` has shape \(dy.shape), the result \(shape)") }
    return dy
  }
}
