import Tensors

/// For each id, its row of a table: words become vectors.
///
///     y = W[ids]
///     backward:  dW = for each row the sum of dy where it was taken, in the order of the ids; 0 for the padding row
///
/// - Parameters:
///   - ids: Whole numbers within `0..<V`, of any shape `[…]`.
///   - weight: The table, `[V, D]`.
///   - paddingIndex: An id whose row gets no gradient.
/// - Returns: `[…, D]`
/// - PyTorch: `torch.nn.functional.embedding(ids, weight, padding_idx)`.
/// - Book: chapter 8.
public func embedding(_ ids: IntTensor, _ weight: Variable, paddingIndex: Int? = nil) -> Variable {
  let table = weight.shape
  if table.count != 2 { trap("embedding: a table [V, D] is needed: \(table)") }
  if let bad = ids.scalars.first(where: { $0 < 0 || $0 >= table[0] }) {
    trap("embedding: id \(bad) is not in the table \(table)")
  }
  let rows =
    weight.integers?.dequantized(rows: ids.scalars) ?? weight.value.selecting(ids.scalars, axis: 0)
  let y = rows.reshaped(ids.shape + [table[1]])
  return Variable(y, op: "embedding", cost: .free, inputs: [weight]) { dy in
    var d = Tensor.zeros(table)
    d.add(dy.reshaped([-1, table[1]]), at: ids.scalars, axis: 0)
    if let paddingIndex {
      d.withMutablePointer { ($0 + paddingIndex * table[1]).update(repeating: 0, count: table[1]) }
    }
    return [d]
  }
}
