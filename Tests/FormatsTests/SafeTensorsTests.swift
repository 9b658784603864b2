import Foundation
import Tensors
import Testing

@testable import Formats

@Suite struct SafeTensorsTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  static let oddName = "a name \"in quotes\" \\ \n \u{1} é 🙂"

  @Test func readsEveryTypeThatPyTorchWrites() throws {
    let file = try SafeTensors.read(fixture("every-type.safetensors"))
    #expect(file.metadata == ["made by": "PyTorch \"2.13\" é\t"])
    #expect(
      file.names == [
        "u64", "i64", "f64", "B.weight", Self.oddName, "f32", "no numbers", "u32", "i32", "bf16", "f16",
        "halves", "u16",
        "i16", "i8", "u8", "bool",
      ])
    let signed = IntTensor([-2, -1, 0, 1, 2, 3], shape: [2, 3])
    let unsigned = IntTensor([0, 1, 2, 3, 4, 5], shape: [2, 3])
    for name in ["i8", "i16", "i32", "i64"] { #expect(try file.intTensor(name) == signed) }
    for name in ["u8", "u16", "u32", "u64"] { #expect(try file.intTensor(name) == unsigned) }
    for name in ["f16", "f32", "f64"] {
      #expect(try file.tensor(name) == Tensor([-2, -1, 0, 1, 2, 3], shape: [2, 3]))
      #expect(try file.doubles(name) == [-2, -1, 0, 1, 2, 3])
    }
    #expect(try file.tensor("bf16") == Tensor([0, 1, 2, 3, 4, 5], shape: [2, 3]))
    #expect(
      try file.maskTensor("bool") == MaskTensor([true, false, true, false, true, false], shape: [2, 3]))
    #expect(try file.tensor(Self.oddName) == Tensor(1.5))
    #expect(try file.tensor("no numbers") == Tensor([], shape: [0, 3]))
    #expect(try file.tensor("B.weight") == Tensor([3]))

    let halves = try file.tensor("halves").scalars
    let expected: [Float] = [0, -0.0, 65504, 0x1p-14, 0x1p-24, -0x1p-15, 0x1.554p-2, .infinity, -.infinity]
    #expect(halves.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(file["u16"]?.scalarType == .uint16 && file["u16"]?.count == 6)
  }

  @Test func readsReferenceCases() throws {
    let loss = try SafeTensors.read(fixture("cross-entropy-mean.safetensors"))
    #expect(loss.metadata["op"] == "cross_entropy")
    #expect(loss.metadata["torch"] == "2.13.0+cpu")
    #expect(try loss.tensor("loss").shape == [])
    #expect(try abs(loss.doubles("loss_f64")[0] - Double(loss.tensor("loss").scalar)) < 1e-6)
    #expect(try loss.intTensor("target").count == loss.tensor("logits").shape[0])

    let signed = try SafeTensors.read(fixture("int8-per-tensor-affine-signed.safetensors"))
    #expect(try signed.intTensor("zero_point") == IntTensor([-63], shape: []))
    // The file's own formula, so that types and places are right together.
    for name in ["int8-per-tensor-affine-signed", "int8-per-tensor-affine"] {
      let file = try SafeTensors.read(fixture("\(name).safetensors"))
      let (q, zero) = (try file.intTensor("quantized").scalars, try file.intTensor("zero_point").scalars[0])
      let scale = try file.tensor("scale").scalar
      let dequantized = try file.tensor("dequantized").scalars
      for (q, x) in zip(q, dequantized) { #expect(abs(Float(q - zero) * scale - x) <= 1e-6) }
    }
    let attention = try SafeTensors.read(fixture("sdpa-mask.safetensors"))
    #expect(try attention.maskTensor("mask").shape == [2, 1, 6, 6])
    let (exact, rounded) = (try attention.doubles("output_f64"), try attention.tensor("output"))
    #expect(rounded.shape == [2, 3, 6, 4])
    for (a, b) in zip(exact, rounded.scalars) { #expect(abs(a - Double(b)) < 1e-5) }
  }

  @Test(arguments: ["every-type", "nothing"])
  func writesTheBytesThatPyTorchWrites(name: String) throws {
    let original = try fixture("\(name).safetensors")
    let file = try SafeTensors.read(original)
    // In another order than the file's, which is found again.
    var arrays = NamedArrays(metadata: file.metadata)
    for name in file.names.reversed() { arrays[name] = file[name] }
    try SafeTensors.write(arrays, to: folder("f"))
    #expect(try contents(folder("f")) == contents(original))
  }

  @Test func writesEachKindOfArray() throws {
    let x = Tensor([1, 2.5, -3, 4, 5, 6], shape: [3, 2])
    let ids = IntTensor([Int.min, 0, Int.max])
    let mask = MaskTensor([true, false], shape: [1, 2])
    var arrays = NamedArrays(metadata: ["b": "2", "a": "1\n"])
    arrays["x"] = StoredArray(x)
    arrays["ids"] = StoredArray(ids)
    arrays["mask"] = StoredArray(mask)
    arrays["exact"] = StoredArray([0.1, .pi], shape: [2])
    arrays["q"] = StoredArray([-128, 127] as [Int8], shape: [2, 1])
    arrays["u"] = StoredArray([0, 255] as [UInt8], shape: [2])
    arrays["scalar"] = StoredArray(Tensor(7))
    let path = folder("new/weights.safetensors")
    try SafeTensors.write(arrays, to: path, creatingFolders: true)
    let back = try SafeTensors.read(path)
    #expect(back.names == ["ids", "exact", "scalar", "x", "q", "u", "mask"])
    #expect(back.metadata == arrays.metadata)
    #expect(try back.tensor("x") == x)
    #expect(try back.intTensor("ids") == ids)
    #expect(try back.maskTensor("mask") == mask)
    #expect(try back.doubles("exact") == [0.1, .pi])
    #expect(try back.intTensor("q") == IntTensor([-128, 127], shape: [2, 1]))
    #expect(try back.intTensor("u") == IntTensor([0, 255]))
    #expect(try back.tensor("scalar") == Tensor(7))
    #expect(
      try contents(path).dropFirst(8).starts(with: "{\"__metadata__\":{\"a\":\"1\\n\",\"b\":\"2\"}".utf8))
  }

  @Test func arraysAreAddedReplacedAndRemoved() {
    var arrays = NamedArrays()
    arrays["a"] = StoredArray(Tensor(1))
    arrays["b"] = StoredArray(Tensor(2))
    arrays["a"] = StoredArray(Tensor(3))
    #expect(arrays.names == ["a", "b"] && arrays["a"] == StoredArray(Tensor(3)))
    arrays["a"] = nil
    arrays["c"] = nil
    #expect(arrays.names == ["b"] && arrays.count == 1 && arrays["a"] == nil)
  }

  @Test func mistakesOfTheProgrammerTrap() async throws {
    let reserved = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var arrays = NamedArrays()
      arrays["__metadata__"] = StoredArray(Tensor(1))
      try SafeTensors.write(arrays, to: "/dev/null")
    }
    #expect(
      String(decoding: reserved.standardErrorContent, as: UTF8.self)
        .contains("SafeTensors.write: no array may be called __metadata__"))
    let shape = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StoredArray([1, 2, 3] as [Double], shape: [2, 2])
    }
    #expect(
      String(decoding: shape.standardErrorContent, as: UTF8.self)
        .contains("StoredArray: shape [2, 2] holds 4 numbers, given 3"))
  }

  @Test func wrongTypesAndMissingNames() throws {
    let path = try fixture("every-type.safetensors")
    let file = try SafeTensors.read(path)
    func text(_ body: () throws -> Void) -> String { message(about: path, body) }
    #expect(
      text { _ = try file.tensor("i32") }
        == "\"i32\" holds I32; expected floating-point numbers.\n       In code, ask for its intTensor or maskTensor."
    )
    #expect(
      text { _ = try file.doubles("bool") }
        == "\"bool\" holds BOOL; expected floating-point numbers.\n       In code, ask for its intTensor or maskTensor."
    )
    #expect(
      text { _ = try file.intTensor("f32") }
        == "\"f32\" holds F32; expected whole numbers.\n       In code, ask for its tensor.")
    #expect(
      text { _ = try file.intTensor("bool") }
        == "\"bool\" holds BOOL; expected whole numbers.\n       In code, ask for its maskTensor.")
    #expect(
      text { _ = try file.maskTensor("u8") }
        == "\"u8\" holds U8; expected yes or no (BOOL).\n       In code, ask for its tensor or intTensor.")
    #expect(
      text { _ = try file.tensor("fc9.weight") }.hasPrefix(
        "there is no array \"fc9.weight\".\n       It holds \"u64\", \"i64\", \"f64\", \"B.weight\", "))
    #expect(text { _ = try file.tensor("fc9.weight") }.hasSuffix(" and 9 more."))
    #expect(
      message(about: "(memory)") { _ = try NamedArrays().tensor("x") }
        == "there is no array \"x\".\n       It holds no arrays.")
    let large = StoredArray(.uint64, shape: [1], bytes: [255, 255, 255, 255, 255, 255, 255, 255])
    #expect(
      message(about: "(memory)") { _ = try large.intTensor }
        == "the array holds 18,446,744,073,709,551,615; expected whole numbers up to 9,223,372,036,854,775,807."
    )
  }
}

