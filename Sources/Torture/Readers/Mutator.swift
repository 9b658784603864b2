import Foundation
import Tensors

/// The mutated inputs of one reader: input number `i` is a function of the seed and of `i` alone, so that any of them can be
/// made again.
///
/// First come the good files as they are. Of the others every second is damaged at random; between them stands the smallest
/// good file, cut off after each of its bytes and then with each bit of its first bytes flipped, until that is done.
struct Mutator {
  /// What one input is.
  struct Input {
    var bytes: [UInt8]
    /// What was done to it, in a few words.
    var what: String
    /// The good file that it was made of.
    var origin: Int
    /// Whether it is as it was.
    var isWhole = false
    /// Whether it is a good file with plain damage: what carries a checksum must not be read as something else.
    var isPlainDamage = false
  }

  let subject: ReaderSubject
  let seed: UInt64
  private let smallest: Int

  init(_ subject: ReaderSubject, seed: UInt64) {
    (self.subject, self.seed) = (subject, seed)
    let sizes = subject.good.map(\.count)
    smallest = sizes.firstIndex(of: sizes.min() ?? 0) ?? 0
  }

  private static let mostCuts = 1500
  private static let mostFlips = 2500

  /// Input number `index`.
  func input(_ index: Int) -> Input {
    let good = subject.good
    if index < good.count {
      return Input(bytes: good[index], what: "a good file", origin: index, isWhole: true)
    }
    if (index - good.count) % 2 == 0 { return random(index) }
    var place = (index - good.count) / 2
    let small = good[smallest]
    let cuts = min(small.count, Self.mostCuts)
    if place < cuts {
      return Input(
        bytes: Array(small[..<place]), what: "cut off after \(place) bytes", origin: smallest,
        isPlainDamage: true)
    }
    place -= cuts
    let flips = min(small.count * 8, Self.mostFlips)
    if place < flips {
      var bytes = small
      bytes[place / 8] ^= 1 << UInt8(place % 8)
      return Input(
        bytes: bytes, what: "bit \(place % 8) of byte \(place / 8) flipped", origin: smallest,
        isPlainDamage: true)
    }
    return random(index)
  }

  private func random(_ index: Int) -> Input {
    var random = RandomStream(seed: seed, stream: subject.stream << 40 + UInt64(index))
    let origin = random.integer(below: subject.good.count)
    let good = subject.good[origin]
    var steps: [String] = []
    func mutated(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
      var bytes = bytes
      for _ in 0...random.integer(below: 3) {
        let step = Damage.allCases[random.integer(below: Damage.allCases.count)]
        step.apply(to: &bytes, subject, &random)
        steps.append("\(step)")
      }
      if bytes.count > Self.mostBytes { bytes.removeLast(bytes.count - Self.mostBytes) }
      return bytes
    }
    // Half of them inside the wrapping: lengths and checksums are made right again, so that what lies within is read.
    if let open = subject.inside, random.integer(below: 2) == 0, let inner = open(good, &random) {
      let bytes = inner.close(mutated(inner.core, &random))
      return Input(
        bytes: bytes, what: "inside: " + steps.joined(separator: ", "), origin: origin)
    }
    let bytes = mutated(good, &random)
    let isPlain = steps.count == 1 && ["flipBits", "setBytes", "cut"].contains(steps[0])
    return Input(
      bytes: bytes, what: steps.joined(separator: ", "), origin: origin, isPlainDamage: isPlain)
  }

  /// Inputs are small, so that there can be many.
  static let mostBytes = 256 << 10
}

/// What readers are held to: how a good file becomes one that nobody has written.
enum Damage: CaseIterable {
  case flipBits, setBytes, cut, append, lengthOffByOne, hugeSize, splice, repeatPart, removePart, swapParts,
    oddText,
    nest, sameName, otherNumber

