import Engine

/// Nested lists of digits to be worked out, from the outside known only by what their brackets say:
///
///     [MAX 2 [MIN 9 4 7 ] 1 [MIN 5 [MAX 0 3 ] ] ]  →  4
///
/// The answer hangs on the first symbol, and on digits anywhere behind it: a task for a long memory. All ten answers are
/// equally frequent. The list at an index is a function of the seed and the index alone.
///
/// - Source: Nangia and Bowman, "ListOps: a diagnostic dataset for latent tree learning", NAACL 2018 workshop; a task of
///   Tay et al., "Long range arena", ICLR 2021, there 500 to 2,000 symbols long, with a median and a sum modulo 10 too.
/// - Book: section 10.7.
public struct ListOperations: Sendable {
  public let seed: UInt64
  /// How many symbols a list has.
  public let lengths: ClosedRange<Int>

  /// What each number stands for; 0 is padding.
  public static let symbols = ["·"] + (0...9).map { "\($0)" } + ["[MAX", "[MIN", "]"]

  private static let digit = 1
  private static let largest = 11
  private static let smallest = 12
  private static let end = 13
  private static let streams: UInt64 = 1 << 44

  /// - Parameter lengths: From 8 symbols on.
  public init(seed: UInt64, lengths: ClosedRange<Int> = 64...96) {
    if lengths.lowerBound < 8 {
      fatalError("ListOperations: lists have at least 8 symbols, given \(lengths.lowerBound)")
    }
    (self.seed, self.lengths) = (seed, lengths)
  }

  /// The list at a place, and its value, from 0 to 9.
  ///
  /// Lists are drawn until one has the value that is due, so that digits inside it are as they come: were they chosen to
  /// give the value, counting them would tell it.
  public func example(at index: Int) -> (symbols: [Int], answer: Int) {
    var stream = RandomStream(seed: seed, stream: Self.streams + UInt64(index))
    while true {
      var list: [Int] = []
      let length = lengths.lowerBound + stream.integer(below: lengths.count)
      Self.append(to: &list, room: length, &stream)
      if lengths.contains(list.count), Self.value(of: list) == index % 10 { return (list, index % 10) }
    }
  }

  /// Appends a list of at most `room` symbols, or a digit where there is no room for a list.
  private static func append(to list: inout [Int], room: Int, _ stream: inout RandomStream) {
    if room < 4 {
      list.append(digit + stream.integer(below: 10))
      return
    }
    list.append(stream.integer(below: 2) == 0 ? largest : smallest)
    let inside = room - 2
    let count = min(2 + stream.integer(below: 4), inside)
    // The room is cut at random places; each part gets at least one symbol.
    let cuts = stream.permutation(inside - 1).prefix(count - 1).map { $0 + 1 }.sorted()
    for (from, to) in zip([0] + cuts, cuts + [inside]) { append(to: &list, room: to - from, &stream) }
    list.append(end)
  }

  /// The value of a list, by working it out.
  public static func value(of list: [Int]) -> Int {
    var place = 0
    func read() -> Int {
      let symbol = list[place]
      place += 1
      if symbol < largest { return symbol - digit }
      var values: [Int] = []
      while list[place] != end { values.append(read()) }
      place += 1
      return symbol == largest ? values.max()! : values.min()!
    }
    return read()
  }

  /// The list as text.
  public static func text(_ list: [Int]) -> String { list.map { symbols[$0] }.joined(separator: " ") }
}