@Suite struct SafeTensorsErrorTests {
  static let advice = "\n       The file is damaged or no safetensors file; fetch it again or write it anew."

  func text(_ bytes: [UInt8]) -> String {
    message(about: "f") { _ = try SafeTensors.parse(bytes, path: "f") }
  }

  /// The error of a file with this header, and so many bytes of data.
  func text(_ header: String, _ count: Int = 0) -> String {
    let length = header.utf8.count
    let start = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return text(start + Array(header.utf8) + [UInt8](repeating: 0, count: count))
  }

  @Test func theLengthOfTheHeader() {
    #expect(
      text([1, 2, 3]) == "the file ends after 3 bytes; expected 8 bytes with the header's length."
        + Self.advice)
    #expect(
      text([]) == "the file ends after 0 bytes; expected 8 bytes with the header's length." + Self.advice)
    #expect(
      text([UInt8](repeating: 0xFF, count: 8))
        == "byte 0: the header's length is 18,446,744,073,709,551,615 bytes; expected from 2 to 100,000,000."
        + Self.advice)
    #expect(
      text([1, 0, 0, 0, 0, 0, 0, 0, 0x7B])
        == "byte 0: the header's length is 1 bytes; expected from 2 to 100,000,000." + Self.advice)
    #expect(
      text([100, 0, 0, 0, 0, 0, 0, 0, 0x7B])
        == "the file ends after 9 of 108 bytes, inside the header." + Self.advice)
  }

  @Test func headersThatAreNoJSON() {
    #expect(text("{\"a\" 1}") == "byte 13: the header is no JSON: found \"1\"; expected \":\"." + Self.advice)
    #expect(text("[1, 2]") == "byte 8: the header is no JSON object." + Self.advice)
    #expect(text("{} x") == "byte 11: the header is no JSON: found \"x\"; expected the end." + Self.advice)
    #expect(
      text("{\"a\":\u{1}}") == "byte 13: the header is no JSON: found the byte 1; expected a JSON value."
        + Self.advice)
    #expect(
      text("{\"a") == "byte 11: the header is no JSON: found the end; expected the closing quote."
        + Self.advice)
  }

  @Test func entriesThatMakeNoSense() {
    let entry = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
    #expect(text("{\"x\":\(entry),\"x\":\(entry)}", 8) == "the header has \"x\" twice." + Self.advice)
    #expect(text("{\"x\":1}") == "\"x\" is no JSON object." + Self.advice)
    #expect(text("{\"x\":{}}") == "\"x\" has no dtype." + Self.advice)
    #expect(text("{\"x\":{\"dtype\":4}}") == "\"x\": dtype is no text." + Self.advice)
    #expect(text("{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}") == "\"x\" has dtype twice." + Self.advice)
    #expect(text("{\"x\":{\"dtype\":\"F32\",\"shape\":2}}") == "\"x\": shape is no list." + Self.advice)
    for size in ["-1", "1.5", "\"2\"", "99999999999999999999"] {
      #expect(
        text("{\"x\":{\"dtype\":\"F32\",\"shape\":[\(size)]}}")
          == "\"x\": shape holds something else; expected whole numbers from 0." + Self.advice)
    }
    #expect(
      text("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}") == "the metadata has \"a\" twice." + Self.advice)
    #expect(
      text("{\"__metadata__\":{\"a\":1}}") == "the metadata \"a\" is no text; expected texts only."
        + Self.advice)
    #expect(text("{\"__metadata__\":[]}") == "__metadata__ is no JSON object." + Self.advice)
  }

  @Test func typesThatAreNotRead() throws {
    let expected =
      "\"x\" is of type \"F8_E4M3\"; expected one of BOOL U8 I8 I16 U16 F16 BF16 I32 U32 F32 F64 I64 U64."
      + "\n       This type cannot be read here; convert the file, for example to F32."
    let path = try fixture("float8.safetensors")
    #expect(message(about: path) { _ = try SafeTensors.read(path).array("x") } == expected)
  }

  /// The error of arrays at these places, each named by its number, `count` bytes of data.
  func text(places: [(Int, Int)], _ count: Int) -> String {
    let entries = places.enumerated().map { i, place in
      "\"\(i)\":{\"dtype\":\"U8\",\"shape\":[\(place.1 - place.0)],\"data_offsets\":[\(place.0),\(place.1)]}"
    }
    return text("{\(entries.joined(separator: ","))}", count)
  }

  @Test func placesThatDoNotFit() {
    #expect(text(places: [(4, 8), (0, 4)], 8) == "nothing was thrown")
    #expect(text(places: [(0, 4), (4, 4), (4, 8)], 8) == "nothing was thrown")
    #expect(
      text(places: [(0, 4), (3, 8)], 8)
        == "\"1\" begins at byte 3 of the data, inside the array before it, which ends at 4." + Self.advice)
    #expect(
      text(places: [(0, 4), (5, 8)], 8) == "1 byte of the data before \"1\" belong to no array." + Self.advice
    )
    #expect(text(places: [(0, 4)], 6) == "2 bytes at the end belong to no array." + Self.advice)
    let cutOff = text(places: [(0, 4)], 3)
    #expect(cutOff.hasPrefix("the file ends after "))
    #expect(cutOff.hasSuffix(" bytes; 1 more are missing." + cutOffAdvice))
    #expect(
      text("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,7]}}", 7)
        == "\"x\": its place is 7 bytes long; expected 8, for F32 and shape [2]." + Self.advice)
    #expect(
      text("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8)
        == "\"x\": data_offsets is [8, 0]; expected a start and an end not before it." + Self.advice)
    #expect(
      text("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8)
        == "\"x\": data_offsets is [0]; expected a start and an end not before it." + Self.advice)
    for shape in ["[4611686018427387904,2]", "[4611686018427387904,0,4]"] {
      #expect(
        text("{\"x\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[0,0]}}")
          == "\"x\": shape \(shape.replacing(",", with: ", ")) holds more bytes than can be counted."
          + Self.advice)
    }
  }
}

