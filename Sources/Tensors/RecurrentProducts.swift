internal import CKernels

/// Where a sequence lies: row `n` of step `t` at `pointer + t·step + n·row`. So time first and batch first are read
/// and written in place, and no layer turns its input around.
struct SequenceRows: Equatable {
  let pointer: UnsafeMutablePointer<Float>
  let step: Int
  let row: Int

  func at(_ t: Int, _ n: Int) -> UnsafeMutablePointer<Float> { pointer + t * step + n * row }
}

/// The gradient of one weight, or of some rows of it, from all time steps at once: `dW = Σ dgatesᵀ · x`; and of the bias
/// beside it, `Σ dgates`.
struct WeightGradient {
  let dgates: UnsafePointer<Float>
  /// Rows of the weight: units of `dgates`.
  let units: Int
  /// How far apart the rows of `dgates` are.
  let gateRow: Int
  let x: SequenceRows
  let width: Int
  let into: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>?

  /// Cut into pieces of this many units (four strips of `ck_gradient_gemm`) for the threads; the cut does not change
  /// what is summed in which order. With 256 units, two threads come out even.
  static let grain = 192

  static func compute(_ all: [WeightGradient], steps: Int, batch: Int) {
    let rows = steps * batch
    // All pieces read the same rows of x, and some gradients too: these are packed but once.
    var packed: [Storage] = []
    for (i, gradient) in all.enumerated() {
      if let same = all[..<i].firstIndex(where: { $0.x == gradient.x }) {
        packed.append(packed[same])
        continue
      }
      let (x, width) = (gradient.x, gradient.width)
      let room = Storage(count: ck_gradient_count(rows, width))
      packed.append(room)
      Parallel.forEachRange(of: rows, grain: 4 * Int(CK_GRADIENT_DEPTH)) { range in
        ck_gradient_pack(
          range.lowerBound, range.count, width, batch, x.pointer, x.step, x.row,
          room.pointer + ck_gradient_count(range.lowerBound, width))
      }
    }
    let pieces = all.indices.flatMap { i in stride(from: 0, to: all[i].units, by: grain).map { (i, $0) } }
    withExtendedLifetime(packed) {
      Parallel.forEach(pieces: pieces.count) { piece in
        let (i, first) = pieces[piece]
        let g = all[i]
        ck_gradient_gemm(
          min(grain, g.units - first), g.width, rows, g.dgates + first, g.gateRow, 0, packed[i].pointer,
          g.into + first * g.width, g.width, g.bias.map { $0 + first }, 0, CKSoon())
      }
    }
  }
}
