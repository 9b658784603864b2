import Autograd
import Tensors

let poolingCases: [String: CaseHandler] = [
  "max_pool2d": { golden in
    let x = try golden.leaf("input")
    let kernel = try golden.size2d("kernel_size")
    let (stride, padding) = (try golden.size2d("stride"), try golden.size2d("padding"))
    let dilation = try golden.size2d("dilation")
    let ceilMode = try golden.flag("ceil_mode")
    let y = maxPool2d(
      x, kernelSize: kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
    try golden.compare("output", y.value)
    y.backward(from: try golden.upstream("output", shape: y.shape))
    try golden.compareGradient(of: "input", x)
    let geometry = PoolingGeometry(
      "maxPool2d", input: x.shape, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
      ceilMode: ceilMode)
    let (pooled, indices) = maxPool2d(geometry, x.value)
    try golden.compare("indices", IntTensor(indices.map { Int($0) }, shape: pooled.shape))
  },
  "avg_pool2d": { golden in
    let kernel = try golden.size2d("kernel_size")
    let (stride, padding) = (try golden.size2d("stride"), try golden.size2d("padding"))
    let ceilMode = try golden.flag("ceil_mode")
    let includesPadding = try golden.flag("count_include_pad")
    try checkElementwise(golden) {
      avgPool2d(
        $0, kernelSize: kernel, stride: stride, padding: padding, ceilMode: ceilMode,
        includesPadding: includesPadding)
    }
  },
  "adaptive_avg_pool2d": { golden in
    let size = try golden.size2d("output_size")
    try checkElementwise(golden) { adaptiveAvgPool2d($0, outputSize: size) }
  },
]
