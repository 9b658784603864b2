import Engine

/// A network that reads a string symbol by symbol, says after each what may come next, and learns from one string after
/// the other.
///
/// - Book: section 6.5.
public protocol SymbolNetwork: Sendable {
  /// How many numbers it learns.
  var weightCount: Int { get }

  /// Reads one string from the beginning and learns to predict each of its symbols from those before.
  mutating func learn(_ symbols: [Int], rate: Double)

  /// Reads one string from the beginning, and gives `judge` the scores of all symbols after each but the last, until it
  /// says no.
  ///
  /// - Returns: Whether `judge` never said no.
  mutating func read(_ symbols: [Int], judge: (_ step: Int, _ scores: [Double]) -> Bool) -> Bool
}

extension SymbolNetwork {
  /// Whether the possible next symbols are always the most active.
  public mutating func predicts(_ string: GrammarString) -> Bool {
    read(string.symbols) { step, scores in areMostActive(string.next[step], in: scores) }
  }
}

/// 1997's network on symbols: one input and one output for each.
extension Network1997: SymbolNetwork {
  public var weightCount: Int { size.weightCount }

  public mutating func learn(_ symbols: [Int], rate: Double) {
    reset()
    for (symbol, next) in zip(symbols, symbols.dropFirst()) {
      step(oneHot(symbol, size.inputs))
      learn(oneHot(next, size.outputs), rate: rate)
    }
  }

  public mutating func read(_ symbols: [Int], judge: (Int, [Double]) -> Bool) -> Bool {
    reset()
    return symbols.dropLast().enumerated().allSatisfy { t, symbol in
      step(oneHot(symbol, size.inputs), learns: false)
      return judge(t, outputs)
    }
  }
}

/// 1 in the symbol's place, 0 in all others.
func oneHot(_ symbol: Int, _ count: Int) -> [Double] {
  var x = [Double](repeating: 0, count: count)
  x[symbol] = 1
  return x
}
