import NumberText
import Tensors
import Testing

@testable import Formats

@Suite struct NPYFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  static let signed = IntTensor([-2, -1, 0, 1, 2, 3], shape: [2, 3])
  static let unsigned = IntTensor([0, 1, 2, 3, 4, 5], shape: [2, 3])
  static let floats = Tensor([-2, -1, 0, 1, 2, 3], shape: [2, 3])
  static let mask = MaskTensor([true, false, true, false, true, false], shape: [2, 3])

  @Test func readsEveryTypeThatNumPyWrites() throws {
    func read(_ name: String) throws -> StoredArray { try NPYFile.read(fixture("\(name).npy")) }
    for end in ["", "-big-endian"] {
      for code in ["f2", "f4", "f8"] { #expect(try read(code + end).tensor == Self.floats) }
      for code in ["i2", "i4", "i8"] { #expect(try read(code + end).intTensor == Self.signed) }
      for code in ["u2", "u4", "u8"] { #expect(try read(code + end).intTensor == Self.unsigned) }
    }
    #expect(try read("i1").intTensor == Self.signed)
    #expect(try read("u1").intTensor == Self.unsigned)
    #expect(try read("b1").maskTensor == Self.mask)
    #expect(try read("f8").doubles == [-2, -1, 0, 1, 2, 3])
    #expect(try read("scalar").tensor == Tensor(2.5))
    #expect(try read("empty").tensor == Tensor([], shape: [0, 3]))
    #expect(try read("version2").tensor == Self.floats)
    #expect(try read("version3").tensor == Self.floats)
    let cube = Tensor((0..<24).map { Float($0) }, shape: [2, 3, 4])
    #expect(try read("cube-fortran").tensor == cube)
    #expect(try read("cube-fortran-big-endian").tensor == cube)
  }

  @Test(arguments: [
    "f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "scalar", "empty",
  ])
  func writesTheBytesThatNumPyWrites(name: String) throws {
    let original = try fixture("\(name).npy")
    try NPYFile.write(NPYFile.read(original), to: folder("x.npy"))
    #expect(try contents(folder("x.npy")) == contents(original))
  }

  @Test func writesTensors() throws {
    try NPYFile.write(Self.floats, to: folder("new/f.npy"), creatingFolders: true)
    try NPYFile.write(Self.signed, to: folder("i.npy"))
    #expect(try contents(folder("new/f.npy")) == contents(fixture("f4.npy")))
    #expect(try contents(folder("i.npy")) == contents(fixture("i8.npy")))
    #expect(
      message(about: "x") { try NPYFile.write(StoredArray(.bfloat16, shape: [], bytes: [0, 0]), to: "x") }
        == "NumPy has no type BF16.\n       Convert the numbers first, for example to F32.")
  }

  /// A file with this header.
  func text(_ header: String, _ count: Int = 0, version: UInt8 = 1) -> String {
    let length = header.utf8.count
    let start = [0x93] + Array("NUMPY".utf8) + [version, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
    return text(start + Array(header.utf8) + [UInt8](repeating: 0, count: count))
  }

  func text(_ bytes: [UInt8]) -> String {
    message(about: "f") { _ = try NPYFile.parse(bytes[...], path: "f", name: "") }
  }

  @Test func filesThatAreNone() throws {
    let advice = "\n       The file is damaged or no .npy file."
    #expect(text([]) == "the file is empty; expected a .npy file." + advice)
    #expect(text([1, 2, 3]) == "this is not a .npy file.\n       Check that this is the file you mean.")
    #expect(text([0x93, 0x4E]) == "the file ends after 2 bytes; expected a header." + cutOffAdvice)
    #expect(text("{}", version: 4) == "its format version is 4.0; expected 1, 2 or 3." + advice)
    let whole = try contents(fixture("f4.npy"))
    #expect(
      text(Array(whole.prefix(50))) == "the file ends after 50 bytes; expected a header of 118 bytes."
        + cutOffAdvice)
    #expect(
      text(whole.dropLast())
        == "the file ends after 151 bytes; expected 24 after the header, for shape [2, 3]." + cutOffAdvice)
    #expect(text(whole + [0]) == "1 byte follow the numbers; expected 24 for shape [2, 3]." + advice)
    let version2 = try contents(fixture("version2.npy"))
    #expect(
      text(Array(version2.prefix(11))) == "the file ends after 11 bytes; expected a header." + cutOffAdvice)
  }

  @Test(arguments: [
    "", "{", "{}", "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
    "{'descr': '<f4, 'fortran_order': False, 'shape': ()}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
  ])
  func headersThatMakeNoSense(header: String) {
    #expect(
      text(header)
        == "its header cannot be understood; expected {'descr': …, 'fortran_order': …, 'shape': …}.\n       The file is damaged or no .npy file."
    )
  }

  @Test func headersThatAreWrittenOtherwise() throws {
    let header = "{\"shape\": (2L, 3,),'descr':\"=f4\" , 'fortran_order' : True}"
    let parsed = try #require(NPYHeader(parsing: Array(header.utf8)[...], isUTF8: true))
    #expect(parsed.shape == [2, 3] && parsed.type == "f4" && parsed.isColumnMajor && !parsed.isBigEndian)
  }

  @Test func typesAndShapesThatAreNotRead() throws {
    let types =
      "; expected one of b1 f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8.\n       Convert it in Python: numpy.save(path, x.astype('float32'))."
    let complex = try fixture("complex.npy")
    #expect(message(about: complex) { _ = try NPYFile.read(complex) } == "its type is \"<c8\"" + types)
    let fields = try fixture("fields.npy")
    #expect(message(about: fields) { _ = try NPYFile.read(fields) } == "its type is \"fields\"" + types)
    #expect(
      text("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 2)}")
        == "shape [4611686018427387904, 2] holds more bytes than can be counted.\n       The file is damaged or no .npy file."
    )
  }
}

