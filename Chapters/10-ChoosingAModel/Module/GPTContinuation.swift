import Engine

extension GPT {
  /// Goes on with a text.
  ///
  /// The model looks at a window of at most its context. When the window is full, its second half begins the next one. With
  /// a cache, a character costs one step then, and every half context once a reading of the half that is kept. Without one
  /// each character costs a reading of the whole window. The characters are the same.
  ///
  /// - Parameters:
  ///   - beginning: What is read first, at least one number; of a longer one than the context, its end.
  ///   - count: How many numbers to add.
  ///   - sampler: How each is chosen.
  ///   - excluded: A number that is never written: that of unknown characters.
  ///   - usesCache: Whether keys and values are kept.
  /// - Returns: The new numbers, without the beginning.
  /// - PyTorch: none; nanoGPT's `generate` has no cache, and moves its window by one character at a time.
  /// - Book: section 10.10.
  public func continuation(
    of beginning: [Int], count: Int, by sampler: Sampler, excluding excluded: Int? = nil,
    usesCache: Bool = true, random: inout RandomStream
  ) -> [Int] {
    if beginning.isEmpty { fatalError("GPT: there must be a beginning to go on with") }
    let wasTraining = isTraining
    evaluate()
    defer { train(wasTraining) }
    var window = Array(beginning.suffix(size.context))
    var cache = GPTCache(for: self)
    var written: [Int] = []
    while written.count < count {
      var scores =
        usesCache
        ? next(after: Array(window[cache.count...]), &cache).scalars : next(after: window).scalars
      if let excluded { scores[excluded] = -.infinity }
      let id = sampler.choose(from: Tensor(scores, shape: [1, scores.count]), with: &random).scalars[0]
      written.append(id)
      window.append(id)
      if window.count > size.context {
        window = Array(window.suffix((size.context + 1) / 2))
        cache = GPTCache(for: self)
      }
    }
    return written
  }
}
