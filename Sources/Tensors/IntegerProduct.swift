internal import CKernels

/// Which of the loops of `int8_product.c` are used.
package enum IntegerLoops: Int32, CaseIterable, Sendable {
  case plain, avx2, avxVNNI, avx512VNNI

  /// Those that this processor has.
  package static var available: [IntegerLoops] { allCases.filter { ck_int8_has($0.rawValue) != 0 } }
  /// The widest of them.
  package static let best = IntegerLoops(rawValue: ck_int8_best())!
}

/// Room for some rows on their way through a product: in eight bits, their scales and zero points, their sums.
final class IntegerRoom {
  private let storage: Storage
  /// Bytes from one row to the next, and numbers from one row of sums to the next: whole groups, and whole panels.
  let (rowBytes, sumRow): (Int, Int)
  let bytes: UnsafeMutablePointer<UInt8>
  let sums: UnsafeMutablePointer<Int32>
  let scales: UnsafeMutablePointer<Float>
  let zeros: UnsafeMutablePointer<Int32>

  init(rows: Int, _ weight: IntegerWeight) {
    rowBytes = 4 * weight.layout.groups * weight.layout.segments
    sumRow = (weight.packedRows + 15) / 16 * 16
    storage = Storage(count: rows * (sumRow + rowBytes / 4 + 2))
    let start = UnsafeMutableRawPointer(storage.pointer)
    sums = start.bindMemory(to: Int32.self, capacity: rows * sumRow)
    bytes = (start + 4 * rows * sumRow).bindMemory(to: UInt8.self, capacity: rows * rowBytes)
    scales = (start + rows * (4 * sumRow + rowBytes)).bindMemory(to: Float.self, capacity: rows)
    zeros = (start + rows * (4 * sumRow + rowBytes + 4)).bindMemory(to: Int32.self, capacity: rows)
  }
}

extension IntegerWeight {
  /// `y = x Wᵀ + b`, or added to y, for some rows of x, on this thread. A row that holds NaN or infinity gives NaN.
  ///
  /// - Parameters:
  ///   - x: Rows of floats, `ldx` apart.
  ///   - outputs: Which rows of the weight; the first of them is y's first column.
  ///   - bias: One number for each row of the weight.
  func multiply(
    rows: Int, _ x: UnsafePointer<Float>, ldx: Int, outputs: Range<Int>? = nil,
    bias: UnsafePointer<Float>? = nil, into y: UnsafeMutablePointer<Float>, ldy: Int, adding: Bool = false,
    _ room: IntegerRoom
  ) {
    round(rows: rows, x, ldx: ldx, room)
    multiply(
      rows: 0..<rows, outputs: outputs ?? 0..<self.rows, bias: bias, into: y, ldy: ldy, adding: adding, room)
  }

  /// Writes rows in eight bits.
  fileprivate func round(rows: Int, _ x: UnsafePointer<Float>, ldx: Int, _ room: IntegerRoom) {
    for r in 0..<rows {
      let (scale, zero) = (room.scales + r, room.zeros + r)
      if let input { (scale.pointee, zero.pointee) = (input.scales[0], input.byteZero) }
      let isFinite = ck_int8_quantize_rows(
        x + r * ldx, 0, 1, layout.depth, room.bytes + r * room.rowBytes, 0, room.rowBytes, scale, zero,
        input == nil ? 1 : 0)
      if isFinite == 0 { scale.pointee = .nan }
    }
  }

  /// The rest of `multiply`, for rows that were rounded.
  fileprivate func multiply(
    rows: Range<Int>, outputs: Range<Int>, bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>,
    ldy: Int, adding: Bool, _ room: IntegerRoom
  ) {
    let panel = outputs.lowerBound / 16
    let ends = ends(from: outputs.lowerBound, bias)
    sum(rows, through: hasZeros ? packedRows : outputs.upperBound, from: panel, room)
    for r in rows {
      let sums = room.sums + r * room.sumRow + panel * 16
      let total = hasZeros ? sums[self.rows - panel * 16] : 0
      ck_int8_scale(
        sums + outputs.lowerBound % 16, outputs.count, ends, room.scales[r], room.zeros[r], total,
        y + r * ldy, adding ? 1 : 0)
    }
  }

