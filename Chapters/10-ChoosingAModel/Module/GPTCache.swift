import Engine

/// What a GPT keeps of the characters that it has read, so that the next one costs one step: their keys and values, block
/// by block.
///
/// In 32-bit numbers it takes `2 · 4 · blocks · D` bytes a character.
///
/// - Book: section 10.10.
public struct GPTCache: Sendable {
  /// Keys and values side by side, `[1, S, 2·D]`; nil before anything was read.
  var blocks: [Tensor?]
  /// S, how many characters were read.
  public private(set) var count = 0

  public init(for model: GPT) { blocks = Array(repeating: nil, count: model.blocks.count) }

  mutating func advance(_ steps: Int) { count += steps }
}

extension GPT {
  /// Reads some more characters of a text.
  ///
  /// - Parameters:
  ///   - ids: One or more; with those that the cache holds, at most the context.
  ///   - cache: What was read before; `ids` are added to it.
  /// - Returns: Scores for the character after the last one, `[V]`: those of the whole text read anew, up to rounding.
  public func next(after ids: [Int], _ cache: inout GPTCache) -> Tensor {
    if ids.isEmpty { fatalError("GPT: there must be something to read") }
    return withoutGradients {
      var x = vectors(IntTensor(ids, shape: [1, ids.count]), first: cache.count)
      for (i, block) in blocks.enumerated() { x = block.reading(x, cache: &cache.blocks[i]) }
      cache.advance(ids.count)
      return logits(x.sliced(ids.count - 1..<ids.count, axis: 1)).value.reshaped([size.vocabulary])
    }
  }

  /// Scores for the character after a text, `[V]`, without a cache: all of it is read.
  ///
  /// - Parameter ids: One or more, at most the context.
  public func next(after ids: [Int]) -> Tensor {
    withoutGradients {
      self(IntTensor(ids, shape: [1, ids.count])).value.selected(0, axis: 0).selected(ids.count - 1, axis: 0)
    }
  }
}
