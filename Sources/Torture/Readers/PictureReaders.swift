import Datasets
import Formats
import Foundation
import Tensors

/// Readers of pictures.
enum PictureReaders {
  static func all() throws -> [ReaderSubject] {
    let gray = PNG(width: 7, height: 5, color: .gray, bytes: (0..<35).map { UInt8($0 * 7) })
    let color = PNG(width: 12, height: 12, color: .rgb, bytes: (0..<432).map { UInt8($0 * 37 % 251) })
    var page = [UInt8](repeating: 250, count: 40 * 40)
    for i in 8..<32 { for k in 18..<23 { page[i * 40 + k] = 10 } }
    let digit = PNG(width: 40, height: 40, color: .gray, bytes: page)
    // A palette, 16 bits and transparency: written by another program, one case each.
    let others = [
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACAgMAAAAP2OW3AAAADFBMVEX/AAAA/wAAAP8JCAei0mLAAAAADElEQVR4nGMQYNgAAADkAMEnqOhXAAAAAElFTkSuQmCC",
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR4nGNoaPj/HwAGggL/s75RMwAAAABJRU5ErkJggg==",
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR4nGPgEpH7z8DAwAAABpQBPFULoekAAAAASUVORK5CYII=",
    ].compactMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
    let turned = chunks(
      try gray.encoded(),
      adding: (
        "eXIf", Array("II*\0\u{8}\0\0\0\u{1}\0".utf8) + [0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
      ))
    return [
      ReaderSubject(
        name: "PNG", ending: ".png",
        good: try [gray.encoded(), color.encoded(), digit.encoded(), turned] + others, isChecked: true,
        inside: { oneChunk($0, &$1) }
      ) { path in
        let picture = try PNG(path: path, as: .rgb)
        var reading = Reading(picture.bytes)
        reading.add(picture.width)
        reading.add(picture.height)
        // What becomes of it as a digit is not the format's matter: it may be refused.
        if let digit = try? DigitPicture(path: path) { reading.add(digit.image) }
        return reading
      }
    ]
  }

  /// The data of a chunk at random, its length and its checksum made right again.
  private static func oneChunk(_ bytes: [UInt8], _ random: inout RandomStream) -> ReaderSubject.Inside? {
    let all = places(bytes)
    guard !all.isEmpty else { return nil }
    let place = all[random.integer(below: all.count)]
    let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    return .init(core: Array(bytes[place + 8..<place + 8 + length])) { data in
      bytes[..<place] + chunk(Array(bytes[place + 4..<place + 8]), data) + bytes[(place + 12 + length)...]
    }
  }

  private static func places(_ bytes: [UInt8]) -> [Int] {
    var (place, found) = (8, [Int]())
    while place + 12 <= bytes.count {
      found.append(place)
      place += 12 + bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return found
  }

  private static func chunk(_ name: [UInt8], _ data: [UInt8]) -> [UInt8] {
    func big(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
    return big(UInt32(data.count)) + name + data + big(CRC32.checksum(name + data))
  }

  /// A PNG file with another chunk after its header.
  private static func chunks(_ bytes: [UInt8], adding new: (String, [UInt8])) -> [UInt8] {
    bytes[..<33] + chunk(Array(new.0.utf8), new.1) + bytes[33...]
  }
}
