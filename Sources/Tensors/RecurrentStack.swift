/// Recurrent layers one on top of the other, each in one or both directions: the numerics of `rnn`, `gru` and `lstm`.
package struct RecurrentStack {
  package let cell: RecurrentCell
  /// Layer by layer; in each, forward and, if bidirectional, reversed.
  package let weights: [[RecurrentWeights]]
  package let batchFirst: Bool
  /// How many steps of each sequence are real.
  package let lengths: [Int]?
  /// How likely an output between layers is dropped, and where chance comes from.
  package let dropout: Double
  package let streams: [RandomStream]

  package init(
    _ cell: RecurrentCell, weights: [[RecurrentWeights]], batchFirst: Bool, lengths: [Int]?, dropout: Double,
    streams: [RandomStream]
  ) {
    (self.cell, self.weights, self.batchFirst) = (cell, weights, batchFirst)
    (self.lengths, self.dropout, self.streams) = (lengths, dropout, streams)
  }

  private var directions: Int { weights[0].count }
  private var hidden: Int { weights[0][0].hidden }
  private var drops: Bool { dropout > 0 && !streams.isEmpty }

  /// What a forward pass leaves for the backward one.
  package final class Tape {
    fileprivate let x: Tensor
    fileprivate var layers: [[RecurrentDirection]] = []
    /// The inputs of layers above the first, where they are not simply the states of the layer below.
    fileprivate var inputs: [Tensor?] = []
    fileprivate var masks: [Tensor?] = []
    fileprivate let active: [UInt8]?
    fileprivate let steps: Int
    fileprivate let batch: Int

    fileprivate init(x: Tensor, active: [UInt8]?, steps: Int, batch: Int) {
      (self.x, self.active, self.steps, self.batch) = (x, active, steps, batch)
    }
  }

  /// - Parameters:
  ///   - x: `[N, T, D]` if `batchFirst`, else `[T, N, D]`.
  ///   - h0, c0: `[layers·directions, N, H]`, or nil for zeros.
  ///   - keeps: Whether a backward pass will follow.
  package func forward(_ x: Tensor, h0: Tensor?, c0: Tensor?, keeps: Bool) -> (
    output: Tensor, hidden: Tensor, cell: Tensor?, tape: Tape
  ) {
    let (steps, batch) = batchFirst ? (x.shape[1], x.shape[0]) : (x.shape[0], x.shape[1])
    let active = lengths.map { lengths in
      (0..<steps).flatMap { t in lengths.map { t < $0 ? UInt8(1) : 0 } }
    }
    let x = keeps ? withoutBadPadding(x, active, steps: steps, batch: batch) : x
    let tape = Tape(x: x, active: active, steps: steps, batch: batch)
    let width = directions * hidden
    let output = Tensor(uninitialized: x.shape.dropLast() + [width])
    let hn = Tensor(uninitialized: [weights.count * directions, batch, hidden])
    let cn = cell.hasCellState ? Tensor(uninitialized: hn.shape) : nil
    let count = batch * hidden

    for (l, layer) in weights.enumerated() {
      let states = (0..<directions).map { (l * directions + $0) * count }
      let runs = layer.enumerated().map { d, weights in
        RecurrentDirection(
          cell, weights, isReversed: d == 1, steps: steps, batch: batch, keeps: keeps,
          h0: h0.map { UnsafePointer($0.storage.pointer + states[d]) },
          c0: c0.map { UnsafePointer($0.storage.pointer + states[d]) })
      }
      let prepared = runs.map { $0.prepareForward() }
      let isLast = l == weights.count - 1
      // States are outputs, unless there are two directions or sequences that end early.
      let writes = isLast || directions == 2 || active != nil || drops
      let y = isLast ? output : writes ? Tensor(uninitialized: [steps, batch, width]) : nil
      let target = y.map { rows($0, batchFirst: isLast && batchFirst, steps: steps, batch: batch) }
      let from = input(tape, layer: l)
      forEachPart(steps: steps, batch: batch) { d, part in
        let out = target.map { SequenceRows(pointer: $0.pointer + d * hidden, step: $0.step, row: $0.row) }
        runs[d].forward(part, from, prepared[d], y: out, active: active)
      }
      if !isLast {
        let mask = drops && l < streams.count ? mask(streams[l], shape: y!.shape) : nil
        tape.inputs.append(mask.map { y! * $0 } ?? y)
        tape.masks.append(mask)
      }
      tape.layers.append(runs)
      for (d, run) in runs.enumerated() {
        (hn.storage.pointer + states[d]).update(from: run.lastHidden, count: count)
        if let cn { (cn.storage.pointer + states[d]).update(from: run.lastCell!, count: count) }
      }
    }
    withExtendedLifetime((x, h0, c0)) {}
    return (output, hn, cn, tape)
  }

  package struct Gradients {
    package var x: Tensor?
    package var h0: Tensor
    package var c0: Tensor?
    /// nil where none are wanted.
    package var weights: [[RecurrentWeights?]]
  }

  /// - Parameters:
  ///   - dOutput: The gradient at the output; nil where none arrived, as for the others.
  ///   - needsInput: Whether the gradient at `x` is wanted.
  ///   - needsWeights: Whether those of the weights are, for each layer and direction.
  package func backward(
    _ tape: Tape, dOutput: Tensor?, dHidden: Tensor?, dCell: Tensor?, needsInput: Bool, needsState: Bool,
    needsWeights: [[Bool]]
  ) -> Gradients {
    let (steps, batch) = (tape.steps, tape.batch)
    let (count, width) = (batch * hidden, directions * hidden)
    var dh = dHidden ?? Tensor.zeros([weights.count * directions, batch, hidden])
    var dc = cell.hasCellState ? dCell ?? Tensor.zeros(dh.shape) : nil
    dh.makeUnique()
    dc?.makeUnique()
    let (dhStart, dcStart) = (dh.storage.pointer, dc?.storage.pointer)
    var gradients: [[RecurrentWeights?]] = []
    // Layers below the lowest of which something is wanted are left out.
    let lowest = needsInput || needsState ? 0 : needsWeights.firstIndex { $0.contains(true) } ?? weights.count
    var above = dOutput  // the gradient at this layer's output
    var dx: Tensor?

    for l in weights.indices.reversed() {
      let runs = tape.layers[l]
      if l < lowest {
        gradients.append(runs.map { _ in nil })
        continue
      }
      let needsBelow = l > lowest || needsInput
      let dy = above.map {
        rows($0, batchFirst: batchFirst && l == weights.count - 1, steps: steps, batch: batch)
      }
      let prepared = runs.map { $0.prepareBackward(input: needsBelow) }
      let dgates = runs.map { Tensor(uninitialized: [steps, batch, $0.gateRow]) }
      let below = runs.map { _ in
        needsBelow ? Tensor(uninitialized: l == 0 ? tape.x.shape : [steps, batch, width]) : nil
      }
      forEachPart(steps: steps, batch: batch) { d, part in
        let state = (l * directions + d) * count
        let up = dy.map { SequenceRows(pointer: $0.pointer + d * hidden, step: $0.step, row: $0.row) }
        let down = below[d].map { rows($0, batchFirst: batchFirst && l == 0, steps: steps, batch: batch) }
        runs[d].backward(
          part, prepared[d], dy: up, dh: dhStart + state, dc: dcStart.map { $0 + state },
          dgates: dgates[d].storage.pointer, dx: down, needsState: needsState, active: tape.active)
      }
      let from = input(tape, layer: l)
      gradients.append(
        runs.indices.map { d in
          needsWeights[l][d] ? runs[d].weightGradients(dgates[d], x: from) : nil
        })
      withExtendedLifetime(above) {}
      var sum = below[0]
      if let second = below.dropFirst().first, let second { sum! += second }
      if l > 0 {
        above = tape.masks[l - 1].flatMap { mask in sum.map { $0 * mask } } ?? sum
      } else {
        dx = sum
      }
    }
    withExtendedLifetime((dh, dc)) {}
    return Gradients(x: dx, h0: dh, c0: dc, weights: gradients.reversed())
  }

  /// The input with zeros for padding that holds NaN or infinity. The first layer's weight gradients are one product over
  /// all steps, in which padding meets gradients of 0: fine for numbers, but 0 × NaN is NaN.
  private func withoutBadPadding(_ x: Tensor, _ active: [UInt8]?, steps: Int, batch: Int) -> Tensor {
    guard let active else { return x }
    let width = x.shape[2]
    let padding = (0..<steps * batch).filter { active[$0] == 0 }
    func place(_ i: Int) -> Int { batchFirst ? (i % batch * steps + i / batch) * width : i * width }
    let isBad = x.withPointer { x in
      padding.contains { i in (0..<width).contains { !x[place(i) + $0].isFinite } }
    }
    if !isBad { return x }
    var x = x
    x.withMutablePointer { x in
      for i in padding { (x + place(i)).update(repeating: 0, count: width) }
    }
    return x
  }

  /// The input of a layer; the tape keeps it alive.
  private func input(_ tape: Tape, layer: Int) -> SequenceRows {
    if layer == 0 { return rows(tape.x, batchFirst: batchFirst, steps: tape.steps, batch: tape.batch) }
    if let x = tape.inputs[layer - 1] {
      return rows(x, batchFirst: false, steps: tape.steps, batch: tape.batch)
    }
    return tape.layers[layer - 1][0].outputs
  }

  private func rows(_ x: Tensor, batchFirst: Bool, steps: Int, batch: Int) -> SequenceRows {
    let width = x.shape[2]
    return SequenceRows(
      pointer: x.storage.pointer, step: batchFirst ? width : batch * width,
      row: batchFirst ? steps * width : width)
  }

  /// Calls `body` for each direction and each part of the batch: as many as keep two threads busy, or more of 32
  /// sequences. How it is cut follows from the work alone, never from the number of threads.
  private func forEachPart(steps: Int, batch: Int, _ body: (_ direction: Int, _ part: Range<Int>) -> Void) {
    let isSmall = steps * batch * hidden * hidden < 1 << 16
    let wanted = isSmall || directions == 2 ? 1 : 2
    let size = max(min((batch + wanted - 1) / wanted, isSmall ? 64 : 32), 1)
    let parts = (batch + size - 1) / size
    Parallel.forEach(pieces: parts * directions) { piece in
      let first = piece / directions * size
      body(piece % directions, first..<min(first + size, batch))
    }
  }

  /// 0 with the probability of dropping, else what keeps the mean.
  private func mask(_ stream: RandomStream, shape: [Int]) -> Tensor {
    var stream = stream
    let mask = Tensor(uninitialized: shape)
    let (p, kept) = (Float(dropout), dropout < 1 ? Float(1 / (1 - dropout)) : 0)
    for i in 0..<mask.count { mask.storage.pointer[i] = stream.uniform() < p ? 0 : kept }
    return mask
  }
}
