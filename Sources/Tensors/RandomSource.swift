import Synchronization

/// Random numbers as a pure function of (seed, stream, index): the same on every machine, in any order, on any
/// number of threads.
///
/// Philox 4×32-10: ten rounds of multiply and mix turn a 128-bit counter and a 64-bit key into 128 random bits. It
/// has no state, so number one million costs as much as number one.
///
/// - PyTorch: `torch.Generator`; the numbers differ from PyTorch's.
/// - Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public struct RandomStream: RandomNumberGenerator, Sendable, Equatable {
  /// What all streams of a program usually share.
  public let seed: UInt64
  /// Which of the seed's streams this is; no two have anything to do with each other.
  public let stream: UInt64
  /// How many 64-bit numbers have been drawn.
  public var position: UInt64 = 0

  /// The stream from its beginning. Two with the same numbers give the same numbers.
  public init(seed: UInt64, stream: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
  }

  /// Four random 32-bit numbers for a counter and a key.
  static func philox(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (c, k) = (counter, key)
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) &* UInt64(c[0])
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(c[2])
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: p0))
      k = SIMD2(k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85)
    }
    return c
  }

  /// The random 64 bits at `index`.
  public func bits(at index: UInt64) -> UInt64 {
    let block = index / 2
    let counter = SIMD4<UInt32>(
      UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
    let key = SIMD2<UInt32>(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let r = Self.philox(counter, key: key)
    return index % 2 == 0 ? UInt64(r[0]) | UInt64(r[1]) << 32 : UInt64(r[2]) | UInt64(r[3]) << 32
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    defer { position += 1 }
    return bits(at: position)
  }

  /// A number from 0 up to but not including 1, a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number from `range`, its end not included.
  public mutating func uniform(_ range: Range<Float>) -> Float {
    let x = range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    return x < range.upperBound ? x : range.lowerBound
  }

  /// A whole number from `0..<bound`, each equally likely.
  public mutating func integer(below bound: Int) -> Int {
    if bound < 1 { trap("integer(below:): the bound must be at least 1, given \(bound)") }
    // Lemire 2019: a multiplication instead of a division, and a rare second draw instead of a bias.
    var product = next().multipliedFullWidth(by: UInt64(bound))
    if product.low < UInt64(bound) {
      let threshold = (0 &- UInt64(bound)) % UInt64(bound)
      while product.low < threshold { product = next().multipliedFullWidth(by: UInt64(bound)) }
    }
    return Int(product.high)
  }

  /// A number from the normal distribution with mean 0 and deviation 1 (Box and Muller 1958).
  public mutating func normal() -> Float {
    let bits = next()
    let u = Double(bits >> 32 &+ 1) * 0x1p-32
    let v = Double(bits & 0xFFFF_FFFF) * 0x1p-32
    return Float((-2 * logarithm(u)).squareRoot() * cosine(2 * .pi * v))
  }

  /// The numbers `0..<count` in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(below: i + 1)) }
    return order
  }

  /// Numbers from `range`, its end not included.
  public mutating func uniform(_ range: Range<Float>, shape: [Int]) -> Tensor {
    var x = Tensor(uninitialized: shape)
    let count = x.count
    x.withMutablePointer { for i in 0..<count { $0[i] = uniform(range) } }
    return x
  }

  /// Numbers from the normal distribution.
  public mutating func normal(mean: Float = 0, deviation: Float = 1, shape: [Int]) -> Tensor {
    var x = Tensor(uninitialized: shape)
    let count = x.count
    x.withMutablePointer { for i in 0..<count { $0[i] = mean + deviation * normal() } }
    return x
  }
}

/// Hands out random streams, one after the other: to each layer for its first weights, to each dropout for its mask.
///
/// `withRandomSource(RandomSource(seed: 7)) { CNN() }` makes the same network every time.
///
/// - PyTorch: `torch.manual_seed`, but scoped.
public final class RandomSource: Sendable {
  /// The seed of all the streams that it hands out.
  public let seed: UInt64
  private let handedOut: Atomic<UInt64>

  /// - Parameters:
  ///   - seed: Any number; two sources of one seed hand out the same streams in the same order.
  ///   - streams: How many streams are taken as handed out already: a saved source's `streams`.
  public init(seed: UInt64, streams: UInt64 = 0) {
    self.seed = seed
    handedOut = Atomic(streams)
  }

  /// How many streams have been handed out.
  public var streams: UInt64 { handedOut.load(ordering: .relaxed) }

  /// A stream that nobody has had before.
  public func next() -> RandomStream {
    RandomStream(seed: seed, stream: handedOut.wrappingAdd(1, ordering: .relaxed).oldValue)
  }

  /// Where layers and dropout draw from, unless `withRandomSource` says otherwise: for programs that set no seed.
  @TaskLocal public static var current = RandomSource(seed: 0)
}

/// Runs `body` with `source` as the one that layers draw from.
public func withRandomSource<Result>(_ source: RandomSource, _ body: () throws -> Result) rethrows -> Result {
  try RandomSource.$current.withValue(source, operation: body)
}
