import Engine

/// A pruned weight in few bytes: a bit for each place, a byte for each weight that is left, and a scale for each row.
///
///     w = q · scale_row where the place's bit is 1, else 0,    scale_row = max |w| / 127
///
/// With half of the weights left, n weights take n/8 + n/2 bytes instead of 4n.
///
/// - Source: a simpler form of what Han, Mao, Dally store in "Deep compression", ICLR 2016: differences of places there,
///   and values coded by their frequency.
/// - Book: section 12.8.
public struct PackedWeight: Sendable, Equatable {
  /// Of the weight, `[O, …]`.
  public let shape: [Int]
  /// Eight places to a byte, the first in the lowest bit.
  public let bits: [UInt8]
  /// The weights that are left, from −127 to 127, in order.
  public let values: [Int8]
  /// One for each row.
  public let scales: [Float]

  /// Rounds a weight in which zeros are places that are gone.
  ///
  /// - Parameter weight: `[O, …]`
  public init(_ weight: Tensor) {
    if weight.rank < 1 { fatalError("PackedWeight: a weight [O, …] is needed, given \(weight.shape)") }
    let (scalars, rows) = (weight.scalars, weight.shape[0])
    let width = rows == 0 ? 0 : scalars.count / rows
    var bits = [UInt8](repeating: 0, count: (scalars.count + 7) / 8)
    var (values, scales): ([Int8], [Float]) = ([], [])
    for o in 0..<rows {
      let row = o * width..<(o + 1) * width
      let largest = scalars[row].reduce(0) { max($0, abs($1)) }
      let scale = largest > 0 ? largest / 127 : 1
      scales.append(scale)
      for i in row where scalars[i] != 0 {
        bits[i / 8] |= 1 << UInt8(i % 8)
        values.append(Int8((scalars[i] / scale).rounded(.toNearestOrEven)))
      }
    }
    (shape, self.bits, self.values, self.scales) = (weight.shape, bits, values, scales)
  }

  /// The weight as the network multiplies with it.
  public func unpacked() -> Tensor {
    let count = shape.reduce(1, *)
    let width = shape[0] == 0 ? 0 : count / shape[0]
    var (weight, next) = ([Float](repeating: 0, count: count), 0)
    for i in 0..<count where bits[i / 8] >> UInt8(i % 8) & 1 == 1 {
      weight[i] = Float(values[next]) * scales[i / width]
      next += 1
    }
    return Tensor(weight, shape: shape)
  }

  /// Bits, values and scales, in bytes.
  public var byteCount: Int { bits.count + values.count + 4 * scales.count }
}

extension Module {
  /// Writes the weights of two or more axes packed, and the others, biases for the most part, in floats.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  /// - Book: section 12.8.
  public func writePacked(to path: String) throws {
    var arrays = NamedArrays()
    for (name, tensor) in state {
      if tensor.rank < 2 {
        arrays[name] = StoredArray(tensor)
      } else {
        let packed = PackedWeight(tensor)
        arrays[name + "_bits"] = StoredArray(packed.bits, shape: [packed.bits.count])
        arrays[name + "_values"] = StoredArray(packed.values, shape: [packed.values.count])
        arrays[name + "_scale"] = StoredArray(Tensor(packed.scales))
      }
    }
    try SafeTensors.write(arrays, to: path)
  }
}

/// A network of which pruning may take weights.
///
/// - Book: section 12.2.
public protocol Prunable: Layer {
  /// The weights that pruning is about: biases stay.
  var weights: [Parameter] { get }
}

extension Perceptron: Prunable {}
extension SizedCNN: Prunable {}
