import Engine
import Tensors

/// One fast kernel, and the formula it stands for: the result and the gradients, part by part.
struct AccuracyCase {
  let kernel: String
  let parts: [String]
  let engine: () -> [Tensor]
  let naive: () -> [[Float]]
  let exact: () -> [[Double]]

  static func all(seed: UInt64) -> [AccuracyCase] {
    var stream = RandomStream(seed: seed)
    func normal(_ shape: Int..., deviation: Float = 1) -> Tensor {
      stream.normal(deviation: deviation, shape: shape)
    }
    return [
      convolution(
        "article 1", .direct, normal(8, 1, 28, 28), normal(32, 1, 5, 5, deviation: 0.2), 2, &stream),
      convolution(
        "article 1", .transforms, normal(8, 1, 28, 28), normal(32, 1, 5, 5, deviation: 0.2), 2, &stream),
      convolution(
        "article 2", .transforms, normal(4, 32, 14, 14), normal(64, 32, 5, 5, deviation: 0.03), 2, &stream),
      convolution(
        "article 2", .windows, normal(4, 32, 14, 14), normal(64, 32, 5, 5, deviation: 0.03), 2, &stream),
      convolution(
        "3×3", .transforms, normal(2, 32, 28, 28), normal(32, 32, 3, 3, deviation: 0.06), 1, &stream),
      convolution(
        "3×3", .winograd, normal(2, 64, 28, 28), normal(64, 64, 3, 3, deviation: 0.04), 1, &stream),
      convolution(
        "3×3, outliers", .winograd, withOutliers(normal(2, 64, 28, 28)),
        normal(64, 64, 3, 3, deviation: 0.04), 1, &stream),
      convolution(
        "7×7", .transforms, normal(1, 16, 28, 28), normal(32, 16, 7, 7, deviation: 0.03), 3, &stream),
      convolution(
        "3×3, stride 2", .windows, normal(2, 32, 28, 28), normal(32, 32, 3, 3, deviation: 0.06), 1, stride: 2,
        &stream),
      convolution(
        "3×3, stride 2", .winograd, normal(2, 64, 28, 28), normal(64, 64, 3, 3, deviation: 0.04), 1,
        stride: 2,
        &stream),
      convolution(
        "4×4, stride 2", .winograd, normal(2, 64, 28, 28), normal(64, 64, 4, 4, deviation: 0.03), 1,
        stride: 2,
        &stream),
      convolution(
        "11×11, stride 4", .phases, normal(2, 3, 63, 63), normal(32, 3, 11, 11, deviation: 0.05), 2,
        stride: 4, &stream),
      convolution(
        "depthwise", nil, normal(4, 32, 28, 28), normal(32, 1, 3, 3, deviation: 0.3), 1, groups: 32, &stream),
      linear(normal(64, 784), normal(128, 784, deviation: 0.03), normal(128), normal(64, 128)),
      recurrent(isLSTM: true, &stream),
      recurrent(isLSTM: false, &stream),
      attention(normal(4, 64, 32), normal(4, 64, 32), normal(4, 64, 32), normal(4, 64, 32)),
      softmax(normal(256, 96, deviation: 3), normal(256, 96)),
      layerNorm(normal(256, 128, deviation: 2), normal(128), normal(128), normal(256, 128)),
      gelu(normal(256, 128, deviation: 2), normal(256, 128)),
    ]
  }

  /// Every thousandth number is a thousand times as large.
  private static func withOutliers(_ x: Tensor) -> Tensor {
    let scalars = x.scalars.enumerated().map { $0.offset % 1000 == 0 ? 1000 * $0.element : $0.element }
    return Tensor(scalars, shape: x.shape)
  }

