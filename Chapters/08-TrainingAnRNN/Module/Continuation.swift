import Engine

extension LanguageModel {
  /// Goes on with a text.
  ///
  /// - Parameters:
  ///   - beginning: What is read first, at least one number.
  ///   - count: How many numbers to add.
  ///   - sampler: How each is chosen.
  ///   - excluded: A number that is never written: that of unknown characters.
  /// - Returns: The new numbers, without the beginning.
  /// - Book: section 8.9.
  public func continuation(
    of beginning: [Int], count: Int, by sampler: Sampler, excluding excluded: Int? = nil,
    random: inout RandomStream
  ) -> [Int] {
    if beginning.isEmpty { fatalError("LanguageModel: there must be a beginning to go on with") }
    let wasTraining = isTraining
    evaluate()
    defer { train(wasTraining) }
    return withoutGradients {
      var written: [Int] = []
      var (logits, state) = self(IntTensor(beginning, shape: [1, beginning.count]))
      while written.count < count {
        var scores = Array(logits.value.scalars.suffix(logits.shape[2]))
        if let excluded { scores[excluded] = -.infinity }
        let next = sampler.choose(from: Tensor(scores, shape: [1, scores.count]), with: &random).scalars[0]
        written.append(next)
        (logits, state) = self(IntTensor([next], shape: [1, 1]), state)
      }
      return written
    }
  }
}
