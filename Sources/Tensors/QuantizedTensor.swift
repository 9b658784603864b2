/// Numbers kept as eight bits each, a quarter of a `Tensor`'s memory; see `Quantization` for how.
///
/// - PyTorch: a tensor of type `torch.qint8` or `torch.quint8`.
/// - Book: chapter 12.
public struct QuantizedTensor: Sendable, Equatable {
  /// The size of each axis, as of the `Tensor` that was written.
  public let shape: [Int]
  /// What the whole numbers stand for.
  public let quantization: Quantization
  /// Two's complement where the range has negative numbers.
  private let bytes: [UInt8]

  /// Writes `x` in eight bits; what lies outside the range becomes its nearest end. Traps when a number is NaN.
  ///
  /// - PyTorch: `torch.quantize_per_tensor`, `torch.quantize_per_channel`.
  public init(_ x: Tensor, _ quantization: Quantization) {
    let (wholeShape, count) = (x.shape, x.count)
    shape = wholeShape
    self.quantization = quantization
    let (low, high) = (Float(quantization.range.lowerBound), Float(quantization.range.upperBound))
    bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
      x.withPointer { x in
        quantization.forEachRun(of: wholeShape) { channel, run in
          let (scale, zero) = (quantization.scales[channel], Float(quantization.zeroPoints[channel]))
          for i in run {
            let q = (x[i] / scale).rounded(.toNearestOrEven) + zero
            if q.isNaN { trap("QuantizedTensor: the numbers hold NaN") }
            bytes[i] = UInt8(truncatingIfNeeded: Int(min(max(q, low), high)))
          }
        }
      }
      initialized = count
    }
  }

  /// Each number to eight bits with the scale that fits it best.
  public init(
    _ x: Tensor, _ scheme: Quantization.Scheme = .symmetric, axis: Int? = nil,
    range: ClosedRange<Int> = -128...127
  ) {
    self.init(x, Quantization(fitting: x, scheme, axis: axis, range: range))
  }

  /// Whole numbers as they are. Traps when one lies outside the range.
  ///
  /// - PyTorch: `torch._make_per_tensor_quantized_tensor`, `torch._make_per_channel_quantized_tensor`.
  public init(integers: IntTensor, _ quantization: Quantization) {
    if let bad = integers.scalars.first(where: { !quantization.range.contains($0) }) {
      trap("QuantizedTensor: \(bad) lies outside \(quantization.range)")
    }
    quantization.forEachRun(of: integers.shape) { _, _ in }  // traps where the axis does not fit
    shape = integers.shape
    self.quantization = quantization
    bytes = integers.scalars.map { UInt8(truncatingIfNeeded: $0) }
  }

  /// The whole numbers.
  ///
  /// - PyTorch: `x.int_repr()`.
  public var integers: IntTensor {
    let isSigned = quantization.isSigned
    return IntTensor(bytes.map { isSigned ? Int(Int8(bitPattern: $0)) : Int($0) }, shape: shape)
  }

  /// The numbers that the whole numbers stand for: `(q − zeroPoint) · scale`.
  ///
  /// - PyTorch: `x.dequantize()`.
  public func dequantized() -> Tensor {
    let isSigned = quantization.isSigned
    var y = Tensor(uninitialized: shape)
    y.withMutablePointer { y in
      bytes.withUnsafeBufferPointer { bytes in
        quantization.forEachRun(of: shape) { channel, run in
          let (scale, zero) = (quantization.scales[channel], Int32(quantization.zeroPoints[channel]))
          if isSigned {
            for i in run { y[i] = Float(Int32(Int8(bitPattern: bytes[i])) - zero) * scale }
          } else {
            for i in run { y[i] = Float(Int32(bytes[i]) - zero) * scale }
          }
        }
      }
    }
    return y
  }

  /// The memory of the numbers, their scales and zero points, in bytes.
  public var byteCount: Int { bytes.count + 5 * quantization.scales.count }
}
