import Tensors

/// What eight bits would leave of `x`, as floats: quantization aware training shows it to the network.
///
///     q = round(x / scale) + zeroPoint,  y = (clamp(q) − zeroPoint) · scale
///     backward:  dx = dy where the clamp did not act, else 0 (the straight-through gradient)
///
/// Rounding has the slope 0 almost everywhere, which would teach nothing; so its slope counts as 1. NaN stays NaN, and
/// gets no gradient.
///
/// - Parameters:
///   - x: Any shape.
///   - quantization: Scales and zero points, one or one for each place along its axis.
/// - PyTorch: `torch.fake_quantize_per_tensor_affine`, `torch.fake_quantize_per_channel_affine`; x is multiplied by
///   `1 / scale` here as there, where `QuantizedTensor` divides.
/// - Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
///   inference", CVPR 2018, section 3; the gradient: Bengio, Léonard, Courville, "Estimating or propagating gradients
///   through stochastic neurons for conditional computation", arXiv 1308.3432.
/// - Book: chapter 12.
public func fakeQuantize(_ x: Variable, _ quantization: Quantization) -> Variable {
  let value = x.value
  let (low, high) = (Float(quantization.range.lowerBound), Float(quantization.range.upperBound))
  var y = Tensor(uninitialized: value.shape)
  // 1 where the gradient passes.
  var passes = Tensor(uninitialized: value.shape)
  value.withPointer { x in
    y.withMutablePointer { y in
      passes.withMutablePointer { passes in
        quantization.forEachRun(of: value.shape) { channel, run in
          let (scale, zero) = (quantization.scales[channel], Float(quantization.zeroPoints[channel]))
          let inverse = 1 / scale
          for i in run {
            let q = (x[i] * inverse).rounded(.toNearestOrEven) + zero
            // In this order a NaN stays one.
            y[i] = ((q < low ? low : q > high ? high : q) - zero) * scale
            passes[i] = q >= low && q <= high ? 1 : 0
          }
        }
      }
    }
  }
  return Variable(y, op: "fakeQuantize", cost: .perResult(7), inputs: [x]) { [passes] dy in
    // Not a product: where nothing passes, an infinite or undefined dy does not either.
    [dy.replacing(with: 0, where: passes .== 0)]
  }
}
