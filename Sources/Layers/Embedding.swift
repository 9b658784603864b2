import Autograd
import Tensors

/// A table of vectors, one for each id: words become vectors that are learned.
///
/// Parameters: `weight`, `[V, D]`, drawn from the normal distribution; the padding row, if there is one, begins at 0
/// and stays there.
///
/// - Shape: ids `[…]` → `[…, D]`
/// - PyTorch: `torch.nn.Embedding`.
/// - Book: chapter 8.
public final class Embedding: Module {
  /// The table, `[V, D]`: a row for each id.
  public let weight: Parameter
  /// The id whose row stays at 0 and gets no gradient; nil for none.
  public let paddingIndex: Int?

  /// - Parameters:
  ///   - count: V, how many ids there are. PyTorch: `num_embeddings`.
  ///   - dimension: D, the length of a vector. PyTorch: `embedding_dim`.
  ///   - paddingIndex: The id that stands for "nothing here", if there is one: its row stays at 0. Traps when it is
  ///     not in the table. PyTorch: `padding_idx`, which may also count from the end.
  public init(count: Int, dimension: Int, paddingIndex: Int? = nil) {
    if let paddingIndex, paddingIndex < 0 || paddingIndex >= count {
      trap("Embedding: padding index \(paddingIndex) is not in a table of \(count)")
    }
    var table = Initial.normal(shape: [count, dimension])
    if let row = paddingIndex {
      for i in 0..<dimension { table[row, i] = 0 }
    }
    weight = Parameter(table)
    self.paddingIndex = paddingIndex
  }

  /// Each id's row. Traps when an id is not within `0..<V`.
  public func callAsFunction(_ ids: IntTensor) -> Variable {
    embedding(ids, weight, paddingIndex: paddingIndex)
  }
}
