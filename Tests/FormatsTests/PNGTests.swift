import NumberText
import Foundation
import Testing

@testable import Formats

@Suite struct PNGTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func roundTrip() throws {
    let gray = PNG(width: 3, height: 2, color: .gray, bytes: [0, 1, 127, 128, 254, 255])
    try gray.write(to: folder("gray.png"))
    #expect(try PNG(path: folder("gray.png"), as: .gray) == gray)
    let color = PNG(width: 2, height: 2, color: .rgb, bytes: [255, 0, 1, 2, 254, 3, 4, 5, 253, 9, 9, 9])
    try color.write(to: folder("color.png"))
    try color.write(to: folder("color.png"))
    #expect(try PNG(path: folder("color.png"), as: .rgb) == color)
    #expect(try PNG(path: folder("gray.png"), as: .rgb).bytes == gray.bytes.flatMap { [$0, $0, $0] })
    // No temporary file is left.
    #expect(try folder.names == ["color.png", "gray.png"])
  }

  /// Incompressible pixels need more room than they take raw.
  @Test func noise() throws {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<300 * 200 * 3).map { _ in UInt8.random(in: 0...255, using: &random) }
    let png = PNG(width: 300, height: 200, color: .rgb, bytes: bytes)
    #expect(try PNG(encoded: png.encoded(), as: .rgb) == png)
  }

  // Files that Pillow wrote.
  @Test(arguments: [
    // 1 bit a pixel
    (
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQAAAAC1D1u3AAAADElEQVR4nGNYwOAAAAIkAOFz6zvyAAAAAElFTkSuQmCC",
      PNG(width: 3, height: 2, color: .gray, bytes: [255, 0, 255, 0, 255, 0])
    ),
    // a palette
    (
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACAgMAAAAP2OW3AAAADFBMVEX/AAAA/wAAAP8JCAei0mLAAAAADElEQVR4nG"
        + "MQYNgAAADkAMEnqOhXAAAAAElFTkSuQmCC",
      PNG(width: 2, height: 2, color: .rgb, bytes: [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7])
    ),
    // 16 bits
    (
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR4nGNoaPj/HwAGggL/s75RMwAAAABJRU5Erk"
        + "Jggg==",
      PNG(width: 2, height: 1, color: .gray, bytes: [128, 255])
    ),
    // transparency, laid on white
    (
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR4nGPgEpH7z8DAwAAABpQBPFULoekAAAAASU"
        + "VORK5CYII=",
      PNG(width: 2, height: 1, color: .rgb, bytes: [10, 20, 30, 255, 255, 255])
    ),
  ]) func readsAnyKind(base64: String, expected: PNG) throws {
    let bytes = [UInt8](try #require(Data(base64Encoded: base64)))
    #expect(try PNG(encoded: bytes, as: expected.color) == expected)
  }

  @Test func colourBecomesLuminance() throws {
    let color = PNG(width: 3, height: 1, color: .rgb, bytes: [255, 255, 255, 0, 0, 0, 0, 255, 0])
    let gray = try PNG(encoded: color.encoded(), as: .gray)
    #expect(gray.bytes[0] == 255)
    #expect(gray.bytes[1] == 0)
    // Green makes 72 % of the light; in sRGB's scale that is 220.
    #expect(abs(Int(gray.bytes[2]) - 220) <= 2)
  }

  /// What is said of `bytes` as a PNG file.
  private func words(_ bytes: [UInt8]) -> String {
    message(about: "a.png") { _ = try PNG(encoded: bytes, as: .gray, path: "a.png") }
  }

  private func patterned() throws -> [UInt8] {
    try PNG(width: 40, height: 40, color: .gray, bytes: (0..<1600).map { UInt8($0 * 7 % 256) }).encoded()
  }

  @Test func whatIsNoPicture() {
    #expect(
      words(Array("a text of thirty-two characters\n".utf8)) == """
        this is not a PNG file: its 32 bytes do not begin with 89 50 4E 47 ("PNG").
               Check that this is the file you mean; other kinds of pictures must be saved as PNG first.
        """)
    #expect(words([]) == "the file is empty; expected a PNG file.")
    let others: [(kind: String, beginning: [UInt8])] = [
      ("JPEG", [0xFF, 0xD8, 0xFF, 0xE0]), ("GIF", Array("GIF89a".utf8)),
      ("WebP", Array("RIFF".utf8) + [1, 2, 3, 4] + Array("WEBPVP8 ".utf8)),
    ]
    for other in others {
      #expect(
        words(other.beginning + [0, 0])
          == "this is a \(other.kind) file; expected a PNG file.\n       Save the picture as PNG first.")
    }
    #expect(words(Array("RIFF....WAVE".utf8)).hasPrefix("this is not a PNG file"))
  }

  /// However many bytes are missing, the error says how many there are and where the file breaks off.
  @Test func whatWasCutOff() throws {
    let png = try patterned()
    for count in 1..<png.count {
      let text = words(Array(png[..<count]))
      #expect(text.hasPrefix("the file ends after \(counted(count, "byte")), "), "\(text)")
      #expect(text.hasSuffix("." + cutOffAdvice))
    }
    #expect(words(Array(png[..<5])).contains("after 5 bytes, inside its signature."))
    #expect(words(Array(png[..<30])).contains("after 30 bytes, inside its chunk IHDR."))
    #expect(words(Array(png[..<33])).contains("after 33 bytes, between two chunks."))
    let count = png.count - 20
    #expect(words(Array(png[..<count])).contains("after \(grouped(count)) bytes, inside its chunk IDAT."))
  }

  @Test func whatIsDamaged() throws {
    let png = try patterned()
    var damaged = png
    damaged[png.count - 40] ^= 0x55
    #expect(words(damaged).hasPrefix("the picture is damaged: "))
    #expect(words(damaged).hasSuffix("\n       Fetch it again."))
    damaged = png
    damaged[14] = 0  // in the name of its first chunk
    #expect(
      words(damaged)
        == "byte 8: the picture is damaged: no chunk begins here.\n       Fetch it again.")
    let second = 8 + 12 + 13
    damaged = png
    damaged[second] = 0xFF  // more than a chunk may hold
    #expect(words(damaged).hasPrefix("byte \(second): the picture is damaged: no chunk begins here."))
  }

  /// Headers of a few bytes that promise more than fits into memory, their checksums made to fit.
  @Test(arguments: [900_000, 2_000_000_000]) func tooLarge(size: Int) throws {
    var png = try PNG(width: 1, height: 1, color: .gray, bytes: [0]).encoded()
    let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
    png.replaceSubrange(16..<24, with: bytes + bytes)
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in png[12..<29] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    crc = ~crc
    png.replaceSubrange(29..<33, with: [24, 16, 8, 0].map { UInt8(crc >> $0 & 0xFF) })
    #expect(
      words(png)
        == "the picture is too large: \(grouped(size))×\(grouped(size)) pixels; "
        + "expected no more than 134,217,728 in all.")
  }

  @Test func files() throws {
    let png = PNG(width: 1, height: 1, color: .gray, bytes: [7])
    let path = folder("missing/a.png")
    #expect(
      message(about: path) { try png.write(to: path) }
        == "the folder \(folder("missing")) does not exist.\n       Make it first: mkdir -p \(folder("missing"))"
    )
    #expect(
      message(about: path) { _ = try PNG(path: path, as: .gray) }
        == "there is no such file.\n       Check the path and the folder you are in.")
    #expect(
      message(about: folder.path) { _ = try PNG(path: folder.path, as: .gray) }
        == "this is a folder; expected a file.")
    try AtomicFile.createFolder(folder("b.png"))
    #expect(
      message(about: folder("b.png")) { try png.write(to: folder("b.png")) }
        == "this is a folder; expected a file.\n       Give the file a name of its own.")
    let empty = PNG(width: 0, height: 4, color: .gray, bytes: [])
    #expect(
      message(about: folder("c.png")) { try empty.write(to: folder("c.png")) }
        == "a picture without pixels cannot be a PNG file: 4×0.")
    #expect(try folder.names == ["b.png"])
  }

  #if os(Linux)
    @Test func fullDisk() {
      let png = PNG(width: 1, height: 1, color: .gray, bytes: [7])
      #expect(
        message(about: "/dev/full") { try png.write(to: "/dev/full") } == """
          the disk is full: no room after 0 bytes.
                 Make room, or write to another disk. Nothing half-written was left behind.
          """)
    }
  #endif
}

