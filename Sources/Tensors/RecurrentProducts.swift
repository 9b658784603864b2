internal import CKernels

/// Where a sequence lies: row `n` of step `t` at `pointer + t·step + n·row`. So time first and batch first are read
/// and written in place, and no layer turns its input around.
struct SequenceRows: Equatable {
  let pointer: UnsafeMutablePointer<Float>
  let step: Int
  let row: Int

  func at(_ t: Int, _ n: Int) -> UnsafeMutablePointer<Float> { pointer + t * step + n * row }
}

/// A matrix of a recurrent layer, or some rows of it, ready for products in floats or in whole numbers.
enum RecurrentProduct {
  case floats(PackedMatrix)
  case integers(IntegerWeight, rows: Range<Int>)

  init(_ matrix: RecurrentMatrix, rows: Range<Int>) {
    switch matrix {
    case .floats(let matrix):
      let width = matrix.shape[1]
      self = .floats(
        matrix.withPointer {
          PackedMatrix($0 + rows.lowerBound * width, k: width, n: rows.count, transposed: true)
        })
    case .integers(let matrix): self = .integers(matrix, rows: rows)
    }
  }

  /// What `multiply` needs to work in, for so many rows; nil for products in floats.
  func room(rows: Int) -> IntegerRoom? {
    if case .integers(let weight, _) = self { return IntegerRoom(rows: rows, weight) }
    return nil
  }

  /// `C = A Wᵀ`, or `C += A Wᵀ`, of one step.
  func multiply(
    rows: Int, _ a: UnsafePointer<Float>, lda: Int, into c: UnsafeMutablePointer<Float>, ldc: Int,
    adding: Bool, _ room: IntegerRoom?
  ) {
    switch self {
    case .floats(let packed): packed.multiply(rows: rows, a, lda: lda, into: c, ldc: ldc, adding: adding)
    case .integers(let weight, let outputs):
      weight.multiply(
        rows: rows, a, ldx: lda, outputs: outputs, into: c, ldy: ldc, adding: adding, room!)
    }
  }

  /// `C = A Wᵀ` of several steps.
  func multiply(
    steps: Int, rows: Int, _ a: UnsafePointer<Float>, step: Int, lda: Int,
    into c: UnsafeMutablePointer<Float>, step cStep: Int, ldc: Int, _ room: IntegerRoom?
  ) {
    switch self {
    case .floats(let packed):
      packed.multiply(steps: steps, rows: rows, a, step: step, lda: lda, into: c, step: cStep, ldc: ldc)
    case .integers(let weight, let outputs):
      // One sequence's steps are as good as rows.
      if rows == 1 {
        return weight.multiply(rows: steps, a, ldx: step, outputs: outputs, into: c, ldy: cStep, room!)
      }
      for s in 0..<steps {
        weight.multiply(
          rows: rows, a + s * step, ldx: lda, outputs: outputs, into: c + s * cStep, ldy: ldc, room!)
      }
    }
  }
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
