import Testing

@testable import Formats

@Suite struct GzipTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// Bytes that neither repeat nor are random.
  static func sample(_ count: Int) -> [UInt8] {
    var state: UInt32 = 1
    return (0..<count).map { i in
      state = state &* 1_664_525 &+ 1_013_904_223
      return i % 3 == 0 ? UInt8(state >> 24) : UInt8(truncatingIfNeeded: i / 100)
    }
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 300_000])
  func comesBackAsItWent(count: Int) throws {
    let bytes = Self.sample(count)
    let packed = Gzip.packed(bytes)
    #expect(Gzip.isGzip(packed))
    #expect(try Gzip.unpacked(packed) == bytes)
    try Gzip.write(bytes, to: folder("f.gz"))
    #expect(try Gzip.read(folder("f.gz")) == bytes)
    #expect(try contents(folder("f.gz")) == packed)
  }

  @Test func levels() throws {
    let bytes = Self.sample(100_000)
    #expect(Gzip.packed(bytes, level: 0).count > 100_000)
    #expect(Gzip.packed(bytes, level: 9).count < Gzip.packed(bytes, level: 1).count)
    #expect(try Gzip.unpacked(Gzip.packed(bytes, level: 0)) == bytes)
  }

  @Test func severalMembersAndPadding() throws {
    let (a, b) = (Self.sample(70_000), Self.sample(3))
    let joined = Gzip.packed(a) + Gzip.packed([]) + Gzip.packed(b)
    #expect(try Gzip.unpacked(joined) == a + b)
    #expect(try Gzip.unpacked(joined + [0, 0, 0]) == a + b)
    #expect(try Gzip.unpacked(joined + [UInt8](repeating: 0, count: 200_000)) == a + b)
  }

  @Test func errors() throws {
    let bytes = Self.sample(1000)
    let packed = Gzip.packed(bytes)
    func text(_ bytes: [UInt8], limit: Int = 1 << 20) -> String {
      message(about: "f.gz") { _ = try Gzip.unpacked(bytes, path: "f.gz", limit: limit) }
    }
    #expect(text([]) == "the file is empty; expected a gzip file." + cutOffAdvice)
    #expect(text([1, 2, 3]) == "this is not a gzip file.\n       Check that this is the file you mean.")
    #expect(
      text(packed.dropLast(1)) == "the compressed data ends too early, after 1,000 unpacked bytes."
        + cutOffAdvice)
    #expect(
      text(Array(packed.prefix(5))) == "the compressed data ends too early, after 0 unpacked bytes."
        + cutOffAdvice)

    var wrongSum = packed
    wrongSum[packed.count - 8] ^= 1
    #expect(
      text(wrongSum).hasSuffix(
        ": the compressed data is damaged (incorrect data check) after 1,000 bytes were unpacked.\n       Fetch the file again."
      ))
    var wrongLength = packed
    wrongLength[packed.count - 1] ^= 1
    #expect(text(wrongLength).contains("(incorrect length check) after 1,000 bytes were unpacked"))

    let stored = Gzip.packed(bytes, level: 0)
    var damaged = stored
    damaged[10] = 0xFF
    #expect(
      text(damaged)
        == "byte 11: the compressed data is damaged (invalid block type) after 0 bytes were unpacked.\n       Fetch the file again."
    )
    #expect(
      text(packed + [1, 2])
        == "byte \(packed.count): something that is not gzip follows the compressed data.\n       Fetch the file again, or cut it off at this byte."
    )
    #expect(
      text(packed + [0x1F, 2])
        == "byte \(packed.count): something that is not gzip follows the compressed data.\n       Fetch the file again, or cut it off at this byte."
    )
    #expect(
      text(packed + [0, 0, 1])
        == "byte \(packed.count): something that is not gzip follows the compressed data.\n       Fetch the file again, or cut it off at this byte."
    )
    #expect(
      text(packed, limit: 999)
        == "it holds more than 999 bytes; expected no more than that.\n       Check that this is the file you mean."
    )
    #expect(try Gzip.unpacked(packed, limit: 1000) == bytes)
    #expect(
      text(packed + packed.dropLast(4)).hasPrefix(
        "the compressed data ends too early, after 2,000 unpacked bytes."))
  }

  @Test func aBombStopsAtTheLimit() throws {
    // 64 MiB of zeros in 64 KiB.
    let bomb = Gzip.packed([UInt8](repeating: 0, count: 1 << 26))
    #expect(bomb.count < 1 << 17)
    #expect(
      message(about: "bomb") { _ = try Gzip.unpacked(bomb, path: "bomb", limit: 1 << 16) }
        .hasPrefix("it holds more than 65,536 bytes"))
  }
}
