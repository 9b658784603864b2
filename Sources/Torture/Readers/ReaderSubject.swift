import Tensors

/// One reader of what comes from outside, and good files for it.
struct ReaderSubject: Sendable {
  /// A part of a file that a checksum or a length is about, and the file around it made anew.
  struct Inside {
    var core: [UInt8]
    var close: ([UInt8]) -> [UInt8]
  }

  /// How the report calls it.
  let name: String
  /// The end of its files' names, with the point.
  var ending = ""
  /// Files that are read without an error.
  let good: [[UInt8]]
  /// Whether the format carries a checksum over all that is read.
  var isChecked = false
  /// Takes the wrapping off, where there is one.
  var inside: (@Sendable ([UInt8], inout RandomStream) -> Inside?)?
  /// Reads all there is at a path, and gives back a digest of what was understood. Errors of the outside world are thrown.
  let read: @Sendable (String) throws -> Reading

  /// Its place among the streams of random numbers.
  var stream: UInt64 { Reading.digest(Array(name.utf8)) & 0xFFFF }
}

/// What a reader has understood, as a number: the same for the same contents.
struct Reading: Equatable {
  private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325

  /// A small number for bytes (FNV-1a).
  static func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  init() {}

  init(_ bytes: some Collection<UInt8>) { add(bytes) }

  init(_ text: String) { add(text) }

  mutating func add(_ bytes: some Collection<UInt8>) {
    digest = (digest ^ UInt64(bytes.count)) &* 0x100_0000_01B3
    for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  mutating func add(_ text: String) { add(Array(text.utf8)) }

  mutating func add(_ number: Int) {
    digest = (digest ^ UInt64(bitPattern: Int64(number))) &* 0x100_0000_01B3
  }
}

extension ReaderSubject {
  /// All readers, in the order of the report.
  static func all() throws -> [ReaderSubject] {
    try ArrayReaders.all() + PictureReaders.all() + TextReaders.all() + StateReaders.all()
      + ChannelReaders.all()
  }
}