  func apply(to bytes: inout [UInt8], _ subject: ReaderSubject, _ random: inout RandomStream) {
    // The beginning is where headers are.
    func place(_ count: Int) -> Int {
      if count == 0 { return 0 }
      return random.integer(below: random.integer(below: 2) == 0 ? min(count, 200) : count)
    }
    func range(upTo most: Int) -> Range<Int> {
      let start = place(bytes.count)
      let length = min(bytes.count - start, 1 + random.integer(below: most))
      return start..<start + max(0, length)
    }
    switch self {
    case .flipBits:
      for _ in 0...random.integer(below: 4) where !bytes.isEmpty {
        bytes[place(bytes.count)] ^= 1 << UInt8(random.integer(below: 8))
      }
    case .setBytes:
      for _ in 0...random.integer(below: 3) where !bytes.isEmpty {
        let telling: [UInt8] = [0, 0xFF, 0x7F, 0x80, 0x0A, 0x22, 0x2D, UInt8(random.integer(below: 256))]
        bytes[place(bytes.count)] = telling[random.integer(below: telling.count)]
      }
    case .cut: bytes.removeLast(random.integer(below: bytes.count + 1))
    case .append:
      bytes += (0...random.integer(below: 40)).map { _ in UInt8(random.integer(below: 256)) }
    case .lengthOffByOne:
      let width = [1, 2, 4, 8][random.integer(below: 4)]
      guard bytes.count >= width else { return }
      let at = min(place(bytes.count), bytes.count - width)
      let isBig = random.integer(below: 2) == 0
      let step = random.integer(below: 2) == 0 ? 1 : -1
      var number = Self.number(bytes[at..<at + width], isBig)
      number &+= UInt64(bitPattern: Int64(step))
      Self.put(number, width, isBig, at, &bytes)
    case .hugeSize:
      let width = [2, 4, 8][random.integer(below: 3)]
      guard bytes.count >= width else { return }
      let huge: [UInt64] = [
        .max, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40,
        1 << 62,
        0x4000_0000_0000_0001, 0xFFFF, 1 << 31 - 8, 0,
      ]
      let at = min(place(bytes.count), bytes.count - width)
      Self.put(huge[random.integer(below: huge.count)], width, random.integer(below: 2) == 0, at, &bytes)
    case .splice:
      let other = subject.good[random.integer(below: subject.good.count)]
      let cut = random.integer(below: bytes.count + 1)
      let from = random.integer(below: other.count + 1)
      bytes = Array(bytes[..<cut] + other[from...])
    case .repeatPart:
      let part = range(upTo: 200)
      let times = random.integer(below: 8) == 0 ? 1 + random.integer(below: 200) : 1
      let copy = Array(bytes[part])
      bytes.insert(contentsOf: (0..<times).flatMap { _ in copy }, at: part.upperBound)
    case .removePart: bytes.removeSubrange(range(upTo: 60))
    case .swapParts:
      let (a, b) = (range(upTo: 30), range(upTo: 30))
      guard a.upperBound <= b.lowerBound else { return }
      let parts = [
        bytes[..<a.lowerBound], bytes[b], bytes[a.upperBound..<b.lowerBound], bytes[a],
        bytes[b.upperBound...],
      ]
      bytes = parts.flatMap { $0 }
    case .oddText:
      let odd = Self.oddTexts[random.integer(below: Self.oddTexts.count)]
      bytes.insert(contentsOf: odd, at: place(bytes.count + 1))
    case .nest:
      let opening: [String] = ["[", "{\"a\":", "(", "> ", "<details>\n", "```\n", "{", "\"", "- ", "*"]
      let text = opening[random.integer(below: opening.count)]
      let times = [10, 100, 1000, 20_000][random.integer(below: 4)]
      let count = min(times, Mutator.mostBytes / 2 / text.utf8.count)
      let nested = Array(String(repeating: text, count: count).utf8)
      bytes.insert(contentsOf: nested, at: place(bytes.count + 1))
    case .sameName:
      let words = Self.words(bytes) { $0 == 0x5F || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 >= 0x80 }
      guard words.count > 1 else { return }
      let (a, b) = (words[random.integer(below: words.count)], words[random.integer(below: words.count)])
      let other = Array(bytes[a])
      bytes.replaceSubrange(b, with: other)
    case .otherNumber:
      let numbers = Self.words(bytes) { $0 >= 0x30 && $0 <= 0x39 }
      guard !numbers.isEmpty else { return }
      let text = Self.numbers[random.integer(below: Self.numbers.count)]
      bytes.replaceSubrange(numbers[random.integer(below: numbers.count)], with: Array(text.utf8))
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>, _ isBig: Bool) -> UInt64 {
    (isBig ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func put(_ number: UInt64, _ width: Int, _ isBig: Bool, _ at: Int, _ bytes: inout [UInt8]) {
    for k in 0..<width {
      bytes[at + (isBig ? width - 1 - k : k)] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(k)))
    }
  }

  /// Where words of such bytes stand.
  private static func words(_ bytes: [UInt8], _ isPart: (UInt8) -> Bool) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start: Int?
    for i in 0...bytes.count {
      if i < bytes.count, isPart(bytes[i]) {
        start = start ?? i
      } else if let from = start {
        found.append(from..<i)
        start = nil
        if found.count == 400 { break }
      }
    }
    return found
  }

  private static let numbers = [
    "0", "-1", "1", "00", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "4294967296", "2147483648", "1e999", "-1e999", "1e-999", "0.5", "NaN", "inf",
    "1e5", "",
    "99999999999999999999999999", "٣", "1_000", "0x10",
  ]

  /// Texts that programs stumble over: controls, two forms of a letter, broken UTF-8, UTF-16, the longest line.
  private static let oddTexts: [[UInt8]] = [
    [0], [0x0D], [0x0A], [0x0D, 0x0A], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xFE, 0xFF], [0xC3], [0xE2, 0x82],
    [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE9],
    Array("é".precomposedStringWithCanonicalMapping.utf8),
    Array("é".decomposedStringWithCanonicalMapping.utf8), Array("\u{301}".utf8), Array("\u{2028}".utf8),
    Array("\u{202E}".utf8), Array("\u{1B}[2J".utf8), Array("👨‍👩‍👧".utf8), Array("\u{FFFF}".utf8),
    Array("\\u0000".utf8),
    Array("\\ud800".utf8), Array("../../".utf8), Array("/".utf8), Array("\t".utf8), Array("\"".utf8),
    Array("null".utf8),
    Array("--".utf8), Array("=".utf8), Array(repeating: 0x61, count: 70_000),
    Array(repeating: 0x20, count: 5000),
  ]
}
