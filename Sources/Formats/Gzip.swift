import NumberText
internal import CZlib

/// Packs and unpacks gzip, the format of `.gz` files.
///
/// Reading verifies every checksum, takes files made of several members one after the other, and unpacks no more than
/// a limit, so that a small file cannot fill the memory.
///
/// - Source: RFC 1952, GZIP file format specification version 4.3.
public enum Gzip {
  /// Whether `bytes` begin as a gzip file does.
  public static func isGzip(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// The unpacked contents of the gzip file at `path`.
  ///
  /// - Parameters:
  ///   - path: The file's path, usually with `.gz` at its end; only its contents count.
  ///   - limit: The most bytes to unpack; 4 GiB when not given.
  /// - Throws: `FileError` when the file cannot be read, is no gzip file, is cut off or damaged, or is larger than `limit`.
  public static func read(_ path: String, limit: Int = 1 << 32) throws(FileError) -> [UInt8] {
    try GzipInput(FileInput(path)).readAll(limit: limit)
  }

  /// The unpacked contents of `bytes`; errors speak of `path`.
  public static func unpacked(
    _ bytes: [UInt8], path: String = "(memory)", limit: Int = 1 << 32
  ) throws(FileError) -> [UInt8] {
    try GzipInput(MemoryInput(bytes[...], path: path)).readAll(limit: limit)
  }

  /// `bytes` as a gzip file. The same bytes and level give the same file: it holds no name and no time.
  ///
  /// - Parameters:
  ///   - bytes: What is to be packed; it may be empty.
  ///   - level: From 1, fast, to 9, small; 0 stores.
  public static func packed(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    return withUnsafeMutablePointer(to: &stream) { stream in
      let status = deflateInit2_(
        stream, Int32(max(0, min(9, level))), Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
      if status != Z_OK { fatalError("zlib: out of memory") }
      defer { deflateEnd(stream) }
      var packed: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      bytes.withUnsafeBufferPointer { input in
        var consumed = 0
        while true {
          let count = min(input.count - consumed, 1 << 30)
          stream.pointee.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + consumed) }
          stream.pointee.avail_in = UInt32(count)
          let isLast = consumed + count == input.count
          let (status, produced) = piece.withUnsafeMutableBufferPointer { output in
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            let status = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            return (status, output.count - Int(stream.pointee.avail_out))
          }
          consumed += count - Int(stream.pointee.avail_in)
          packed += piece[..<produced]
          if status == Z_STREAM_END { return }
        }
      }
      return packed
    }
  }

  /// Writes `bytes` to `path` as a gzip file.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  public static func write(
    _ bytes: [UInt8], to path: String, level: Int = 6, creatingFolders: Bool = false
  ) throws(FileError) {
    try AtomicFile.write(packed(bytes, level: level), to: path, creatingFolders: creatingFolders)
  }
}

/// What a gzip file holds, unpacked as it is read.
final class GzipInput: ByteStream {
  private let source: any ByteStream
  /// The first bytes of the packed file, to tell what it is when it is no gzip file.
  private var beginning: ArraySlice<UInt8> = []
  private let inflater = Inflater(.gzip)
  private var pending: ArraySlice<UInt8> = []
  private var sourceIsAtEnd = false
  private var isBetweenMembers = false
  /// How many bytes of the packed file were used.
  private var consumed = 0
  /// How many bytes were unpacked.
  private(set) var count = 0
  /// How many bytes there should be in all, once a header inside has told; errors then say "of how many".
  var promised: Int?

  init(_ source: any ByteStream) { self.source = source }

  var path: String { source.path }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      if pending.isEmpty, !sourceIsAtEnd {
        pending = try source.read(1 << 16)[...]
        sourceIsAtEnd = pending.isEmpty
        if beginning.isEmpty { beginning = pending.prefix(FileKind.prefixCount) }
      }
      if isBetweenMembers, try !beginNextMember() { break }
      if pending.isEmpty, sourceIsAtEnd { throw cutOff() }

      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let step = pending.withUnsafeBytes { input in
        Result { () throws(Inflater.Damage) in try inflater.step(input, into: rest) }
      }
      switch step {
      case .success(let (used, produced)):
        pending = pending.dropFirst(used)
        consumed += used
        filled += produced
        count += produced
        isBetweenMembers = inflater.isFinished
      case .failure(let damage):
        throw self.damaged(damage)
      }
    }
    return filled
  }

  /// Whether another member follows. Zeros may pad the end of the file, as on tape.
  private func beginNextMember() throws(FileError) -> Bool {
    if pending.isEmpty { return false }
    if pending.first == 0 {
      while !pending.isEmpty {
        if pending.contains(where: { $0 != 0 }) { throw trailing() }
        pending = try source.read(1 << 16)[...]
      }
      sourceIsAtEnd = true
      return false
    }
    if pending.first != 0x1F { throw trailing() }
    inflater.reset()
    isBetweenMembers = false
    return true
  }

  private func cutOff() -> FileError {
    let advice = "It was probably cut off while downloading or copying; fetch it again."
    if consumed == 0 { return FileError(path, "the file is empty", expected: "a gzip file", advice: advice) }
    if let promised, count < promised {
      return FileError(
        path, "the file ends after \(grouped(count)) of \(counted(promised, "byte"))", advice: advice)
    }
    return FileError(
      path, "the compressed data ends too early, after \(counted(count, "unpacked byte"))", advice: advice)
  }

  private func damaged(_ damage: Inflater.Damage) -> FileError {
    if damage.reason == "incorrect header check" {
      if count > 0 || consumed > 0 { return trailing() }
      if let other = FileError.other(path, than: "a gzip file", beginning) { return other }
      return FileError(path, "this is not a gzip file", advice: "Check that this is the file you mean.")
    }
    consumed += damage.consumed
    count += damage.produced
    let share = promised.map { "\(grouped(count)) of \(counted($0, "byte"))" } ?? counted(count, "byte")
    let verb = share == "1 byte" ? "was" : "were"
    return FileError(
      path, at: .byte(consumed),
      "the compressed data is damaged (\(damage.reason)) after \(share) \(verb) unpacked",
      advice: "Fetch the file again.")
  }

  private func trailing() -> FileError {
    FileError(
      path, at: .byte(consumed), "something that is not gzip follows the compressed data",
      advice: "Fetch the file again, or cut it off at this byte.")
  }
}
