import Foundation
import Tensors

// Milliseconds of the convolution's forward and backward, for the article's network and for layers of well-known
// ones: by transforms, by the product with the matrix of windows, and as the engine chooses.

func tensor(_ shape: [Int], _ seed: UInt64) -> Tensor {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  let count = shape.reduce(1, *)
  return Tensor(
    (0..<count).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
    }, shape: shape)
}

/// The best of several rounds: what other processes do to the machine is not of interest here.
func milliseconds(_ rounds: Int, _ body: () -> Void) -> Double {
  body()
  var times: [Double] = []
  for _ in 0..<rounds {
    let start = DispatchTime.now().uptimeNanoseconds
    body()
    times.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6)
  }
  return times.min()!
}

struct Layer {
  let name: String
  let batch: Int, channels: Int, size: Int, filters: Int, kernel: Int, padding: Int
  var pools = false
  var needsInput = true
}

let article = [64, 256].flatMap { batch in
  [
    Layer(
      name: "article 1", batch: batch, channels: 1, size: 28, filters: 32, kernel: 5, padding: 2, pools: true,
      needsInput: false),
    Layer(
      name: "article 2", batch: batch, channels: 32, size: 14, filters: 64, kernel: 5, padding: 2, pools: true
    ),
  ]
}
let others = [
  Layer(
    name: "LeNet 1", batch: 64, channels: 1, size: 28, filters: 6, kernel: 5, padding: 2, needsInput: false),
  Layer(name: "LeNet 2", batch: 64, channels: 6, size: 14, filters: 16, kernel: 5, padding: 0),
  Layer(
    name: "CIFAR 1", batch: 64, channels: 3, size: 32, filters: 32, kernel: 5, padding: 2, needsInput: false),
  Layer(name: "CIFAR 3x3", batch: 64, channels: 32, size: 32, filters: 32, kernel: 3, padding: 1),
  Layer(name: "digits 3x3", batch: 64, channels: 8, size: 28, filters: 16, kernel: 3, padding: 1),
  Layer(name: "small 8x8", batch: 64, channels: 64, size: 8, filters: 64, kernel: 3, padding: 1),
  Layer(name: "AlexNet 2", batch: 8, channels: 64, size: 27, filters: 192, kernel: 5, padding: 2),
  Layer(name: "AlexNet 3", batch: 8, channels: 192, size: 13, filters: 384, kernel: 3, padding: 1),
  Layer(name: "AlexNet 4", batch: 32, channels: 384, size: 13, filters: 256, kernel: 3, padding: 1),
  Layer(
    name: "VGG 1.1", batch: 2, channels: 3, size: 224, filters: 64, kernel: 3, padding: 1, needsInput: false),
  Layer(name: "VGG 1.2", batch: 2, channels: 64, size: 224, filters: 64, kernel: 3, padding: 1),
  Layer(name: "VGG 2.2", batch: 2, channels: 128, size: 112, filters: 128, kernel: 3, padding: 1),
  Layer(name: "VGG 3.2", batch: 2, channels: 256, size: 56, filters: 256, kernel: 3, padding: 1),
  Layer(name: "VGG 4.2", batch: 2, channels: 512, size: 28, filters: 512, kernel: 3, padding: 1),
  Layer(name: "one image", batch: 1, channels: 32, size: 14, filters: 64, kernel: 5, padding: 2),
  Layer(name: "7x7", batch: 16, channels: 32, size: 28, filters: 32, kernel: 7, padding: 3),
]

let arguments = CommandLine.arguments.dropFirst()
let wanted = arguments.filter { !$0.hasPrefix("-") }
let rounds = arguments.contains("--long") ? 101 : 9
if let threads = arguments.first(where: { $0.hasPrefix("--threads=") }) {
  Parallel.threads = Int(threads.dropFirst(10))!
}
let methods: [(String, ConvolutionMethod?)] = [
  ("windows", .windows), ("transforms", .transforms), ("direct", .direct), ("chosen", nil),
]

print(
  "layer, batch".padding(toLength: 22, withPad: " ", startingAt: 0), "forward, backward ms by",
  methods.map(\.0))
for layer in article + others where wanted.isEmpty || wanted.contains(where: { layer.name.contains($0) }) {
  let x = tensor([layer.batch, layer.channels, layer.size, layer.size], 1)
  let w = tensor([layer.filters, layer.channels, layer.kernel, layer.kernel], 2)
  let b = tensor([layer.filters], 3)
  let g = ConvolutionGeometry(
    input: x.shape, weight: w.shape, padding: Size2d(layer.padding, layer.padding))
  let dy = tensor(
    layer.pools ? [layer.batch, layer.filters, layer.size / 2, layer.size / 2] : g.outputShape, 4)
  var line = "\(layer.name), \(layer.batch)".padding(toLength: 22, withPad: " ", startingAt: 0)
  for (_, method) in methods {
    ConvolutionMethod.$forced.withValue(method) {
      var route: [UInt8] = []
      let forward = milliseconds(rounds) {
        if layer.pools { route = convolveReluPool2(g, x, w, b).route } else { _ = convolve(g, x, w, b) }
      }
      let backward = milliseconds(rounds) {
        if layer.pools {
          _ = convolveReluPool2Backward(
            g, dy: dy, route: route, x: x, weight: w, needsInput: layer.needsInput, needsWeight: true,
            needsBias: true)
        } else {
          _ = convolveBackward(
            g, dy: dy, x: x, weight: w, needsInput: layer.needsInput, needsWeight: true, needsBias: true)
        }
      }
      line += String(format: "  %9.3f %9.3f", forward, backward)
    }
  }
  print(line)
}