/// Damage anywhere in the file, and pictures that a camera held otherwise.
@Suite struct PNGChunkTests {
  func chunk(_ name: String, _ contents: [UInt8]) -> [UInt8] {
    func big(_ number: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
    let body = Array(name.utf8) + contents
    return big(UInt32(contents.count)) + body + big(CRC32.checksum(body))
  }

  /// The file with a chunk more before its data.
  func file(_ png: PNG, with extra: [UInt8]) throws -> [UInt8] {
    let bytes = try png.encoded()
    return Array(bytes[..<33]) + extra + Array(bytes[33...])
  }

  let gray = PNG(width: 3, height: 2, color: .gray, bytes: [1, 2, 3, 4, 5, 6])

  @Test func everyBitCounts() throws {
    // Gray 2 is transparent: a bit of this chunk turns another gray into paper.
    let good = try file(gray, with: chunk("tRNS", [0, 2]) + chunk("tEXt", Array("Title\0x".utf8)))
    #expect(try PNG(encoded: good, as: .gray).bytes == [1, 255, 3, 4, 5, 6])
    for place in good.indices {
      for bit in 0..<8 {
        var bytes = good
        bytes[place] ^= 1 << UInt8(bit)
        #expect(throws: FileError.self, "bit \(bit) of byte \(place)") {
          _ = try PNG(encoded: bytes, as: .gray)
        }
      }
    }
    var bytes = good
    bytes[33 + 9] ^= 4
    #expect(
      message(about: "f") { _ = try PNG(encoded: bytes, as: .gray, path: "f") }
        == "the picture is damaged: its chunk tRNS at byte 33 does not match its checksum.\n       Fetch it again."
    )
  }

  @Test func aSecondHeader() throws {
    let header = try gray.encoded()[..<33]
    for second in [chunk("IHDR", []), Array(header[8...])] {
      #expect(
        message(about: "f") { _ = try PNG(encoded: header + second, as: .gray, path: "f") }
          == "byte 33: the picture is damaged: a second header begins here.\n       Fetch it again.")
    }
  }

  @Test func aPromiseThatItsDataCannotKeep() throws {
    let size: [UInt8] = [0, 0, 0x40, 0, 0, 0, 0x20, 0]
    let bytes =
      try gray.encoded()[..<8] + chunk("IHDR", size + [16, 6, 0, 0, 0]) + chunk("IDAT", [1, 2, 3])
      + chunk("IEND", [])
    #expect(
      message(about: "f") { _ = try PNG(encoded: Array(bytes), as: .gray, path: "f") }
        == "the picture is damaged: 3 bytes of data cannot hold 8,192×16,384 pixels.\n       Fetch it again.")
    // A picture of one colour packs best, and is read.
    let plain = PNG(width: 3000, height: 3000, color: .gray, bytes: [UInt8](repeating: 255, count: 9_000_000))
    #expect(try PNG(encoded: plain.encoded(), as: .gray) == plain)
  }

  @Test func applesOwnKind() throws {
    let bytes = try gray.encoded()
    let apple = bytes[..<8] + chunk("CgBI", [0x50, 0, 0x20, 6]) + bytes[8...]
    let words = message(about: "f") { _ = try PNG(encoded: Array(apple), as: .gray, path: "f") }
    #expect(words.hasPrefix("this is Apple's own kind of PNG (CgBI)"))
  }

  @Test(
    arguments: [
      (1, [1, 2, 3, 4, 5, 6]), (2, [3, 2, 1, 6, 5, 4]), (3, [6, 5, 4, 3, 2, 1]), (4, [4, 5, 6, 1, 2, 3]),
      (5, [1, 4, 2, 5, 3, 6]), (6, [4, 1, 5, 2, 6, 3]), (7, [6, 3, 5, 2, 4, 1]), (8, [3, 6, 2, 5, 1, 4]),
      // No orientation.
      (0, [1, 2, 3, 4, 5, 6]), (9, [1, 2, 3, 4, 5, 6]),
    ] as [(UInt8, [UInt8])]) func turned(orientation: UInt8, seen: [UInt8]) throws
  {
    // One other entry before it; then tag 274, a short, one of them.
    let little: [UInt8] =
      Array("II*\0".utf8) + [8, 0, 0, 0, 2, 0] + [0, 1, 3, 0, 1, 0, 0, 0, 7, 0, 0, 0]
      + [0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0] + [0, 0, 0, 0]
    let big: [UInt8] =
      Array("MM\0*".utf8) + [0, 0, 0, 8, 0, 1] + [1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0] + [
        0, 0, 0, 0,
      ]
    let isTurned = (5...8).contains(orientation)
    for exif in [little, big] {
      let png = try PNG(encoded: file(gray, with: chunk("eXIf", exif)), as: .gray)
      #expect(png == PNG(width: isTurned ? 2 : 3, height: isTurned ? 3 : 2, color: .gray, bytes: seen))
      // Cut off anywhere, it says nothing, and nothing traps.
      for count in 0..<exif.count {
        _ = try PNG(encoded: file(gray, with: chunk("eXIf", Array(exif[..<count]))), as: .gray)
      }
    }
  }
}
