import Foundation
import Testing

@testable import Formats

@Suite struct PNGTests {
  /// A folder of its own for one test.
  static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func roundTrip() throws {
    try Self.withFolder { folder in
      let gray = PNG(width: 3, height: 2, color: .gray, bytes: [0, 1, 127, 128, 254, 255])
      try gray.write(to: folder + "/gray.png")
      #expect(try PNG(path: folder + "/gray.png", as: .gray) == gray)
      let color = PNG(width: 2, height: 2, color: .rgb, bytes: [255, 0, 1, 2, 254, 3, 4, 5, 253, 9, 9, 9])
      try color.write(to: folder + "/color.png")
      try color.write(to: folder + "/color.png")
      #expect(try PNG(path: folder + "/color.png", as: .rgb) == color)
      #expect(
        try PNG(path: folder + "/gray.png", as: .rgb).bytes == gray.bytes.flatMap { [$0, $0, $0] })
      // No temporary file is left.
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["color.png", "gray.png"])
    }
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

  private func error(_ body: () throws(PNGError) -> Void) -> PNGError? {
    do throws(PNGError) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func whatIsNoPicture() throws {
    let png = try PNG(width: 40, height: 40, color: .gray, bytes: (0..<1600).map { UInt8($0 * 7 % 256) })
      .encoded()
    let notPNG = error { () throws(PNGError) in
      _ = try PNG(encoded: Array("GIF89a, not this".utf8), as: .gray, path: "a.png")
    }
    #expect(notPNG?.reason == .notPNG(count: 16))
    #expect(
      notPNG?.description
        == "a.png: this is no PNG file: its 16 bytes do not begin with 89 50 4E 47 (\"PNG\"). Convert it first."
    )
    #expect(error { () throws(PNGError) in _ = try PNG(encoded: [], as: .gray) }?.reason == .notPNG(count: 0))
    // However many bytes are missing, the error says so.
    for count in 1..<png.count {
      let cut = error { () throws(PNGError) in
        _ = try PNG(encoded: Array(png[..<count]), as: .gray, path: "a.png")
      }
      guard case .truncated(count, _) = cut?.reason else {
        Issue.record("\(count) bytes: \(String(describing: cut))")
        continue
      }
    }
    let cut = error { () throws(PNGError) in
      _ = try PNG(encoded: Array(png[..<(png.count - 20)]), as: .gray, path: "a.png")
    }
    #expect(
      cut?.description == "a.png: the file ends after \(png.count - 20) bytes, inside its chunk IDAT. "
        + "It was probably cut off while copying; fetch it again.")
    var damaged = png
    damaged[png.count - 40] ^= 0x55
    let why = try #require(
      error { () throws(PNGError) in _ = try PNG(encoded: damaged, as: .gray, path: "a.png") })
    guard case .damaged = why.reason else {
      Issue.record("\(why)")
      return
    }
    #expect(why.description.hasPrefix("a.png: the picture is damaged: "))
  }

  @Test func tooLarge() throws {
    // 900,000 × 900,000 in the header of a picture of one pixel, its checksum made to fit.
    var png = try PNG(width: 1, height: 1, color: .gray, bytes: [0]).encoded()
    let size: [UInt8] = [0x00, 0x0D, 0xBB, 0xA0]
    png.replaceSubrange(16..<24, with: size + size)
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in png[12..<29] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    crc = ~crc
    png.replaceSubrange(29..<33, with: [24, 16, 8, 0].map { UInt8(crc >> $0 & 0xFF) })
    let why = error { () throws(PNGError) in _ = try PNG(encoded: png, as: .gray, path: "a.png") }
    #expect(why?.reason == .tooLarge(width: 900_000, height: 900_000))
    #expect(
      why?.description
        == "a.png: 900000 × 900000 pixels are more than 134217728, the most that one picture may have.")
  }

  @Test func files() throws {
    try Self.withFolder { folder in
      let png = PNG(width: 1, height: 1, color: .gray, bytes: [7])
      let path = folder + "/missing/a.png"
      #expect(
        error { () throws(PNGError) in try png.write(to: path) }?.description
          == "\(path): cannot be written: No such file or directory. Choose another folder, or create this one."
      )
      #expect(
        error { () throws(PNGError) in _ = try PNG(path: path, as: .gray) }?.description
          == "\(path): cannot be read: No such file or directory. Check the path.")
      #expect(
        error { () throws(PNGError) in _ = try PNG(path: folder, as: .gray) }?.description.contains(
          "cannot be read") == true)
      // A folder stands where the file should: the temporary file must go again.
      try FileManager.default.createDirectory(atPath: folder + "/b.png", withIntermediateDirectories: true)
      #expect(error { () throws(PNGError) in try png.write(to: folder + "/b.png") } != nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["b.png"])
      let empty = PNG(width: 0, height: 4, color: .gray, bytes: [])
      #expect(error { () throws(PNGError) in try empty.write(to: folder + "/c.png") }?.reason == .empty)
    }
  }

  #if os(Linux)
    @Test func fullDisk() {
      #expect(PNGError.write([1, 2, 3], "/dev/full", thenRename: "/never/reached") == ENOSPC)
      #expect(
        PNGError("a.png", .diskFull(needed: 3)).description
          == "a.png: the disk is full: 3 bytes are needed. Make room; nothing half-written was left behind.")
    }
  #endif
}
