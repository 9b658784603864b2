internal import CZlib

/// zlib's `inflate`, over bytes that arrive piece by piece.
final class Inflater {
  enum Wrapper: Int32 {
    /// A gzip header before the data, a checksum and a length behind it; both are verified.
    case gzip = 31
    /// The bare data, as in a zip file.
    case none = -15
  }

  struct Damage: Error {
    let reason: String
    /// What was still good.
    var consumed = 0
    var produced = 0
  }

  // zlib keeps a pointer back to its stream, so the stream must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Whether the end of the compressed data, checksum included, was reached.
  private(set) var isFinished = false

  init(_ wrapper: Wrapper) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    if inflateInit2_(stream, wrapper.rawValue, ZLIB_VERSION, size) != Z_OK {
      fatalError("zlib: out of memory")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Starts again, at the next member of the same file.
  func reset() {
    inflateReset(stream)
    isFinished = false
  }

  /// Unpacks from `input` to `output` until one is used up or the data ends; returns how much of each that took.
  func step(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Damage) -> (consumed: Int, produced: Int) {
    if output.isEmpty { return (0, 0) }
    let inputCount = min(input.count, 1 << 30)
    let outputCount = min(output.count, 1 << 30)
    var nothing: UInt8 = 0
    let status = withUnsafeMutablePointer(to: &nothing) { nothing in
      // zlib refuses a null pointer even for no bytes.
      stream.pointee.next_in =
        input.baseAddress.map {
          UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: UInt8.self))
        } ?? nothing
      stream.pointee.avail_in = UInt32(inputCount)
      stream.pointee.next_out = output.baseAddress!.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(outputCount)
      return inflate(stream, Z_NO_FLUSH)
    }
    let consumed = inputCount - Int(stream.pointee.avail_in)
    let produced = outputCount - Int(stream.pointee.avail_out)
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isFinished = true
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
      throw Damage(reason: reason, consumed: consumed, produced: produced)
    }
    return (consumed, produced)
  }
}
