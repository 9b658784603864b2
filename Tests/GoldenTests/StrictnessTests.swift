import Conformance
import Formats
import Foundation
import Testing

/// The checker itself: whatever is changed in a good file, the case must fail.
@Suite struct StrictnessTests {
  private static let folder = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")

  /// The result for a fixture after `change`.
  private func check(_ name: String, _ change: (inout NamedArrays) throws -> Void) throws -> CaseResult {
    var arrays = try SafeTensors.read(Self.folder.appendingPathComponent("\(name).safetensors").path)
    try change(&arrays)
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "strict-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    try SafeTensors.write(arrays, to: url.path)
    return checkCase(url)
  }

  /// Changes the number at `index` of an array, keeping its type.
  private func replace(_ arrays: inout NamedArrays, _ name: String, at index: Int, with value: Double) throws
  {
    let array = try arrays.array(name)
    var numbers = try array.doubles
    numbers[index] = value
    arrays[name] =
      array.scalarType == .float64
      ? StoredArray(numbers, shape: array.shape)
      : StoredArray(.init(numbers.map { Float($0) }, shape: array.shape))
  }

  @Test func anUntouchedFilePasses() throws {
    #expect(try check("linear-2d") { _ in }.passed)
  }

  @Test func oneNumberBeyondTheToleranceFails() throws {
    let result = try check("linear-2d") { arrays in
      let old = try arrays.doubles("grad_weight_f64")[13]
      try replace(&arrays, "grad_weight_f64", at: 13, with: old + 3e-4 * max(1, abs(old)))
    }
    #expect(!result.passed && result.fault == nil)
    #expect(result.worst?.array == "grad_weight" && result.worst?.index == [1, 6])
  }

  @Test func whatIsNoNumberFails() throws {
    for value in [Double.nan, .infinity] {
      let result = try check("linear-2d") { try replace(&$0, "output_f64", at: 2, with: value) }
      #expect(!result.passed && result.worst?.share == .infinity)
    }
    #expect(try !check("linear-2d") { try replace(&$0, "input", at: 0, with: .nan) }.passed)
  }

  @Test func anotherShapeFails() throws {
    let result = try check("linear-2d") { arrays in
      let numbers = try arrays.doubles("output_f64")
      arrays["output_f64"] = StoredArray(numbers, shape: [numbers.count])
    }
    #expect(result.fault?.contains("`output` has shape") == true)
  }

  @Test func unknownOpsOptionsAndConventionsFail() throws {
    #expect(try check("linear-2d") { $0.metadata["op"] = "bilinear" }.fault == "op unknown")
    #expect(try check("linear-2d") { $0.metadata["sparse"] = "true" }.fault == "unknown options: sparse")
    #expect(
      try check("clip-norm") { $0.metadata["formula"] = "g /= total_norm" }.fault
        == "`formula` is unknown: g /= total_norm")
    #expect(try check("mse-mean") { $0.metadata["reduction"] = "median" }.fault != nil)
  }

  @Test func resultsThatNobodyComparesFail() throws {
    let result = try check("linear-2d") { arrays in
      arrays["energy"] = try arrays.array("output")
      arrays["energy_f64"] = try arrays.array("output_f64")
    }
    #expect(result.fault == "results that were not compared: energy")
    #expect(
      try check("linear-2d") { $0["spare"] = try $0.array("input") }.fault
        == "arrays that nothing used: spare")
    #expect(try check("linear-2d") { $0["grad_bias"] = nil }.fault != nil)
  }

  @Test func aDamagedFileFails() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "strict-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data([1, 2, 3]).write(to: url)
    let result = checkCase(url)
    #expect(!result.passed && result.fault?.contains("ends after 3 bytes") == true)
  }
}
