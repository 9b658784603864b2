import Formats
import Foundation
import Testing

@Suite struct ConvolutionTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func filters(_ image: String) throws -> Outcome {
    try run("convolution", "filters", "--image", image, "--output", folder.file("out"))
  }

  @Test(arguments: [(1, 1), (3, 4), (1, 900)]) func oddPictures(height: Int, width: Int) throws {
    let png = PNG(
      width: width, height: height, color: .gray, bytes: [UInt8](repeating: 128, count: width * height))
    try png.write(to: folder.file("a.png"))
    let outcome = try filters(folder.file("a.png"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).sorted()
        == ["filters.png", "results.json"])
  }

  /// A photograph is reduced by a whole factor, each pixel the mean of a square.
  @Test func largePictures() throws {
    // Columns of black and white in turn: means of three by three are 1/3 or 2/3, of the white column left over 1.
    let bytes = (0..<700 * 1300).map { $0 % 1300 % 2 == 0 ? UInt8(0) : 255 }
    try PNG(width: 1300, height: 700, color: .gray, bytes: bytes).write(to: folder.file("a.png"))
    let outcome = try filters(folder.file("a.png"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("a.png, 234×434, 3 times smaller than it is\n"), "\(outcome.output)")
    let results = try JSONSerialization.jsonObject(
      with: Data(FileContents.bytes(of: folder.file("out/results.json"))))
    let metrics = try #require((results as? [String: Any])?["metrics"] as? [String: Double])
    #expect(abs(try #require(metrics["identity_smallest"]) - 1 / 3) < 1e-6)
    #expect(abs(try #require(metrics["identity_largest"]) - 1) < 1e-6)
  }

  @Test func whatIsNoPicture() throws {
    let png = try PNG(width: 40, height: 40, color: .gray, bytes: (0..<1600).map { UInt8($0 * 7 % 256) })
      .encoded()
    try AtomicFile.write(png.dropLast(20), to: folder.file("cut.png"))
    try AtomicFile.write("not a picture", to: folder.file("text.png"))
    for (name, words) in [
      ("cut.png", "the file ends after \(png.count - 20) bytes, inside its chunk IDAT.\n"),
      ("text.png", "this is not a PNG file: its 13 bytes do not begin with 89 50 4E 47 (\"PNG\").\n"),
      ("none.png", "there is no such file.\n"), ("", "this is a folder; expected a file.\n"),
    ] {
      let outcome = try filters(folder.file(name))
      #expect(outcome.status == 1)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("error: \(folder.file(name)): \(words)"), "\(outcome.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("out")) == [])
    }
  }
}
