internal import CZlib

/// The checksum that gzip, zip and PNG files carry: it finds every change of up to 32 bits in a row.
///
/// - Source: RFC 1952, section 8.
package enum CRC32 {
  /// The checksum of bytes whose beginning has the checksum `start`.
  package static func checksum(_ bytes: some Sequence<UInt8>, after start: UInt32 = 0) -> UInt32 {
    let sum = bytes.withContiguousStorageIfAvailable { buffer in
      var sum = UInt(start)
      var rest = buffer[...]
      while !rest.isEmpty {
        let piece = UnsafeBufferPointer(rebasing: rest.prefix(1 << 30))
        sum = UInt(crc32(CUnsignedLong(sum), piece.baseAddress, UInt32(piece.count)))
        rest = rest.dropFirst(piece.count)
      }
      return UInt32(sum)
    }
    return sum ?? checksum(Array(bytes), after: start)
  }
}
