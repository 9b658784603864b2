import Conformance
import Foundation
import Testing

/// The engine against PyTorch: every case of the fixtures, number by number.
@Suite struct GoldenTests {
  static let files: [URL] = {
    let folder = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")
    return (try? goldenFiles(in: folder)) ?? []
  }()

  @Test func allFixturesAreThere() {
    #expect(Self.files.count == 189)
  }

  @Test(arguments: files) func agreesWithPyTorch(_ file: URL) {
    let result = checkCase(file)
    #expect(result.passed, "\(result.line)")
  }
}
