import Tensors
import Testing

@testable import Formats

/// An é of one character and an é of two look the same, and Swift's `==` takes them for one; files do not.
@Suite struct NamesTests {
  static let one = "caf\u{E9}"
  static let two = "cafe\u{301}"
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func bothAreKept() throws {
    #expect(Self.one == Self.two, "to Swift")
    var arrays = NamedArrays(metadata: [Self.one: "1", Self.two: "2"])
    arrays[Self.one] = StoredArray(Tensor(1))
    arrays[Self.two] = StoredArray(Tensor(2))
    #expect(arrays.count == 2 && arrays.metadata.count == 2)
    try SafeTensors.write(arrays, to: folder("a.safetensors"))
    try NPZFile.write(arrays, to: folder("a.npz"))
    for back in [try SafeTensors.read(folder("a.safetensors")), try NPZFile.read(folder("a.npz"))] {
      #expect(back.count == 2)
      #expect(try back.tensor(Self.one) == Tensor(1))
      #expect(try back.tensor(Self.two) == Tensor(2))
    }
    let metadata = try SafeTensors.read(folder("a.safetensors")).metadata
    #expect(metadata[Self.one] == "1" && metadata[Self.two] == "2")
    arrays[Self.one] = nil
    #expect(arrays.count == 1 && arrays[Self.one] == nil)
    #expect(try arrays.tensor(Self.two) == Tensor(2))
    #expect(throws: FileError.self) { _ = try arrays.tensor(Self.one) }
  }

  @Test func theyAreNotEqual() {
    var (a, b) = (NamedArrays(), NamedArrays())
    a[Self.one] = StoredArray(Tensor(1))
    b[Self.two] = StoredArray(Tensor(1))
    #expect(a != b)
    #expect(NamedArrays(metadata: [Self.one: "1"]) != NamedArrays(metadata: [Self.two: "1"]))
    #expect(NamedArrays(metadata: ["a": "1", "b": "2"]) == NamedArrays(metadata: ["b": "2", "a": "1"]))
  }

  /// As NumPy and the safetensors package wrote them.
  @Test func filesWithBoth() throws {
    for file in [
      try SafeTensors.read(fixture("names-two-forms.safetensors")),
      try NPZFile.read(fixture("names-two-forms.npz")),
    ] {
      #expect(file.count == 2)
      #expect(try file.names.map { try file.tensor($0).scalars } == [[1], [2]])
    }
    #expect(try SafeTensors.read(fixture("metadata-two-forms.safetensors")).metadata.count == 2)
  }

  @Test func aNameWhoseLastCharacterTakesTheDot() throws {
    // Arabic's number sign makes one character with what follows it.
    let name = "a\u{600}"
    var arrays = NamedArrays()
    arrays[name] = StoredArray(Tensor(1))
    try NPZFile.write(arrays, to: folder("a.npz"))
    #expect(try NPZFile.read(folder("a.npz")).tensor(name) == Tensor(1))
  }
}

/// One array that cannot be read leaves the others.
@Suite struct UnreadableArrayTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: ["F8_E4M3", "F4", "C64"]) func typesThatAreNotKnown(type: String) throws {
    let header =
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
      + "\"x\":{\"dtype\":\"\(type)\",\"shape\":[3],\"data_offsets\":[4,7]}}"
    let bytes =
      [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0x80, 0x3F, 1, 2, 3]
    let file = try SafeTensors.parse(bytes, path: "f")
    #expect(file.names == ["w", "x"])
    #expect(try file.tensor("w") == Tensor([1]))
    #expect(file["x"] == nil)
    #expect(
      message(about: "f") { _ = try file.array("x") }.hasPrefix(
        "\"x\" is of type \"\(type)\"; expected one of "))
    // Nothing is left out without a word.
    #expect(
      message(about: "f") { try SafeTensors.write(file, to: folder("g")) }.hasPrefix("\"x\" is of type"))
    #expect(message(about: "f") { try NPZFile.write(file, to: folder("g")) }.hasPrefix("\"x\" is of type"))
    #expect(try folder.names == [])
  }

  @Test func pythonObjects() throws {
    let path = try fixture("one-object-array.npz")
    let file = try NPZFile.read(path)
    #expect(file.names.sorted() == ["a", "o"])
    #expect(try !file.array("a").bytes.isEmpty)
    #expect(message(about: path) { _ = try file.array("o") }.hasPrefix("\"o\": its type is \"|O\""))
  }

  @Test func aDamagedPartOfAnArchive() throws {
    var bytes = try contents(fixture("stored.npz"))
    bytes[190] = 0x77
    let file = try NPZFile.parse(bytes, path: "f")
    #expect(try file.intTensor("ids") == NPYFileTests.signed)
    #expect(
      message(about: "f") { _ = try file.array("weight") }.hasPrefix(
        "\"weight.npy\" does not match its checksum"))
  }
}
