import Tensors

/// Strings of a small grammar, with the symbols that may come next after each of their beginnings.
///
/// The simple grammar is a walk over numbered places, from B to E. From most of them two ways lead on:
///
///     0: B → 1      1: T → 2 or P → 3      2: S → 2 or X → 4      3: T → 3 or V → 5
///     4: X → 3 or S → 6      5: P → 4 or V → 6      6: E, and the string ends
///
/// The embedded grammar puts a whole string of the simple one between `BT` and `TE`, or between `BP` and `PE`. Whoever
/// predicts the last but one symbol must still know the second, with five symbols or more between them.
///
/// - PyTorch: no counterpart.
/// - Source: Reber, "Implicit learning of artificial grammars", Journal of Verbal Learning and Verbal Behavior 6,
///   1967; embedded: Smith and Zipser 1989, Cleeremans, Servan-Schreiber and McClelland 1989.
/// - Book: chapter 6.
public struct ReberGrammar: Sendable, Equatable {
  /// The symbols, in the order of their numbers.
  public static let symbols: [Character] = ["B", "T", "P", "S", "X", "V", "E"]

  /// One way to go on from a place: the symbol that it writes, and where it leads.
  public struct Arc: Sendable, Equatable {
    /// What it writes: a place in `ReberGrammar.symbols`.
    public let symbol: Int
    /// Where it leads: a place in `arcs`.
    public let place: Int
  }

  /// The ways on from each place; from the last there is none.
  public let arcs: [[Arc]]

  /// The grammar of strings such as `BTSXSE`.
  public static let simple = ReberGrammar(walk)

  /// The grammar of strings such as `BTBPVVETE`.
  public static let embedded: ReberGrammar = {
    // Place 0 writes B, place 1 chooses; then a copy of the simple grammar for T, and one for P.
    let size = simple.arcs.count
    var arcs: [[(Character, Int)]] = [[("B", 1)], [("T", 2), ("P", 2 + size + 1)]]
    for (copy, symbol) in (["T", "P"] as [Character]).enumerated() {
      let first = 2 + copy * (size + 1)
      let end = 2 + 2 * (size + 1)
      arcs += walk.map { $0.map { ($0.0, $0.1 + first) } }.dropLast()
      arcs += [[(symbol, first + size)], [("E", end)]]
    }
    return ReberGrammar(arcs + [[]])
  }()

  /// The simple grammar's places, 0 to 7.
  private static let walk: [[(Character, Int)]] = [
    [("B", 1)], [("T", 2), ("P", 3)], [("S", 2), ("X", 4)], [("T", 3), ("V", 5)], [("X", 3), ("S", 6)],
    [("P", 4), ("V", 6)], [("E", 7)], [],
  ]

  private init(_ arcs: [[(Character, Int)]]) {
    self.arcs = arcs.map { $0.map { Arc(symbol: Self.symbols.firstIndex(of: $0.0)!, place: $0.1) } }
  }

  /// A string at random: at each place, every way on is equally likely.
  public func string(from stream: inout RandomStream) -> GrammarString {
    var (symbols, possible, place): ([Int], [SymbolSet], Int) = ([], [], 0)
    while !arcs[place].isEmpty {
      let ways = arcs[place]
      possible.append(SymbolSet(ways.map(\.symbol)))
      let way = ways[ways.count == 1 ? 0 : stream.integer(below: ways.count)]
      symbols.append(way.symbol)
      place = way.place
    }
    return GrammarString(symbols: symbols, next: Array(possible.dropFirst()))
  }

  /// The symbols that may come after the beginning of a string: none after a whole one; nil when no string begins like
  /// that.
  public func possibleNext(after symbols: some Sequence<Int>) -> SymbolSet? {
    var place = 0
    for symbol in symbols {
      guard let way = arcs[place].first(where: { $0.symbol == symbol }) else { return nil }
      place = way.place
    }
    return SymbolSet(arcs[place].map(\.symbol))
  }

  /// Whether these symbols are a whole string of the grammar.
  public func contains(_ symbols: some Sequence<Int>) -> Bool {
    possibleNext(after: symbols)?.isEmpty == true
  }

  /// The numbers of a text's symbols; nil where there is another character.
  public static func numbers(_ text: String) -> [Int]? {
    let numbers = text.compactMap { Self.symbols.firstIndex(of: $0) }
    return numbers.count == text.count ? numbers : nil
  }
}

/// Some symbols out of at most 64, by their numbers.
public struct SymbolSet: Sendable, Hashable {
  private let bits: UInt64

  /// Traps when a number is not from 0 to 63.
  public init(_ symbols: some Sequence<Int>) {
    bits = symbols.reduce(0) {
      if $1 < 0 || $1 > 63 { trap("SymbolSet: symbols are numbers from 0 to 63, given \($1)") }
      return $0 | 1 << UInt64($1)
    }
  }

  /// Whether `symbol` is one of them.
  public func contains(_ symbol: Int) -> Bool { bits >> UInt64(symbol) & 1 == 1 }
  /// How many there are.
  public var count: Int { bits.nonzeroBitCount }
  /// Whether there are none.
  public var isEmpty: Bool { bits == 0 }
  /// Their numbers, the smallest first.
  public var symbols: [Int] { (0..<64).filter(contains) }
}

/// A string of a grammar, and what might have come at each of its steps.
public struct GrammarString: Sendable, Hashable, CustomStringConvertible {
  /// The symbols' numbers, from the first to the last.
  public let symbols: [Int]
  /// `next[t]` are the symbols that may come after `symbols[...t]`: one set for each symbol but the last.
  public let next: [SymbolSet]

  /// Traps when there is not one set for each symbol but the last.
  public init(symbols: [Int], next: [SymbolSet]) {
    if symbols.count != next.count + 1 {
      trap("GrammarString: \(symbols.count) symbols and \(next.count) sets of next ones")
    }
    (self.symbols, self.next) = (symbols, next)
  }

  /// `BTBPVVETE`, for the symbols of ``ReberGrammar``.
  public var description: String { String(symbols.map { ReberGrammar.symbols[$0] }) }

  /// Whether the scores given after each symbol but the last put the possible next symbols before all others.
  public func isPredicted(by scores: (_ step: Int) -> [Double]) -> Bool {
    next.indices.allSatisfy { areMostActive(next[$0], in: scores($0)) }
  }
}

/// Whether every one of `symbols` has a greater score than every other symbol. A score that is not a number decides
/// against it.
///
/// - Source: the measure of success in Hochreiter and Schmidhuber 1997, experiment 1.
/// - Book: chapter 6.
public func areMostActive(_ symbols: SymbolSet, in scores: [Double]) -> Bool {
  var (least, greatest) = (Double.infinity, -Double.infinity)
  for (symbol, score) in scores.enumerated() {
    if score.isNaN { return false }
    if symbols.contains(symbol) { least = min(least, score) } else { greatest = max(greatest, score) }
  }
  return least > greatest
}
