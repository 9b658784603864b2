import Testing

@testable import Formats

/// A zip file says everything twice: before each entry, and in the directory at its end. Where the two differ, or the
/// count does, something is lost or changed, and that is said.
@Suite struct ZipDisagreementTests {
  func words(_ bytes: [UInt8]) -> String {
    message(about: "f") {
      let file = try NPZFile.parse(bytes, path: "f")
      for name in file.names { _ = try file.array(name) }
    }
  }

  func firstPlace(of bytes: [UInt8], in file: [UInt8]) throws -> Int {
    try #require(file.indices.first { file[$0...].starts(with: bytes) })
  }

  @Test(arguments: ["stored.npz", "compressed.npz"]) func counts(name: String) throws {
    let good = try contents(fixture(name))
    #expect(words(good) == "nothing was thrown")
    let end = good.count - 22
    let count = good[end + 10]
    for offset in [8, 10] {
      for other in [0, 1, count - 1, count + 1] where other != count {
        var bytes = good
        bytes[end + offset] = other
        #expect(words(bytes) != "nothing was thrown", "\(other) at \(offset)")
      }
    }
    // Both counts agree, and leave one out.
    var bytes = good
    bytes[end + 8] = count - 1
    bytes[end + 10] = count - 1
    #expect(words(bytes).contains("the zip directory and the record at its end disagree"))
    bytes = good
    bytes[end + 12] ^= 1
    #expect(words(bytes) != "nothing was thrown")
  }

  /// Every bit of each name, in either place.
  @Test func names() throws {
    let good = try contents(fixture("stored.npz"))
    let name = Array("weight.npy".utf8)
    let local = try firstPlace(of: name, in: good)
    let directory = try local + 1 + firstPlace(of: name, in: Array(good[(local + 1)...]))
    for start in [local, directory] {
      for place in start..<start + name.count {
        for bit in 0..<8 {
          var bytes = good
          bytes[place] ^= 1 << UInt8(bit)
          #expect(words(bytes).contains("which the zip directory calls"), "bit \(bit) of byte \(place)")
        }
      }
    }
  }

  /// Every bit of method, checksum and sizes, in either place.
  @Test(arguments: ["stored.npz", "compressed.npz"]) func headers(name: String) throws {
    let good = try contents(fixture(name))
    let directory = try firstPlace(of: [0x50, 0x4B, 1, 2], in: good)
    // Method; checksum, sizes, lengths of name and extra field. Where Zip64 gives the sizes, they are not here.
    let isZip64 = good[18..<26].allSatisfy { $0 == 0xFF }
    let local = [8, 9] + Array(14..<18) + (isZip64 ? [] : Array(18..<26)) + [26, 27, 28, 29]
    for place in local + (Array(10..<12) + Array(16..<32)).map({ directory + $0 }) {
      for bit in 0..<8 {
        var bytes = good
        bytes[place] ^= 1 << UInt8(bit)
        #expect(words(bytes) != "nothing was thrown", "bit \(bit) of byte \(place)")
      }
    }
  }

  /// torch.save, and Python where it must, write the record at the end in two forms.
  @Test func theLargerFormOfTheRecordAtTheEnd() throws {
    var bytes = try contents(fixture("stored.npz"))
    let end = bytes.count - 22
    let record: [UInt8] = [0x50, 0x4B, 6, 6, 44] + [UInt8](repeating: 0, count: 51)
    bytes.insert(contentsOf: record + [0x50, 0x4B, 6, 7] + [UInt8](repeating: 0, count: 16), at: end)
    #expect(words(bytes) == "nothing was thrown")
  }

  @Test func entriesThatAreNotListedOrOverlap() throws {
    let folder = try TemporaryFolder()
    let array = try contents(fixture("f4.npy"))[...]
    try ZipArchive.write([("a.npy", [array]), ("b.npy", [array])], to: folder("z"), creatingFolders: false)
    let good = try contents(folder("z"))
    let start = try firstPlace(of: [0x50, 0x4B, 1, 2], in: good)
    let second = start + 46 + 5
    let end = good.count - 22
    // The directory without its first and without its last entry, everything else made to fit.
    for removed in [start..<second, second..<end] {
      var bytes = good
      bytes.removeSubrange(removed)
      let newEnd = bytes.count - 22
      (bytes[newEnd + 8], bytes[newEnd + 10]) = (1, 1)
      bytes[newEnd + 12] = UInt8(newEnd - start)
      #expect(words(bytes).contains("here is a file that the zip directory does not list"))
    }
    // Both entries at one place.
    var bytes = good
    bytes.replaceSubrange(second + 42..<second + 46, with: good[start + 42..<start + 46])
    #expect(words(bytes).contains("\"b.npy\""))
  }

  /// Lengths after the last name that lead beyond the file: a trap once.
  @Test func aDirectoryThatReachesTooFar() throws {
    let bytes = try contents(fixture("directory-beyond-its-end.npz"))
    #expect(words(bytes).contains("the zip directory reaches beyond its end"))
  }
}
