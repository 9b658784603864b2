internal import CKernels

/// One direction of one recurrent layer at work on a batch, and what its backward needs.
///
/// The batch is cut among the threads, and each takes its sequences through all steps without waiting for others.
/// Buffers are time-major: `[T, N, …]`.
final class RecurrentDirection {
  let cell: RecurrentCell
  let weights: RecurrentWeights
  let isReversed: Bool
  let steps: Int
  let batch: Int
  private let keeps: Bool
  /// `[T, N, gateRow]`; where nothing is kept, of as many steps as are multiplied with the input's weights at once.
  private let gates: Tensor
  private let gateSteps: Int
  /// How far apart the rows of the gates are. One or several KiB apart, they would fight for the same lines of the cache.
  let gateRow: Int
  /// `[T + 1, N, H]`: the state before the first step, after it, … For the reversed direction, from the end.
  let h: Tensor
  /// Likewise; two blocks in turn where nothing is kept.
  private let c: Tensor?
  private let startsFromState: Bool

  private var hidden: Int { weights.hidden }
  private var inputSize: Int { weights.inputSize }
  private var units: Int { cell.blocks * hidden }
  private var products: [HiddenProduct] { cell.hiddenProducts(hidden: hidden) }

  init(
    _ cell: RecurrentCell, _ weights: RecurrentWeights, isReversed: Bool, steps: Int, batch: Int, keeps: Bool,
    h0: UnsafePointer<Float>?, c0: UnsafePointer<Float>?
  ) {
    (self.cell, self.weights, self.isReversed) = (cell, weights, isReversed)
    (self.steps, self.batch, self.keeps) = (steps, batch, keeps)
    let hidden = weights.hidden
    gateSteps = keeps ? steps : min(steps, 8)
    let units = cell.blocks * hidden
    gateRow = units % 256 == 0 ? units + 16 : units
    gates = Tensor(uninitialized: [gateSteps, batch, gateRow])
    h = Tensor(uninitialized: [steps + 1, batch, hidden])
    c = cell.hasCellState ? Tensor(uninitialized: [keeps ? steps + 1 : 2, batch, hidden]) : nil
    startsFromState = h0 != nil
    let (count, first) = (batch * hidden, isReversed ? steps : 0)
    let start = h.storage.pointer + first * count
    if let h0 { start.update(from: h0, count: count) } else { start.update(repeating: 0, count: count) }
    if let start = cellState(at: first) {
      if let c0 { start.update(from: c0, count: count) } else { start.update(repeating: 0, count: count) }
    }
  }

  private func cellState(at index: Int) -> UnsafeMutablePointer<Float>? {
    c.map { $0.storage.pointer + (keeps ? index : index % 2) * batch * hidden }
  }
  private func state(at index: Int) -> UnsafeMutablePointer<Float> {
    h.storage.pointer + index * batch * hidden
  }

  /// The states after the last step.
  var lastHidden: UnsafePointer<Float> { UnsafePointer(state(at: isReversed ? 0 : steps)) }
  var lastCell: UnsafePointer<Float>? { cellState(at: isReversed ? 0 : steps).map { UnsafePointer($0) } }

  /// Where the outputs lie, step by step, if nobody asks for them elsewhere.
  var outputs: SequenceRows {
    SequenceRows(pointer: state(at: isReversed ? 0 : 1), step: batch * hidden, row: hidden)
  }

  /// The states that each step began with, in the order of time.
  private var statesBefore: SequenceRows {
    SequenceRows(pointer: state(at: isReversed ? 1 : 0), step: batch * hidden, row: hidden)
  }

  /// The packed weights and added biases of a forward pass.
  struct Forward {
    let input: RecurrentProduct
    let hidden: [RecurrentProduct]
    let bias: Tensor?
  }

  func prepareForward() -> Forward {
    Forward(
      input: RecurrentProduct(weights.input, rows: 0..<cell.gates * hidden),
      hidden: products.map { RecurrentProduct(weights.state, rows: $0.rows) },
      bias: weights.blockBias(cell))
  }

