internal import CKernels

/// Scaled dot-product attention of many heads at once, each on its own rows of larger tensors, so that projections of
/// all heads can lie side by side and need not be rearranged.
///
///     P = softmax(scale · Q Kᵀ)   row by row, over the keys that may be looked at
///     Y = P V
///
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.1.
/// - Book: chapter 10.
package struct AttentionGeometry: Sendable {
  /// Where a head's rows lie: row `t` of head `h` of batch `n` begins at `offset + n·batch + h·head + t·row` of
  /// tensor number `source`.
  package struct Operand: Sendable {
    package var source: Int
    package var offset: Int
    package var batch: Int
    package var head: Int
    package var row: Int

    package init(source: Int, offset: Int = 0, batch: Int, head: Int, row: Int) {
      self.source = source
      self.offset = offset
      self.batch = batch
      self.head = head
      self.row = row
    }

    func start(_ n: Int, _ h: Int) -> Int { offset + n * batch + h * head }
  }

  package var batch: Int
  package var heads: Int
  package var queries: Int
  package var keys: Int
  package var width: Int
  package var valueWidth: Int
  package var query: Operand
  package var key: Operand
  package var value: Operand
  package var output: Operand
  package var outputShape: [Int]
  package var scale: Float
  package var isCausal: Bool

  package init(
    batch: Int, heads: Int, queries: Int, keys: Int, width: Int, valueWidth: Int, query: Operand,
    key: Operand,
    value: Operand, output: Operand, outputShape: [Int], scale: Float, isCausal: Bool
  ) {
    self.batch = batch
    self.heads = heads
    self.queries = queries
    self.keys = keys
    self.width = width
    self.valueWidth = valueWidth
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.outputShape = outputShape
    self.scale = scale
    self.isCausal = isCausal
  }

  private var grain: Int { max(1, (1 << 16) / max(queries * keys, 1)) }

  /// How many keys query `t` may look at, masks aside.
  private func seen(_ t: Int) -> Int { isCausal ? min(t + 1, keys) : keys }

  /// Queries that are multiplied with the keys at once. A causal query looks back only: cut into blocks of 32, each with
  /// the keys up to its end, 128 queries need 5/8 of the products.
  private var blocks: [Range<Int>] {
    let size = isCausal ? 32 : max(queries, 1)
    return stride(from: 0, to: queries, by: size).map { $0..<min(queries, $0 + size) }
  }

  /// Numbers between two heads' dropout masks: a multiple of 4, as the random numbers come in fours.
  private var maskStep: Int { (queries * keys + 3) / 4 * 4 }

  /// Of the head after number `i`, the part of the rows that belongs to a block of queries: to be fetched while this
  /// head's are multiplied. The rows of a head lie far apart, where no machine looks ahead by itself.
  private func soon(
    _ part: Operand, of base: UnsafePointer<Float>, after i: Int, _ block: Range<Int>, rows: Int, width: Int
  ) -> CKSoon {
    if i + 1 >= batch * heads || queries == 0 { return CKSoon() }
    let (first, end) = (rows * block.lowerBound / queries, rows * block.upperBound / queries)
    return CKSoon(
      numbers: base + part.start((i + 1) / heads, (i + 1) % heads) + first * part.row, rows: end - first,
      down: part.row, width: width)
  }

  /// - Parameter mask: Who may look at whom, `[N, H, T, S]` or stretching to it; true where allowed. A query that may
  ///   look at nothing gets zeros.
  /// - Returns: The output, and the weights P before dropout, `[N, H, T, S]`.
  package func forward(
    _ sources: [Tensor], mask: MaskTensor?, dropout: DropoutMask?
  ) -> (y: Tensor, weights: Tensor) {
    var y = Tensor(uninitialized: outputShape)
    var weights = Tensor(uninitialized: [batch, heads, queries, keys])
    let pointers = sources.map { UnsafePointer($0.storage.pointer) }
    let blocks = blocks
    let maskSteps = mask.map { stretchedSteps($0.shape) }
    withExtendedLifetime(sources) {
      y.withMutablePointer { y in
        weights.withMutablePointer { weights in
          Parallel.forEachRange(of: batch * heads, grain: grain) { range in
            let dropped = Storage(count: dropout == nil ? 0 : queries * keys)
            for i in range {
              let (n, h) = (i / heads, i % heads)
              let p = weights + i * queries * keys
              let q = pointers[query.source] + query.start(n, h)
              let k = packed(key, pointers, n, h, width: width, transposed: true)
              let v = packed(value, pointers, n, h, width: valueWidth, transposed: false)
              for block in blocks {
                k.multiply(
                  rows: block.count, q + block.lowerBound * query.row, lda: query.row,
                  n: seen(block.upperBound - 1), into: p + block.lowerBound * keys, ldc: keys,
                  next: soon(key, of: pointers[key.source], after: i, block, rows: keys, width: width))
              }
              if let mask, let steps = maskSteps {
                mask.scalars.withUnsafeBufferPointer { mask in
                  maskedSoftmax(
                    p, mask, start: n * steps[0] + h * steps[1], rowStep: steps[2], step: steps[3])
                }
              } else if isCausal {
                for t in 0..<queries { softmax(p + t * keys, seen: seen(t)) }
              } else {
                ck_softmax_rows(p, p, queries, keys, scale)
              }
              dropout?.apply(p, dropped.pointer, queries * keys, first: i * maskStep)
              let p_ = dropout == nil ? p : dropped.pointer
              for block in blocks {
                v.multiply(
                  rows: block.count, p_ + block.lowerBound * keys, lda: keys, k: seen(block.upperBound - 1),
                  into: y + output.start(n, h) + block.lowerBound * output.row, ldc: output.row,
                  next: soon(
                    value, of: pointers[value.source], after: i, block, rows: keys, width: valueWidth))
              }
            }
            withExtendedLifetime(dropped) {}
          }
        }
      }
    }
    return (y, weights)
  }

  /// The keys or values of one head, ready for products: `[S, width]`, or turned.
  private func packed(
    _ part: Operand, _ sources: [UnsafePointer<Float>], _ n: Int, _ h: Int, width: Int, transposed: Bool
  ) -> PackedMatrix {
    PackedMatrix(
      sources[part.source] + part.start(n, h), ldb: part.row, k: transposed ? width : keys,
      n: transposed ? keys : width, transposed: transposed)
  }

  /// A row of which the first numbers count. A few more are taken along as −∞, whose exponential is the 0 that belongs
  /// there: whole vectors are faster than what is left over at their end.
  private func softmax(_ row: UnsafeMutablePointer<Float>, seen: Int) {
    let whole = scale > 0 ? min(keys, (seen + 15) / 16 * 16) : seen
    (row + seen).update(repeating: -.infinity, count: whole - seen)
    ck_softmax_rows(row, row, 1, whole, scale)
    (row + whole).update(repeating: 0, count: keys - whole)
  }

  private func maskedSoftmax(
    _ p: UnsafeMutablePointer<Float>, _ mask: UnsafeBufferPointer<Bool>, start: Int, rowStep: Int, step: Int
  ) {
    for t in 0..<queries {
      let row = p + t * keys
      let seen = seen(t)
      var sees = false
      for s in 0..<seen {
        if mask[start + t * rowStep + s * step] {
          sees = true
        } else {
          // Below everything after scaling, whatever the sign of the scale.
          row[s] = scale < 0 ? .infinity : -.infinity
        }
      }
      if sees { softmax(row, seen: seen) } else { row.update(repeating: 0, count: keys) }
    }
  }

  /// The gradients at the sources, for the gradient `dy` at the output.
  ///
  ///     dV = Pᵀ dY,  dP = dY Vᵀ,  dS = scale · P ∘ (dP − rowsum(dP ∘ P)),  dQ = dS K,  dK = dSᵀ Q
  package func backward(dy: Tensor, _ sources: [Tensor], weights: Tensor, dropout: DropoutMask?) -> [Tensor] {
    var gradients = sources.map { Tensor(uninitialized: $0.shape) }
    for i in gradients.indices { gradients[i].makeUnique() }
    let out = gradients.map(\.storage.pointer)
    let blocks = blocks
    let pointers = sources.map { UnsafePointer($0.storage.pointer) }
    withExtendedLifetime((sources, gradients)) {
      dy.withPointer { dy in
        weights.withPointer { weights in
          Parallel.forEachRange(of: batch * heads, grain: grain) { range in
            let scores = Storage(count: queries * keys)
            let dropped = Storage(count: dropout == nil ? 0 : queries * keys)
            let scratch = Storage(count: ck_gradient_count(queries, max(width, valueWidth)))
            for i in range {
              let (n, h) = (i / heads, i % heads)
              let p = weights + i * queries * keys
              let up = dy + output.start(n, h)
              let ds = scores.pointer
              dropout?.apply(p, dropped.pointer, queries * keys, first: i * maskStep)
              let p_ = dropout == nil ? p : UnsafePointer(dropped.pointer)
              let dk = out[key.source] + key.start(n, h)
              let dv = out[value.source] + value.start(n, h)
              let v = packed(value, pointers, n, h, width: valueWidth, transposed: true)
              for block in blocks {
                v.multiply(
                  rows: block.count, up + block.lowerBound * output.row, lda: output.row,
                  n: seen(block.upperBound - 1), into: ds + block.lowerBound * keys, ldc: keys,
                  next: soon(
                    value, of: pointers[value.source], after: i, block, rows: keys, width: valueWidth))
              }
              addUp(
                p_, up, row: output.row, width: valueWidth, into: dv, row: value.row, scratch.pointer,
                next: soon(output, of: dy, after: i, 0..<queries, rows: queries, width: valueWidth))
              dropout?.apply(ds, ds, queries * keys, first: i * maskStep)
              if isCausal {
                for t in 0..<queries {
                  let (row, seen) = (t * keys, seen(t))
                  ck_softmax_rows_backward(ds + row, p + row, ds + row, 1, seen, scale)
                  (ds + row + seen).update(repeating: 0, count: keys - seen)
                }
              } else {
                ck_softmax_rows_backward(ds, p, ds, queries, keys, scale)
              }
              let k = packed(key, pointers, n, h, width: width, transposed: false)
              for block in blocks {
                k.multiply(
                  rows: block.count, ds + block.lowerBound * keys, lda: keys, k: seen(block.upperBound - 1),
                  into: out[query.source] + query.start(n, h) + block.lowerBound * query.row, ldc: query.row,
                  next: soon(key, of: pointers[key.source], after: i, block, rows: keys, width: width))
              }
              addUp(
                ds, pointers[query.source] + query.start(n, h), row: query.row, width: width, into: dk,
                row: key.row, scratch.pointer,
                next: soon(
                  query, of: pointers[query.source], after: i, 0..<queries, rows: queries, width: width))
            }
            withExtendedLifetime((scores, dropped, scratch)) {}
          }
        }
      }
    }
    return gradients
  }

  /// For each key, the sum over the queries of what it was given there, `weightsᵀ · rows`: `[S, width]`.
  private func addUp(
    _ weights: UnsafePointer<Float>, _ rows: UnsafePointer<Float>, row: Int, width: Int,
    into sums: UnsafeMutablePointer<Float>, row sumRow: Int, _ scratch: UnsafeMutablePointer<Float>,
    next: CKSoon
  ) {
    ck_gradient_pack(0, queries, width, queries, rows, 0, row, scratch)
    ck_gradient_gemm(
      keys, width, queries, weights, keys, isCausal ? 1 : 0, scratch, sums, sumRow, nil, 0, next)
  }

  /// How far one step along each of `[N, H, T, S]` goes in a mask that stretches to it.
  private func stretchedSteps(_ shape: [Int]) -> [Int] {
    let full = [batch, heads, queries, keys]
    if shape.count > 4 || Tensor.broadcast(shape, full) != full {
      trap("scaledDotProductAttention: mask \(shape) does not stretch to \(full)")
    }
    return Tensor.steps(of: shape, stretchedTo: full)
  }
}