  private static func convolution(
    _ name: String, _ method: ConvolutionMethod?, _ x: Tensor, _ w: Tensor, _ padding: Int, stride: Int = 1,
    groups: Int = 1, _ stream: inout RandomStream
  ) -> AccuracyCase {
    let g = ConvolutionGeometry(
      input: x.shape, weight: w.shape, stride: Size2d(stride, stride), padding: Size2d(padding, padding),
      groups: groups)
    let bias = stream.normal(shape: [w.shape[0]])
    let dy = stream.normal(shape: g.outputShape)
    return AccuracyCase(
      kernel: "convolution \(name)" + (method.map { ", \($0)" } ?? ""),
      parts: ["y", "dx", "dw", "db"],
      engine: {
        ConvolutionMethod.$forced.withValue(method) {
          let d = convolveBackward(
            g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
          return [convolve(g, x, w, bias), d.dx!, d.dw!, d.db!]
        }
      },
      naive: { naiveConvolution(g, x: x.scalars, w: w.scalars, bias: bias.scalars, dy: dy.scalars) },
      exact: { naiveConvolution(g, x: x.doubles, w: w.doubles, bias: bias.doubles, dy: dy.doubles) })
  }

  private static func linear(_ x: Tensor, _ w: Tensor, _ b: Tensor, _ dy: Tensor) -> AccuracyCase {
    let (n, d, o) = (x.shape[0], x.shape[1], w.shape[0])
    return AccuracyCase(
      kernel: "linear, \(d) → \(o)", parts: ["y", "dx", "dw", "db"],
      engine: { differentiated([x, w, b], dy) { Engine.linear($0[0], $0[1], bias: $0[2]) } },
      naive: {
        naiveLinear(n: n, d: d, o: o, x: x.scalars, w: w.scalars, bias: b.scalars, dy: dy.scalars)
      },
      exact: {
        naiveLinear(n: n, d: d, o: o, x: x.doubles, w: w.doubles, bias: b.doubles, dy: dy.doubles)
      })
  }

  private static func recurrent(isLSTM: Bool, _ stream: inout RandomStream) -> AccuracyCase {
    let (n, t, d, h) = (4, 24, 48, 64)
    let rows = (isLSTM ? 4 : 3) * h
    let x = stream.normal(shape: [n, t, d])
    let weights = [[rows, d], [rows, h], [rows], [rows]].map { stream.uniform(-0.125..<0.125, shape: $0) }
    let dy = stream.normal(shape: [n, t, h])
    return AccuracyCase(
      kernel: "\(isLSTM ? "LSTM" : "GRU"), \(t) steps",
      parts: ["y", "dx", "dw_ih", "dw_hh", "db_ih", "db_hh"],
      engine: {
        differentiated([x] + weights, dy) { v in
          let layer = RecurrentParameters(
            inputHidden: v[1], hiddenHidden: v[2], inputBias: v[3], hiddenBias: v[4])
          return isLSTM
            ? lstm(v[0], layers: [[layer]], batchFirst: true).output
            : gru(v[0], layers: [[layer]], batchFirst: true).output
        }
      },
      naive: {
        naiveRecurrent(
          isLSTM: isLSTM, n: n, t: t, d: d, h: h, x: x.scalars, weights: weights.map(\.scalars),
          dy: dy.scalars)
      },
      exact: {
        naiveRecurrent(
          isLSTM: isLSTM, n: n, t: t, d: d, h: h, x: x.doubles, weights: weights.map(\.doubles),
          dy: dy.doubles)
      })
  }

  private static func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ dy: Tensor) -> AccuracyCase {
    let (n, t, d) = (q.shape[0], q.shape[1], q.shape[2])
    return AccuracyCase(
      kernel: "causal attention, \(t) steps", parts: ["y", "dq", "dk", "dv"],
      engine: {
        differentiated([q, k, v], dy) { scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: true) }
      },
      naive: {
        naiveAttention(n: n, t: t, d: d, q: q.scalars, k: k.scalars, v: v.scalars, dy: dy.scalars)
      },
      exact: {
        naiveAttention(n: n, t: t, d: d, q: q.doubles, k: k.doubles, v: v.doubles, dy: dy.doubles)
      })
  }

  private static func softmax(_ x: Tensor, _ dy: Tensor) -> AccuracyCase {
    AccuracyCase(
      kernel: "softmax", parts: ["y", "dx"], engine: { differentiated([x], dy) { Engine.softmax($0[0]) } },
      naive: { naiveSoftmax(width: x.shape[1], x: x.scalars, dy: dy.scalars) },
      exact: { naiveSoftmax(width: x.shape[1], x: x.doubles, dy: dy.doubles) })
  }

  private static func layerNorm(_ x: Tensor, _ w: Tensor, _ b: Tensor, _ dy: Tensor) -> AccuracyCase {
    let width = x.shape[1]
    return AccuracyCase(
      kernel: "layer norm", parts: ["y", "dx", "dw", "db"],
      engine: {
        differentiated([x, w, b], dy) {
          Engine.layerNorm($0[0], normalizedShape: [width], weight: $0[1], bias: $0[2], epsilon: 1e-5)
        }
      },
      naive: {
        naiveLayerNorm(width: width, x: x.scalars, weight: w.scalars, bias: b.scalars, dy: dy.scalars)
      },
      exact: {
        naiveLayerNorm(width: width, x: x.doubles, weight: w.doubles, bias: b.doubles, dy: dy.doubles)
      })
  }

  private static func gelu(_ x: Tensor, _ dy: Tensor) -> AccuracyCase {
    AccuracyCase(
      kernel: "GELU", parts: ["y", "dx"], engine: { differentiated([x], dy) { Engine.gelu($0[0]) } },
      naive: { naiveGELU(x: x.scalars, dy: dy.scalars) }, exact: { naiveGELU(x: x.doubles, dy: dy.doubles) })
  }
}

/// What the engine's op makes of the inputs, and its gradients at them.
private func differentiated(_ inputs: [Tensor], _ dy: Tensor, _ op: ([Variable]) -> Variable) -> [Tensor] {
  let variables = inputs.map { Variable($0, requiresGradient: true) }
  let y = op(variables)
  y.backward(from: dy)
  return [y.value] + variables.map { $0.gradient! }
}

extension Tensor {
  fileprivate var doubles: [Double] { scalars.map(Double.init) }
}