  /// Takes the sequences `part` through all steps.
  ///
  /// - Parameters:
  ///   - x: The input.
  ///   - y: Where the outputs go, if elsewhere than into `h`.
  ///   - active: For each step and sequence, whether it still goes on; nil when all do.
  func forward(_ part: Range<Int>, _ x: SequenceRows, _ with: Forward, y: SequenceRows?, active: [UInt8]?) {
    let (n0, rows, gateRow, products) = (part.lowerBound, part.count, gateRow, products)
    let bias = with.bias?.storage.pointer
    // The input's products of several steps at once; with sequences that end, step by step, to stop with the last.
    let atOnce = active == nil ? min(gateSteps, PackedMatrix.stepsAtOnce(rows: rows)) : 1
    let direction = isReversed ? -1 : 1
    let rooms = (with.input.room(rows: atOnce * rows), with.hidden.map { $0.room(rows: rows) })
    active.withBytes { active in
      for s in 0..<steps {
        let t = isReversed ? steps - 1 - s : s
        let (before, after) = isReversed ? (t + 1, t) : (t, t + 1)
        let slot = keeps ? t : s % atOnce
        let g = gates.storage.pointer + (slot * batch + n0) * gateRow
        let h = state(at: before) + n0 * hidden
        let out = state(at: after) + n0 * hidden
        let on = active.map { $0 + t * batch + n0 }
        if goesOn(on, rows) {
          if s % atOnce == 0 {
            with.input.multiply(
              steps: min(atOnce, steps - s), rows: rows, x.at(t, n0), step: direction * x.step, lda: x.row,
              into: g, step: (keeps ? direction : 1) * batch * gateRow, ldc: gateRow, rooms.0)
          }
          for (i, (product, u)) in zip(products, with.hidden).enumerated() {
            if s > 0 || startsFromState {
              u.multiply(
                rows: rows, h, lda: hidden, into: g + product.block, ldc: gateRow, adding: product.adds,
                rooms.1[i])
            } else if !product.adds {
              for r in 0..<rows {
                (g + r * gateRow + product.block).update(repeating: 0, count: product.rows.count)
              }
            }
          }
        }
        let y_ = y?.at(t, n0)
        switch cell {
        case .tanh, .relu:
          ck_rnn_step(rows, hidden, cell == .relu ? 1 : 0, g, gateRow, bias, h, out, y_, y?.row ?? 0, on)
        case .gru:
          ck_gru_step(rows, hidden, g, gateRow, bias, h, out, y_, y?.row ?? 0, on)
        case .lstm:
          ck_lstm_step(
            rows, hidden, g, gateRow, bias, h, cellState(at: before)! + n0 * hidden, out,
            cellState(at: after)! + n0 * hidden, y_,
            y?.row ?? 0, on)
        }
      }
    }
    withExtendedLifetime(with.bias) {}
  }

  private func goesOn(_ active: UnsafePointer<UInt8>?, _ rows: Int) -> Bool {
    guard let active else { return true }
    return (0..<rows).contains { active[$0] != 0 }
  }

  /// The packed weights of a backward pass.
  struct Backward {
    let input: PackedMatrix?
    let hidden: [PackedMatrix]
  }

  func prepareBackward(input: Bool) -> Backward {
    let (w, u, width) = (weights.inputHidden, weights.hiddenHidden, hidden)
    return w.withPointer { w in
      u.withPointer { u in
        Backward(
          input: input ? PackedMatrix(w, k: cell.gates * width, n: inputSize, transposed: false) : nil,
          hidden: products.map {
            PackedMatrix(u + $0.rows.lowerBound * width, k: $0.rows.count, n: width, transposed: false)
          })
      }
    }
  }

