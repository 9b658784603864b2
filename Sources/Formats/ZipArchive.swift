import NumberText

/// A zip file in memory: as much of the format as `.npz` files and submissions need.
///
/// Entries may be stored or deflated, not encrypted, and smaller than 4 GiB.
///
/// - Source: PKWARE, APPNOTE.TXT, .ZIP file format specification 6.3.
package struct ZipArchive {
  package struct Entry {
    package let name: String
    /// Where its name stands in the directory.
    let nameRange: Range<Int>
    let flags: Int
    let method: Int
    let checksum: UInt32
    let packedSize: Int
    package let size: Int
    /// The kind of file and its permissions, where a Unix program wrote it; else 0.
    package let mode: Int
    /// Where the entry's own header begins.
    let offset: Int
    var needsZip64: Bool { [packedSize, size, offset].contains(0xFFFF_FFFF) }
  }

  package let entries: [Entry]
  private let bytes: [UInt8]
  private let path: String

  private static let localSignature = 0x0403_4B50
  private static let directorySignature = 0x0201_4B50
  private static let endSignature = 0x0605_4B50
  private static let endCount = 22

  /// Reads the directory at the end of the file.
  package init(_ bytes: [UInt8], path: String) throws(FileError) {
    self.bytes = bytes
    self.path = path
    let advice = "It was probably cut off while downloading or copying; fetch it again."
    if bytes.isEmpty { throw FileError(path, "the file is empty", expected: "a zip file", advice: advice) }
    if !bytes.starts(with: [0x50, 0x4B].prefix(bytes.count)) {
      if let other = FileError.other(path, than: "a zip file", bytes) { throw other }
      throw FileError(path, "this is not a zip file", advice: "Check that this is the file you mean.")
    }
    func number(_ offset: Int, _ count: Int) -> Int { Self.number(bytes, offset, count) }
    // The end record is the last thing in the file, but for a comment of up to 64 KiB.
    let last = bytes.count - Self.endCount
    let first = max(0, last - 0xFFFF)
    let found =
      last < 0 ? nil : (first...last).last { bytes[$0] == 0x50 && number($0, 4) == Self.endSignature }
    guard let end = found else {
      throw FileError(
        path, "the zip directory at the end is missing; the file has \(counted(bytes.count, "byte"))",
        advice: advice)
    }
    let count = number(end + 10, 2)
    let directoryStart = number(end + 16, 4)
    var at = directoryStart
    if count == 0xFFFF || at == 0xFFFF_FFFF {
      throw FileError(
        path, "this zip file needs Zip64", expected: "one of less than 4 GiB", advice: "Split it.")
    }
    var entries: [Entry] = []
    for i in 0..<count {
      guard at + 46 <= end, number(at, 4) == Self.directorySignature else {
        throw FileError(
          path, at: .byte(at), "entry \(i + 1) of \(count) is missing from the zip directory",
          advice: "The file is damaged; fetch it again.")
      }
      let (nameCount, extraCount, commentCount) = (number(at + 28, 2), number(at + 30, 2), number(at + 32, 2))
      guard at + 46 + nameCount <= end else {
        throw FileError(
          path, at: .byte(at), "the name of entry \(i + 1) of \(count) is cut off",
          advice: "The file is damaged; fetch it again.")
      }
      let nameRange = at + 46..<at + 46 + nameCount
      let entry = Entry(
        name: Self.text(bytes[nameRange]), nameRange: nameRange, flags: number(at + 8, 2),
        method: number(at + 10, 2), checksum: UInt32(number(at + 16, 4)),
        packedSize: number(at + 20, 4), size: number(at + 24, 4),
        mode: number(at + 4, 2) >> 8 == 3 ? number(at + 40, 2) : 0, offset: number(at + 42, 4))
      entries.append(entry)
      at += 46 + nameCount + extraCount + commentCount
    }
    self.entries = entries
    if at > end {
      throw FileError(
        path, at: .byte(directoryStart), "the zip directory reaches beyond its end",
        advice: "The file is damaged; fetch it again.")
    }
    // Between the directory and the record at the end, the same may stand again in the larger form of Zip64.
    let isFollowed = at == end || bytes[at...].starts(with: [0x50, 0x4B, 6, 6])
    if !isFollowed || number(end + 8, 2) != count || number(end + 12, 4) != at - directoryStart {
      throw FileError(
        path, at: .byte(end),
        "the zip directory and the record at its end disagree about how many files there are",
        expected: counted(count, "file"), advice: "The file is damaged; fetch it again.")
    }
    try checkPlaces(before: directoryStart)
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  /// UTF-8, or what older programs write, a character a byte, so that different names stay different.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// Each entry must begin with a header that bears the name that the directory gives it, they must not share bytes, and
  /// none may lie between them that the directory leaves out.
  private func checkPlaces(before directoryStart: Int) throws(FileError) {
    func problem(_ found: String, at place: Int) -> FileError {
      FileError(path, at: .byte(place), found, advice: "The file is damaged; fetch it again.")
    }
    let signature: [UInt8] = [0x50, 0x4B, 3, 4]
    // Where an entry's place is not known, what lies there may be it.
    let knowsAll = entries.allSatisfy { !$0.needsZip64 && dataStart(of: $0) != nil }
    var place = 0
    for entry in entries.sorted(by: { $0.offset < $1.offset }) where !entry.needsZip64 {
      // Where it is no entry at all, `contents` says so.
      guard let start = dataStart(of: entry) else { continue }
      if entry.offset < place {
        throw problem("\(quoted(entry.name)) lies inside the file before it", at: entry.offset)
      }
      if knowsAll, entry.offset > place, bytes[place...].starts(with: signature) {
        throw problem("here is a file that the zip directory does not list", at: place)
      }
      let nameCount = Self.number(bytes, entry.offset + 26, 2)
      let name = bytes[entry.offset + 30..<entry.offset + 30 + nameCount]
      if name != bytes[entry.nameRange] {
        throw problem(
          "here is \(quoted(Self.text(name))), which the zip directory calls \(quoted(entry.name))",
          at: entry.offset)
      }
      place = start + entry.packedSize
      if place > directoryStart { return }
    }
    if knowsAll, place < directoryStart, bytes[place...].starts(with: signature) {
      throw problem("here is a file that the zip directory does not list", at: place)
    }
  }

  /// Where the packed bytes begin, behind the entry's own header, or `nil` when there is no such header.
  private func dataStart(of entry: Entry) -> Int? {
    guard entry.offset + 30 <= bytes.count, Self.number(bytes, entry.offset, 4) == Self.localSignature else {
      return nil
    }
    let start =
      entry.offset + 30 + Self.number(bytes, entry.offset + 26, 2) + Self.number(bytes, entry.offset + 28, 2)
    return start <= bytes.count ? start : nil
  }

  /// The entry's contents, unpacked, their checksum verified.
  package func contents(of entry: Entry) throws(FileError) -> [UInt8] {
    func problem(_ found: String) -> FileError {
      FileError(path, "\(quoted(entry.name)) \(found)", advice: "The file is damaged; fetch it again.")
    }
    if entry.flags & 1 == 1 {
      throw FileError(path, "\(quoted(entry.name)) is encrypted", advice: "Unpack it first.")
    }
    if entry.needsZip64 {
      throw FileError(
        path, "\(quoted(entry.name)) needs Zip64", expected: "an entry of less than 4 GiB",
        advice: "Split it.")
    }
    guard let start = dataStart(of: entry) else {
      throw problem("does not begin where the zip directory says")
    }
    guard start + entry.packedSize <= bytes.count else { throw problem("reaches beyond the end of the file") }
    let packed = bytes[start..<start + entry.packedSize]

    let contents: [UInt8]
    switch entry.method {
    case 0:
      if entry.packedSize != entry.size { throw problem("is stored but has two sizes") }
      contents = Array(packed)
    case 8:
      do throws(Inflater.Damage) {
        contents = try Self.inflated(packed, size: entry.size)
      } catch {
        throw problem("is damaged (\(error.reason))")
      }
    default:
      throw FileError(
        path, "\(quoted(entry.name)) is packed by method \(entry.method)",
        expected: "0 (stored) or 8 (deflated)",
        advice: "Write it anew with numpy.savez.")
    }
    if CRC32.checksum(contents) != entry.checksum { throw problem("does not match its checksum") }
    if !ownHeaderAgrees(entry) { throw problem("has a header that the zip directory does not agree with") }
    return contents
  }

  /// Whether the header before the entry's bytes says what the directory says. Checksum and sizes may come behind the
  /// bytes (bit 3), and sizes in an extra field (Zip64, which NumPy writes for small arrays too).
  private func ownHeaderAgrees(_ entry: Entry) -> Bool {
    func number(_ offset: Int, _ count: Int) -> Int { Self.number(bytes, entry.offset + offset, count) }
    if number(8, 2) != entry.method || number(6, 2) & 1 != 0 { return false }
    if number(6, 2) & 8 != 0 { return true }
    if number(14, 4) != Int(entry.checksum) { return false }
    var sizes = [number(22, 4), number(18, 4)]
    if sizes.contains(0xFFFF_FFFF) {
      var at = 30 + number(26, 2)
      let end = at + number(28, 2)
      while at + 4 <= end, number(at, 2) != 1 { at += 4 + number(at + 2, 2) }
      guard at + 20 <= end else { return false }
      sizes = [number(at + 4, 8), number(at + 12, 8)]
    }
    return sizes == [entry.size, entry.packedSize]
  }

  private static func inflated(_ packed: ArraySlice<UInt8>, size: Int) throws(Inflater.Damage) -> [UInt8] {
    // Deflate packs at most 1,032 to 1: a larger promise is a lie, and not worth the memory.
    if size > 1032 * packed.count + 64 { throw Inflater.Damage(reason: "it cannot be that large") }
    let inflater = Inflater(.none)
    var failure: Inflater.Damage?
    // One byte more than needed, so that what is too long shows.
    let contents = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, initialized in
      let output = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<(size + 1)]))
      packed.withUnsafeBytes { packed in
        var consumed = 0
        do throws(Inflater.Damage) {
          while !inflater.isFinished {
            let step = try inflater.step(
              UnsafeRawBufferPointer(rebasing: packed[consumed...]),
              into: UnsafeMutableRawBufferPointer(rebasing: output[initialized...]))
            if step.consumed == 0, step.produced == 0 { break }
            consumed += step.consumed
            initialized += step.produced
          }
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
    if contents.count != size || !inflater.isFinished {
      throw Inflater.Damage(reason: "\(grouped(contents.count)) of \(counted(size, "byte"))")
    }
    return contents
  }

  /// Writes a zip file of stored entries, each made of some pieces, dated 1 January 1980.
  package static func write(
    _ entries: [(name: String, pieces: [ArraySlice<UInt8>])], to path: String, creatingFolders: Bool
  ) throws(FileError) {
    let total = entries.reduce(endCount) { sum, entry in
      sum + 76 + 2 * entry.name.utf8.count + entry.pieces.reduce(0) { $0 + $1.count }
    }
    if total >= 0xFFFF_FFFF || entries.count >= 0xFFFF {
      throw FileError(
        path, "\(counted(total, "byte")) are too many for a zip file", expected: "less than 4 GiB",
        advice: "Write a .safetensors file instead.")
    }
    try AtomicFile.write(to: path, creatingFolders: creatingFolders) { file throws(FileError) in
      var directory: [UInt8] = []
      for (name, pieces) in entries {
        let offset = file.count
        let size = pieces.reduce(0) { $0 + $1.count }
        let sum = pieces.reduce(UInt32(0)) { CRC32.checksum($1, after: $0) }
        // Version 2.0, names in UTF-8 (bit 11), stored, the date; then checksum, both sizes, lengths.
        let common =
          little(20, 2) + little(1 << 11, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
          + little(Int(sum), 4)
          + little(size, 4) + little(size, 4) + little(name.utf8.count, 2) + little(0, 2)
        try file.write(little(localSignature, 4) + common + Array(name.utf8))
        for piece in pieces { try file.write(piece) }
        directory += little(directorySignature, 4) + little(20, 2) + common
        directory +=
          little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(offset, 4) + Array(name.utf8)
      }
      let start = file.count
      try file.write(directory)
      try file.write(
        little(endSignature, 4) + little(0, 4) + little(entries.count, 2) + little(entries.count, 2)
          + little(directory.count, 4) + little(start, 4) + little(0, 2))
    }
  }

  private static func little(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
