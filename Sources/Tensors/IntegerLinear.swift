/// A fully connected layer in whole numbers: eight bits by eight bits, summed in 32.
///
///     aₙₒ = Σ_d (qx − zx) (qw − zw),  y = a · sx · sw + b
///
/// The sums are exact. The activations' scale is usually fitted to each batch as it comes (dynamic quantization):
///
///     let y = integerLinear(QuantizedTensor(x, .affine, range: 0...255), weight, bias: bias).output
///
/// - Parameters:
///   - x: `[N, D]`, one scale for all.
///   - weight: `[O, D]`, one scale for all or one for each row.
///   - bias: `[O]`, in floats.
/// - Returns: The output, `[N, O]`, and the sums, `[N, O]`. Traps when shapes or axes do not fit, or when D is so large
///   that a sum might not fit into 32 bits.
/// - PyTorch: `torch.ao.nn.quantized.dynamic.Linear`, which does not give the sums.
/// - Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
///   inference", CVPR 2018, section 2.2.
/// - Book: chapter 12.
public func integerLinear(
  _ x: QuantizedTensor, _ weight: QuantizedTensor, bias: Tensor? = nil
) -> (output: Tensor, accumulator: IntTensor) {
  let (xs, ws) = (x.shape, weight.shape)
  if xs.count != 2 || ws.count != 2 || xs[1] != ws[1] {
    trap("integerLinear: input \(xs) does not fit weight \(ws): [N, D] and [O, D] are needed")
  }
  if x.quantization.axis != nil || (weight.quantization.axis ?? 0) != 0 {
    trap("integerLinear: one scale for the input and one for each row of the weight, or for all, are needed")
  }
  if let bias, bias.shape != [ws[0]] {
    trap("integerLinear: bias \(bias.shape) does not fit weight \(ws): [\(ws[0])] is needed")
  }
  let (rows, outputs, depth) = (xs[0], ws[0], xs[1])
  let largest = { (numbers: [Int]) in numbers.reduce(0) { max($0, abs($1)) } }
  if largest(x.centered) * largest(weight.centered) * depth > Int(Int32.max) {
    trap("integerLinear: sums over \(depth) products may not fit into 32 bits")
  }
  let sums = IntegerWeight(weight).accumulator(x)
  let scale = Double(x.quantization.scales[0])
  let scales = weight.quantization.scales
  let shifts = bias?.scalars
  let y = sums.indices.map { i in
    let o = i % outputs
    return Float(
      Double(sums[i]) * scale * Double(scales[scales.count == 1 ? 0 : o]) + Double(shifts?[o] ?? 0))
  }
  return (
    Tensor(y, shape: [rows, outputs]), IntTensor(sums.map { Int($0) }, shape: [rows, outputs])
  )
}

extension QuantizedTensor {
  /// The whole numbers less their zero points.
  fileprivate var centered: [Int] {
    var numbers = integers.scalars
    quantization.forEachRun(of: shape) { channel, run in
      for i in run { numbers[i] -= quantization.zeroPoints[channel] }
    }
    return numbers
  }
}