  /// Takes the gradients of the sequences `part` back through all steps.
  ///
  /// - Parameters:
  ///   - dy: The gradient at the outputs.
  ///   - dh, dc: In, the gradients at the last states; out, those at the first. `[N, H]`
  ///   - dgates: Becomes the gradients at the gates' sums, `[T, N, gateRow]`.
  ///   - dx: Becomes the gradient at the input, when `with` has the weights for it.
  func backward(
    _ part: Range<Int>, _ with: Backward, dy: SequenceRows?, dh: UnsafeMutablePointer<Float>,
    dc: UnsafeMutablePointer<Float>?, dgates: UnsafeMutablePointer<Float>, dx: SequenceRows?,
    needsState: Bool,
    active: [UInt8]?
  ) {
    let (n0, rows, gateRow, products) = (part.lowerBound, part.count, gateRow, products)
    let dh = dh + n0 * hidden
    let atOnce = PackedMatrix.stepsAtOnce(rows: rows)
    let direction = isReversed ? -1 : 1
    active.withBytes { active in
      for s in (0..<steps).reversed() {
        let t = isReversed ? steps - 1 - s : s
        let (before, after) = isReversed ? (t + 1, t) : (t, t + 1)
        let g = gates.storage.pointer + (t * batch + n0) * gateRow
        let dg = dgates + (t * batch + n0) * gateRow
        let on = active.map { $0 + t * batch + n0 }
        let (dy_, row) = (dy?.at(t, n0), dy?.row ?? 0)
        switch cell {
        case .tanh, .relu:
          ck_rnn_step_backward(
            rows, hidden, cell == .relu ? 1 : 0, state(at: after) + n0 * hidden, dy_, row, dh, dg, gateRow, on
          )
        case .gru:
          ck_gru_step_backward(
            rows, hidden, g, gateRow, state(at: before) + n0 * hidden, dy_, row, dh, dg, on)
        case .lstm:
          ck_lstm_step_backward(
            rows, hidden, g, gateRow, cellState(at: before)! + n0 * hidden,
            cellState(at: after)! + n0 * hidden, dy_,
            row, dh,
            dc! + n0 * hidden, dg, on)
        }
        if (s > 0 || needsState) && goesOn(on, rows) {
          for (product, u) in zip(products, with.hidden) {
            u.multiply(rows: rows, dg + product.block, lda: gateRow, into: dh, ldc: hidden, adding: true)
          }
        }
        if let dx, let w = with.input, s % atOnce == 0 {
          w.multiply(
            steps: min(atOnce, steps - s), rows: rows, dg, step: direction * batch * gateRow, lda: gateRow,
            into: dx.at(t, n0), step: direction * dx.step, ldc: dx.row)
        }
      }
    }
  }

  /// The gradients of the parameters, from those at the gates' sums.
  func weightGradients(_ dgates: Tensor, x: SequenceRows) -> RecurrentWeights {
    let dw = Tensor(uninitialized: weights.input.shape)
    let du = Tensor(uninitialized: weights.state.shape)
    let db = weights.inputBias == nil ? nil : Tensor(uninitialized: [units])
    let (d, sums) = (dgates.storage.pointer, db?.storage.pointer)
    let (gateUnits, width) = (cell.gates * hidden, hidden)
    var all = [
      WeightGradient(
        dgates: d, units: gateUnits, gateRow: gateRow, x: x, width: inputSize, into: dw.storage.pointer,
        bias: sums)
    ]
    for product in products {
      // The gates' sums that no input feeds, the GRU's q, come with the hidden weights.
      let bias = product.block >= gateUnits ? sums.map { $0 + product.block } : nil
      all.append(
        WeightGradient(
          dgates: d + product.block, units: product.rows.count, gateRow: gateRow, x: statesBefore,
          width: width,
          into: du.storage.pointer + product.rows.lowerBound * width, bias: bias))
    }
    withExtendedLifetime((dgates, h, db)) { WeightGradient.compute(all, steps: steps, batch: batch) }
    guard let db else {
      return RecurrentWeights(inputHidden: dw, hiddenHidden: du, inputBias: nil, hiddenBias: nil)
    }
    if cell != .gru {
      return RecurrentWeights(inputHidden: dw, hiddenHidden: du, inputBias: db, hiddenBias: db)
    }
    let s = db.scalars
    return RecurrentWeights(
      inputHidden: dw, hiddenHidden: du, inputBias: Tensor(Array(s[..<(3 * width)])),
      hiddenBias: Tensor(Array(s[..<(2 * width)] + s[(3 * width)...])))
  }
}

extension [UInt8]? {
  /// Calls `body` with the bytes' address, or nil.
  func withBytes(_ body: (UnsafePointer<UInt8>?) -> Void) {
    guard let self else { return body(nil) }
    self.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}
