/// Finding texts that are nearly the same, without comparing each with each.
///
/// A text is the set of its *shingles*, runs of k words. How alike two texts are is their Jaccard similarity, the share of
/// shingles that they have in common among all that either has:
///
///     J(A, B) = |A ∩ B| / |A ∪ B|
///
/// Put the shingles in a random order, and note the first of A and the first of B: they are the same with probability J.
/// So the share of equal numbers in two *signatures*, made with many such orders, estimates J.
///
/// - Source: Broder, "On the resemblance and containment of documents", Compression and Complexity of Sequences 1997.
/// - Book: section 9.10.
public struct MinHash: Sendable, Equatable {
  /// One factor and one addend for each random order.
  private let mixers: [UInt64]

  /// How many orders a signature has.
  public var count: Int { mixers.count }

  /// - Parameters:
  ///   - count: At least 1: the estimate's standard deviation is `√(J(1 − J)/count)`.
  ///   - seed: Of the random orders.
  public init(count: Int = 128, seed: UInt64 = 1) {
    if count < 1 { fatalError("MinHash: a signature has at least 1 number, given \(count)") }
    var state = seed
    mixers = (0..<count).map { _ in
      state &+= 0x9E37_79B9_7F4A_7C15
      return mixed(state)
    }
  }

  /// The shingles of a text as numbers.
  ///
  /// - Parameters:
  ///   - words: The text.
  ///   - size: How many words a shingle has. A text with fewer is one shingle.
  public static func shingles(of words: [String], size: Int = 3) -> Set<UInt64> {
    if size < 1 { fatalError("MinHash: a shingle has at least 1 word, given \(size)") }
    let last = max(0, words.count - size)
    return Set(
      (0...last).map { start in
        // FNV-1a over the bytes, with a mark between words.
        words[start..<min(start + size, words.count)].reduce(0xCBF2_9CE4_8422_2325) { hash, word in
          (Array(word.utf8) + [0]).reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
      })
  }

  /// For each random order, the first of the shingles.
  public func signature(of shingles: Set<UInt64>) -> [UInt64] {
    mixers.map { mixer in shingles.reduce(UInt64.max) { min($0, mixed($1 ^ mixer)) } }
  }

  /// The share of equal numbers: an estimate of the Jaccard similarity.
  public static func similarity(_ a: [UInt64], _ b: [UInt64]) -> Double {
    if a.count != b.count { fatalError("MinHash: signatures of \(a.count) and \(b.count) numbers") }
    return Double(zip(a, b).count { $0 == $1 }) / Double(max(a.count, 1))
  }

  /// The similarity itself, by comparing the sets.
  public static func jaccard(_ a: Set<UInt64>, _ b: Set<UInt64>) -> Double {
    let common = a.intersection(b).count
    let all = a.count + b.count - common
    return all == 0 ? 1 : Double(common) / Double(all)
  }

  /// Pairs that are worth a look: signatures are cut into bands of `rows` numbers, and two texts are a pair where at
  /// least one band is the same in both.
  ///
  ///     probability = 1 − (1 − J^rows)^bands,      steepest near J = (1/bands)^(1/rows)
  ///
  /// - Returns: Pairs `(i, j)` of places with `i < j`, each once, in order.
  public static func candidates(_ signatures: [[UInt64]], rows: Int) -> [(Int, Int)] {
    if rows < 1 { fatalError("MinHash: a band has at least 1 row, given \(rows)") }
    var pairs: Set<[Int]> = []
    let length = signatures.first?.count ?? 0
    for start in stride(from: 0, through: length - rows, by: rows) {
      var buckets: [[UInt64]: [Int]] = [:]
      for (place, signature) in signatures.enumerated() {
        buckets[Array(signature[start..<start + rows]), default: []].append(place)
      }
      for bucket in buckets.values where bucket.count > 1 {
        for (n, i) in bucket.enumerated() {
          for j in bucket[(n + 1)...] { pairs.insert([i, j]) }
        }
      }
    }
    return pairs.map { ($0[0], $0[1]) }.sorted { $0 < $1 }
  }
}

/// A number whose bits depend on all bits of `x`: the last step of SplitMix64, which maps no two numbers to one.
///
/// - Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
private func mixed(_ x: UInt64) -> UInt64 {
  var z = x
  z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
  return z ^ z >> 31
}
