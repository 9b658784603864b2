internal import CKernels

/// Where a sequence lies: row `n` of step `t` at `pointer + t·step + n·row`. So time first and batch first are read
/// and written in place, and no layer turns its input around.
struct SequenceRows {
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
    let pieces = all.flatMap { gradient in
      stride(from: 0, to: gradient.units, by: grain).map { (gradient, $0) }
    }
    Parallel.forEach(pieces: pieces.count) { piece in
      let (g, first) = pieces[piece]
      let scratch = Storage(count: ck_gradient_scratch(g.width))
      withExtendedLifetime(scratch) {
        ck_gradient_gemm(
          min(grain, g.units - first), g.width, steps, batch, g.dgates + first, g.gateRow, 0, g.x.pointer,
          g.x.step, g.x.row, g.into + first * g.width, g.width, g.bias.map { $0 + first }, scratch.pointer)
      }
    }
  }
}
