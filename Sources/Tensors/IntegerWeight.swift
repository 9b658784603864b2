internal import CKernels

/// A layer's weight in eight bits, laid out for products of whole numbers: see `int8_product.c`.
///
/// It is the `QuantizedTensor` that it was made from, one scale for each row or one for all, in another order. No
/// copy in floats is kept.
///
/// - PyTorch: the packed parameters of `torch.ao.nn.quantized` layers; the quantized tensors of `torchao`.
/// - Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
///   inference", CVPR 2018, sections 2.2 and 2.3.
/// - Book: section 12.7.
public final class IntegerWeight: Sendable {
  /// As of the weight that was rounded: `[O, D]`, or a convolution's `[O, C, KH, KW]`.
  public let shape: [Int]
  /// What the whole numbers of the weight stand for.
  public let quantization: Quantization
  /// How inputs are rounded; nil where each row, or image, gets the scale that fits it (dynamic quantization).
  public let input: Quantization?
  /// For which products it is laid out.
  let layout: Layout
  let packed: Storage
  /// For each row the sum of its numbers as packed; its scale; and, where some are not 0, its zero point.
  private let ends: Storage
  /// Whether some zero points are not 0.
  let hasZeros: Bool

  /// O, the rows.
  package var rows: Int { shape[0] }
  /// With zero points there is one row more, of ones: it gives the sums of the inputs.
  var packedRows: Int { hasZeros ? rows + 1 : rows }

