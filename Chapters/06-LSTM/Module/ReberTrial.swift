import Engine

/// The paper's first experiment: how many strings a network must read until it knows the embedded Reber
/// grammar.
///
/// - Source: Hochreiter and Schmidhuber 1997, section 5.1.
/// - Book: section 6.5.
public struct ReberTask: Sendable {
  /// 256 strings at random to learn from; a string may be among them more than once.
  public let training: [GrammarString]
  /// 256 more, none of which is among the first.
  public let test: [GrammarString]

  /// - Parameter count: How many strings in each set.
  public init(count: Int = 256, from stream: inout RandomStream) {
    var known: Set<GrammarString> = []
    training = (0..<count).map { _ in ReberGrammar.embedded.string(from: &stream) }
    known.formUnion(training)
    var test: [GrammarString] = []
    while test.count < count {
      let string = ReberGrammar.embedded.string(from: &stream)
      if !known.contains(string) { test.append(string) }
    }
    self.test = test
  }

  /// Trains on strings at random until the network predicts every string of both sets.
  ///
  /// - Parameters:
  ///   - network: With its first weights.
  ///   - rate: The learning rate.
  ///   - limit: After so many strings it has failed.
  ///   - interval: It is examined after each so many strings.
  /// - Returns: After how many strings it succeeded; nil if it did not.
  public func stringsUntilSuccess(
    _ network: inout some SymbolNetwork, rate: Double, limit: Int, interval: Int = 10,
    from stream: inout RandomStream
  ) -> Int? {
    var examination = training + test
    for strings in 1...max(1, limit) {
      network.learn(training[stream.integer(below: training.count)].symbols, rate: rate)
      if strings % interval == 0 {
        // The string that failed is the first to be asked the next time: most examinations end there.
        guard let failed = examination.firstIndex(where: { !network.predicts($0) }) else { return strings }
        examination.swapAt(0, failed)
      }
    }
    return nil
  }
}