  /// The sums of rows in eight bits, from a panel of the weight on, at their places in `room.sums`.
  fileprivate func sum(
    _ rows: Range<Int>, through last: Int, from panel: Int, loops: IntegerLoops = .best, _ room: IntegerRoom
  ) {
    withUnsafePointer(to: 0) { offset in
      ck_int8_product(
        loops.rawValue,
        CKBytes(
          bytes: room.bytes + rows.lowerBound * room.rowBytes, rows: rows.count, down: room.rowBytes,
          segments: 1, groups: layout.groups * layout.segments, offsets: offset),
        packedBytes, panel, last - panel * 16, room.sums + rows.lowerBound * room.sumRow + panel * 16,
        room.sumRow)
    }
  }

  func ends(from first: Int, _ bias: UnsafePointer<Float>?) -> CKInt8Ends {
    CKInt8Ends(
      sums: sums + first, scales: scales + first, zeros: hasZeros ? zeros + first : nil,
      bias: bias.map { $0 + first }, k: Int32(truncatingIfNeeded: layout.depth))
  }

  /// `y = x Wᵀ + b` in whole numbers.
  ///
  /// - Parameters:
  ///   - x: `[M, D]`
  ///   - bias: `[O]`
  /// - Returns: `[M, O]`
  package func product(_ x: Tensor, bias: Tensor?) -> Tensor {
    let (m, n, k) = (x.shape[0], rows, layout.depth)
    if x.shape != [m, k] { trap("IntegerWeight: input \(x.shape) does not fit weight \(shape)") }
    var y = Tensor(uninitialized: [m, n])
    let bias_ = bias?.storage.pointer
    x.withPointer { x in
      y.withMutablePointer { y in
        if m < 12 {
          let room = IntegerRoom(rows: m, self)
          round(rows: m, x, ldx: k, room)
          // As many panels as are worth a thread's while. Zero points need the last row, which each sums for itself.
          let panels = hasZeros ? (n + 15) / 16 : max(1, (1 << 19) / (16 * max(k, 1)))
          Parallel.forEachRange(of: (n + 15) / 16, grain: panels) { range in
            let outputs = range.lowerBound * 16..<min(n, range.upperBound * 16)
            multiply(
              rows: 0..<m, outputs: outputs, bias: bias_, into: y + outputs.lowerBound, ldy: n,
              adding: false, room)
          }
        } else {
          Parallel.forEachRange(of: m, grain: min(96, max(12, (1 << 23) / max(n * k, 1) / 12 * 12))) {
            range in
            multiply(
              rows: range.count, x + range.lowerBound * k, ldx: k, bias: bias_,
              into: y + range.lowerBound * n, ldy: n, IntegerRoom(rows: range.count, self))
          }
        }
      }
    }
    withExtendedLifetime((self, bias)) {}
    return y
  }

  /// The sums `Σ (qx − zx) (qw − zw)` themselves, `[M, O]`.
  ///
  /// - Parameters:
  ///   - x: `[M, D]`, one scale for all.
  ///   - loops: Which loops sum; each gives the same.
  package func accumulator(_ x: QuantizedTensor, loops: IntegerLoops = .best) -> [Int32] {
    let (m, zero) = (x.shape[0], x.quantization.byteZero)
    let room = IntegerRoom(rows: m, self)
    let shift = x.quantization.isSigned ? 128 : 0
    for (i, q) in x.integers.scalars.enumerated() {
      room.bytes[i / layout.depth * room.rowBytes + i % layout.depth] = UInt8(q + shift)
    }
    // What stands beyond a row's end is multiplied with zeros.
    for r in 0..<m {
      for i in layout.depth..<room.rowBytes { room.bytes[r * room.rowBytes + i] = 255 }
    }
    sum(0..<m, through: packedRows, from: 0, loops: loops, room)
    return (0..<m * rows).map { i in
      let (sums, o) = (room.sums + i / rows * room.sumRow, i % rows)
      // Modulo 2³², where a part may have gone beyond; the whole fits.
      let sum = sums[o] &- zero &* self.sums[o]
      return hasZeros
        ? sum &- zeros[o] &* (sums[rows] &- Int32(truncatingIfNeeded: layout.depth) &* zero) : sum
    }
  }
}

extension Quantization {
  /// The zero point, where the smallest of 256 whole numbers is called 0.
  var byteZero: Int32 { Int32(zeroPoints[0] + (isSigned ? 128 : 0)) }
}
