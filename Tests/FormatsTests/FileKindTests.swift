import Foundation
import Testing

@testable import Formats

/// What a file really is, whatever its name says.
@Suite struct FileKindTests {
  static let kinds: [(bytes: [UInt8], name: String)] = [
    (Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n".utf8), "Git LFS"),
    (Array("\n <!DOCTYPE HTML>\n<title>404</title>".utf8), "a web page"),
    (Array("\u{FEFF}<html lang=en>".utf8), "a web page"),
    (Array("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>".utf8), "an XML page"),
    ([0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20], "torch.save, in its old form"),
    ([0x80, 4, 0x95, 1, 2, 3, 4, 5, 6, 7], "pickle"),
    ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), "HDF5"),
    (Array("\0\0\0\u{18}ftypheic".utf8), "HEIC"),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4], "7-Zip"),
    ([UInt8](repeating: 7, count: 257) + Array("ustar\0".utf8), "a tar file"),
    (Array("BZh91AY&SY".utf8), "bzip2"),
    (Gzip.packed([1, 2, 3]), "a gzip file"),
  ]

  @Test func areToldByHowTheyBegin() throws {
    for (bytes, name) in Self.kinds {
      let kind = try #require(FileKind(bytes), "\(name)")
      #expect(kind.name.contains(name))
      // Each reader says it.
      #expect(
        message(about: "f") { _ = try SafeTensors.parse(bytes, path: "f") }.hasPrefix(
          "this is \(kind.name); expected a safetensors file"))
      #expect(
        message(about: "f") { _ = try NPZFile.parse(bytes, path: "f") }.hasPrefix(
          "this is \(kind.name); expected a zip file"))
      #expect(
        message(about: "f") { _ = try NPYFile.parse(bytes[...], path: "f", name: "") }.hasPrefix(
          "this is \(kind.name); expected a .npy file"))
      #expect(
        message(about: "f") { _ = try PNG(encoded: bytes, as: .gray, path: "f") }.hasPrefix(
          "this is \(kind.name); expected a PNG file"))
    }
    for bytes in [[], [0], [0x1F], Array("{\"a\":1}".utf8), Array("a text\n".utf8)] as [[UInt8]] {
      #expect(FileKind(bytes) == nil)
    }
    #expect(FileKind(try contents(fixture("every-type.safetensors")))?.name == "a safetensors file")
    #expect(FileKind(try contents(fixture("stored.npz")))?.name.hasPrefix("an .npz file") == true)
    #expect(FileKind(try contents(fixture("f4.npy")))?.name.hasPrefix("a .npy file") == true)
  }

  @Test func whatTorchSaveWrote() throws {
    let path = try fixture("torch-save.zip")
    let start = "this is a file of torch.save; expected "
    let advice = "       Convert it in Python: safetensors.torch.save_file(torch.load("
    for words in [
      message(about: path) { _ = try SafeTensors.read(path) },
      message(about: path) { _ = try NPZFile.read(path) },
    ] {
      #expect(words.hasPrefix(start) && words.contains(advice), "\(words)")
    }
  }

  @Test func idxFilesThatAreNone() throws {
    let folder = try TemporaryFolder()
    func words(_ bytes: [UInt8]) throws -> String {
      let path = try folder.file("f", bytes)
      return message(about: path) { _ = try IDXFile.readLabels(path) }
    }
    let twice = Gzip.packed(Gzip.packed(IDXFileTests.labels))
    #expect(
      try words(twice)
        == "it was packed by gzip twice; expected an IDX file of labels, packed once or not at all."
        + "\n       Unpack it once: gunzip.")
    #expect(try words(Self.kinds[0].bytes).hasPrefix("this is a Git LFS pointer"))
    #expect(
      try words(Gzip.packed(Self.kinds[1].bytes)).hasPrefix(
        "this is a web page; expected an IDX file of labels"))
    #expect(try words(Array("some other text".utf8)).hasPrefix("byte 0: the magic number is "))
    let page = try folder.file("page.gz", Self.kinds[1].bytes)
    #expect(
      message(about: page) { _ = try Gzip.read(page) }.hasPrefix("this is a web page; expected a gzip file"))
  }

  @Test func severalArraysInOneFile() throws {
    let one = try contents(fixture("f4.npy"))
    let words = message(about: "f") { _ = try NPYFile.parse((one + one)[...], path: "f", name: "") }
    #expect(words.hasPrefix("another array follows the first; expected one array a file."))
    #expect(words.contains("numpy.savez"))
  }

  /// A promise of many values in a few bytes is not worth the memory.
  @Test func headersThatAreNothingButNumbers() {
    let header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[" + String(repeating: "0,", count: 1 << 20) + "0]}}"
    let length = header.utf8.count
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
    #expect(
      message(about: "f") { _ = try SafeTensors.parse(bytes, path: "f") }.contains(
        "expected no more than 64 values in a list"))
  }
}