@Suite struct NPZFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func readsStoredAndCompressed() throws {
    for name in ["stored.npz", "compressed.npz"] {
      let file = try NPZFile.read(fixture(name))
      #expect(file.names.prefix(3) == ["weight", "ids", "mask"])
      #expect(try file.tensor("weight") == NPYFileTests.floats)
      #expect(try file.intTensor("ids") == NPYFileTests.signed)
      #expect(try file.maskTensor("mask") == NPYFileTests.mask)
    }
    #expect(try NPZFile.read(fixture("compressed.npz")).tensor("zeros") == .zeros([4000]))
  }

  @Test func comesBackAsItWent() throws {
    let file = try NPZFile.read(fixture("stored.npz"))
    var arrays = file
    arrays["naïve 🙂"] = StoredArray(Tensor(1.5))
    try NPZFile.write(arrays, to: folder("new/a.npz"), creatingFolders: true)
    #expect(try NPZFile.read(folder("new/a.npz")) == arrays)
    try NPZFile.write(NamedArrays(), to: folder("none.npz"))
    #expect(try NPZFile.read(folder("none.npz")).count == 0)
  }

  func text(_ bytes: [UInt8], limit: Int = 1 << 20) -> String {
    message(about: "f") {
      let file = try NPZFile.parse(bytes, path: "f", limit: limit)
      for name in file.names { _ = try file.array(name) }
    }
  }

  /// Where the directory's entry of the first file begins.
  func directory(_ bytes: [UInt8]) throws -> Int {
    try #require(bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
  }

  @Test func damagedZipFiles() throws {
    let stored = try contents(fixture("stored.npz"))
    let compressed = try contents(fixture("compressed.npz"))
    let damagedAdvice = "\n       The file is damaged; fetch it again."
    #expect(text([]) == "the file is empty; expected a zip file." + cutOffAdvice)
    #expect(text([1, 2, 3]) == "this is not a zip file.\n       Check that this is the file you mean.")
    #expect(
      text(Array(stored.prefix(300))) == "the zip directory at the end is missing; the file has 300 bytes."
        + cutOffAdvice)
    #expect(
      text([0x50, 0x4B]) == "the zip directory at the end is missing; the file has 2 bytes." + cutOffAdvice)

    let at = try directory(stored)
    func changed(_ bytes: [UInt8], _ offset: Int, _ new: UInt8...) -> [UInt8] {
      Array(bytes[..<offset]) + new + Array(bytes[(offset + new.count)...])
    }
    #expect(
      text(changed(stored, at, 0))
        == "byte \(grouped(at)): entry 1 of 3 is missing from the zip directory." + damagedAdvice)
    #expect(
      text(changed(stored, at + 28, 0xFF, 0xFF))
        == "byte \(grouped(at)): the name of entry 1 of 3 is cut off." + damagedAdvice)
    #expect(text(changed(stored, at + 8, 1)) == "\"weight.npy\" is encrypted.\n       Unpack it first.")
    #expect(
      text(changed(stored, at + 10, 12))
        == "\"weight.npy\" is packed by method 12; expected 0 (stored) or 8 (deflated).\n       Write it anew with numpy.savez."
    )
    #expect(
      text(changed(stored, at + 20, 1)) == "\"weight.npy\" is stored but has two sizes." + damagedAdvice)
    #expect(
      text(changed(stored, at + 20, 0xFF, 0xFF, 0xFF, 0xFF))
        == "\"weight.npy\" needs Zip64; expected an entry of less than 4 GiB.\n       Split it.")
    #expect(
      text(changed(stored, at + 20, 0xFF, 0xFF, 0xFF))
        == "\"weight.npy\" reaches beyond the end of the file." + damagedAdvice)
    #expect(
      text(changed(stored, at + 42, 1)) == "\"weight.npy\" does not begin where the zip directory says."
        + damagedAdvice)
    #expect(text(changed(stored, 190, 0x77)) == "\"weight.npy\" does not match its checksum." + damagedAdvice)
    #expect(
      text(changed(stored, stored.count - 12, 0xFF, 0xFF))
        == "this zip file needs Zip64; expected one of less than 4 GiB.\n       Split it.")

    let first = try directory(compressed)
    #expect(
      text(changed(compressed, first + 27, 0x7F), limit: .max)
        == "\"weight.npy\" is damaged (it cannot be that large)." + damagedAdvice)
    #expect(
      text(changed(compressed, first + 24, 1)) == "\"weight.npy\" is damaged (2 of 1 byte)." + damagedAdvice)
    #expect(
      text(stored, limit: 200)
        == "it unpacks to more than 200 bytes; expected no more than that.\n       Check that this is the file you mean."
    )
  }

  @Test func arraysInsideThatAreNone() throws {
    let path = folder("a.npz")
    try ZipArchive.write(
      [("readme.txt", [[1, 2]]), ("x.npy", [[1, 2, 3]])], to: path, creatingFolders: false)
    #expect(
      message(about: path) { _ = try NPZFile.read(path).array("x") }
        == "\"x\": this is not a .npy file.\n       Check that this is the file you mean.")
    let whole = try contents(fixture("f4.npy"))[...]
    try ZipArchive.write([("x.npy", [whole]), ("x.npy", [whole])], to: path, creatingFolders: false)
    #expect(
      message(about: path) { _ = try NPZFile.read(path) }
        == "it has \"x\" twice.\n       Write the file anew.")
    try ZipArchive.write([("readme.txt", [[1, 2]])], to: path, creatingFolders: false)
    #expect(try NPZFile.read(path).count == 0)
  }
}