  var packedBytes: UnsafeMutablePointer<Int8> {
    UnsafeMutableRawPointer(packed.pointer).assumingMemoryBound(to: Int8.self)
  }
  var sums: UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(ends.pointer).assumingMemoryBound(to: Int32.self)
  }
  var scales: UnsafeMutablePointer<Float> { ends.pointer + rows }
  var zeros: UnsafeMutablePointer<Int32> { sums + 2 * rows }

  /// In which order the numbers of a row are multiplied.
  package enum Order: Sendable {
    /// As they are.
    case matrix
    /// A convolution's: row by row of the window, pixel by pixel, and of each pixel all channels, as in an image whose
    /// channels lie side by side. With `dilated`, the pixels of a row do not touch each other.
    case windows(dilated: Bool)
  }

  /// - Parameters:
  ///   - weight: `[O, …]`. Traps when it has no rows, or its scales lie along another axis than the first.
  ///   - order: What it is to be multiplied with.
  ///   - input: How inputs are rounded, one scale for all; nil to fit one to each as it comes.
  package init(_ weight: QuantizedTensor, order: Order = .matrix, input: Quantization? = nil) {
    let form = weight.quantization
    if weight.shape.count < 2 || (form.axis ?? 0) != 0 {
      trap(
        "IntegerWeight: a weight [O, …] with a scale for each row, or for all, is needed: \(weight.shape), "
          + "axis \(form.axis ?? 0)")
    }
    if let input, input.axis != nil { trap("IntegerWeight: one scale for all inputs is needed") }
    (shape, quantization, self.input) = (weight.shape, form, input)
    let (rows, layout) = (weight.shape[0], Layout(shape: weight.shape, order))
    self.layout = layout
    let shift = form.isSigned ? 0 : 128
    let wholes = form.zeroPoints.map { Int32($0 - shift) }
    hasZeros = wholes.contains { $0 != 0 }
    packed = Storage(
      count: ck_int8_packed_count(hasZeros ? rows + 1 : rows, layout.segments, layout.groups) / 4)
    ends = Storage(count: (hasZeros ? 3 : 2) * rows)
    UnsafeMutableRawPointer(packed.pointer).initializeMemory(
      as: Int8.self, repeating: 0, count: 4 * packed.count)
    UnsafeMutableRawPointer(ends.pointer).initializeMemory(as: Int32.self, repeating: 0, count: ends.count)
    let numbers = weight.integers.scalars
    for row in 0..<rows {
      let channel = form.scales.count == 1 ? 0 : row
      scales[row] = form.scales[channel]
      if hasZeros { zeros[row] = wholes[channel] }
      for i in 0..<layout.depth {
        let number = numbers[row * layout.depth + i] - shift
        packedBytes[layout.place(row: row, i)] = Int8(number)
        sums[row] += Int32(number)
      }
    }
    if hasZeros { for i in 0..<layout.depth { packedBytes[layout.place(row: rows, i)] = 1 } }
  }

  /// Other numbers in the same layout.
  package func replaced(by weight: QuantizedTensor, input: Quantization?) -> IntegerWeight {
    IntegerWeight(weight, order: layout.order, input: input)
  }

  private func numbers(row: Int) -> [Int] {
    let (shift, bytes) = (quantization.isSigned ? 0 : 128, packedBytes)
    return (0..<layout.depth).map { Int(bytes[layout.place(row: row, $0)]) + shift }
  }

  /// The weight in its own order.
  public var quantized: QuantizedTensor {
    QuantizedTensor(
      integers: IntTensor((0..<rows).flatMap { numbers(row: $0) }, shape: shape), quantization)
  }

  /// The numbers that the whole numbers stand for.
  ///
  /// - PyTorch: `weight.dequantize()`.
  public func dequantized() -> Tensor { dequantized(rows: Array(0..<rows)).reshaped(shape) }

  /// Some of the rows, one below the other, as floats: `[count, D]`. What an embedding takes.
  package func dequantized(rows chosen: [Int]) -> Tensor {
    var y = Tensor(uninitialized: [chosen.count, layout.depth])
    let bytes = packedBytes
    y.withMutablePointer { y in
      for (n, row) in chosen.enumerated() {
        let (scale, zero) = (scales[row], hasZeros ? zeros[row] : 0)
        if layout.isMatrix {
          // Four numbers in turn lie together.
          var from = bytes + layout.place(row: row, 0)
          for i in stride(from: 0, to: layout.depth, by: 4) {
            for k in 0..<min(4, layout.depth - i) {
              y[n * layout.depth + i + k] = Float(Int32(from[k]) - zero) * scale
            }
            from += 64
          }
        } else {
          for i in 0..<layout.depth {
            y[n * layout.depth + i] =
              Float(Int32(bytes[layout.place(row: row, i)]) - zero) * scale
          }
        }
      }
    }
    return y
  }

  /// The memory that it takes, in bytes: the packed numbers, and for each row its scale, its sum and its zero point.
  public var byteCount: Int { 4 * (packed.count + ends.count) }

  /// Where the numbers of a weight lie when packed.
  struct Layout: Sendable {
    /// Numbers of a row.
    let depth: Int
    /// A row is multiplied in so many runs of so many groups of four.
    let segments: Int
    let groups: Int
    let order: Order
    let isMatrix: Bool
    private let (channels, area, runPixels): (Int, Int, Int)

    init(shape: [Int], _ order: Order) {
      depth = shape[1...].reduce(1, *)
      self.order = order
      switch order {
      case .matrix:
        (isMatrix, channels, area, runPixels) = (true, 1, depth, depth)
        (segments, groups) = (1, (depth + 3) / 4)
      case .windows(let dilated):
        let (kh, kw) = (shape[2], shape[3])
        (isMatrix, channels, area) = (false, shape[1], kh * kw)
        runPixels = dilated ? 1 : kw
        segments = kh * kw / runPixels
        groups = (runPixels * shape[1] + 3) / 4
      }
    }

    /// The byte at which number `i` of a row stands.
    func place(row: Int, _ i: Int) -> Int {
      var (segment, k) = (0, i)
      if !isMatrix {
        let (channel, pixel) = (i / area, i % area)
        (segment, k) = (pixel / runPixels, pixel % runPixels * channels + channel)
      }
      let group = segment * groups + k / 4
      return (row / 16 * segments * groups + group) * 64 + row % 16 * 4 + k % 4
    }
  }
}