@Suite struct JSONValueTests {
  func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)[...]) }

  @Test func values() throws {
    #expect(
      try parse(" { \"b\" : [ 1 , -2,{}, [ ] ] ,\"a\":true, \"b\":null } ")
        == .object([
          .init(name: "b", value: .array([.integer(1), .integer(-2), .object([]), .array([])])),
          .init(name: "a", value: .other("true")), .init(name: "b", value: .other("null")),
        ]))
    #expect(try parse("0") == .integer(0))
    #expect(try parse("9223372036854775807") == .integer(.max))
    for number in ["9223372036854775808", "1.5", "-1e9", "2E+3"] {
      #expect(try parse(number) == .other(number))
    }
  }

  @Test func textsAndEscapes() throws {
    #expect(try parse(#""\"\\\/\b\f\n\r\té🙂""#) == .string("\"\\/\u{8}\u{C}\n\r\té🙂"))
    #expect(try parse("\"\\u00e9\\uD83D\\uDE42\\u0000\"") == .string("é🙂\0"))
    let odd = "\"\\/\u{8}\u{C}\n\r\t\u{1F}\u{7F}é🙂\0"
    #expect(try parse(JSONValue.quoted(odd)) == .string(odd))
    #expect(JSONValue.quoted("\u{1F}\u{1}") == "\"\\u001f\\u0001\"")
  }

  @Test(arguments: [
    "", "{", "[1", "[1,]", "{\"a\":1,}", "{a:1}", "01", "-", "1.", "tru", "nan", "\"\\x\"", "\"\\u12\"",
    "\"\\uD800\"",
    "\"\\uD800\\u0041\"", "\"\n\"", "[1 2]", "1 2", "+1", "--1", "0x10", "1e", ".5", "truefalse",
  ])
  func whatIsNoJSON(text: String) {
    #expect(throws: JSONProblem.self) { _ = try parse(text) }
  }

  @Test func badUTF8AndDeepNesting() throws {
    #expect(throws: JSONProblem(offset: 1, found: "the byte 255", expected: "UTF-8")) {
      _ = try JSONValue(parsing: [0x22, 0xFF, 0x22])
    }
    #expect(throws: JSONProblem(offset: 33, found: "\"[\"", expected: "no deeper nesting")) {
      _ = try parse(String(repeating: "[", count: 100_000))
    }
  }
}
