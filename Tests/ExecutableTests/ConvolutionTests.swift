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

  /// The short version of everything: the files are there, and the numbers say what the chapter says.
  @Test func everything() throws {
    let outcome = try run("convolution", "--quick", "--output", folder.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let files = [
      "filters": ["filters.png"], "learn-kernel": ["kernels.png", "losses.svg"],
      "feature-maps": [
        "conv1-untrained.png", "kernels-conv1.png", "feature-maps-conv1.png", "feature-maps-conv2.png",
      ],
      "receptive-field": ["influence.png", "ways.svg"], "equivariance": ["strides.svg", "border.png"],
      "speed": ["ladder.svg"], "touch": ["slide-a-kernel.data.js", "slide-a-kernel.svg"],
    ]
    for (experiment, names) in files {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.file("out/\(experiment)")).sorted()
          == (names + ["results.json"]).sorted())
    }

    // Independent pixels around 0 teach a kernel in ten steps; pixels that are alike do not.
    let learned = try metrics(folder.file("out/learn-kernel/results.json"))
    #expect(try #require(learned["noise.share_10"]) < 1e-6)
    #expect(try #require(learned["noise.worst_10"]) < 0.01)
    for key in ["bright", "scene"] { #expect(try #require(learned["\(key).share_10"]) > 0.01) }

    // What is seen by changing pixels is what the formula says, to the pixel.
    let field = try metrics(folder.file("out/receptive-field/results.json"))
    #expect((1...4).map { field["layer\($0)_r"] } == [5, 6, 14, 16])
    #expect((1...4).map { field["layer\($0)_rows_found"] } == [5, 6, 14, 16])
    #expect(field["stack2_field"] == 5 && field["stack_dilated_field"] == 15)
    #expect(try #require(field["stack40_middle"]) < 0.5 * 81)

    // Stride 1 leaves nothing of any movement, stride 2 and one pooling nothing of even ones, two poolings of every fourth.
    let gaps = try metrics(folder.file("out/equivariance/results.json"))
    for (key, step) in [("stride1", 1), ("stride2", 2), ("pooled", 2), ("article", 4)] {
      for t in 0...8 {
        let gap = try #require(gaps["\(key)_gap_\(t)"])
        if t.isMultiple(of: step) { #expect(gap < 1e-5) } else { #expect(gap > 0.05) }
      }
    }
    #expect(gaps["border_columns"] == 2)
    #expect((1...7).map { gaps["padding_reach_\($0)"] } == [2, 4, 6, 8, 10, 12, 14])

    // Every way gives the loops' numbers. Times are no test's business where others compute too, but for this much.
    let speed = try metrics(folder.file("out/speed/results.json"))
    for way in ["loops", "columns", "windows", "engine"] {
      #expect(try #require(speed["\(way)_error"]) < 1e-5)
    }
    #expect(try #require(speed["engine_gflops"]) > #require(speed["loops_gflops"]))
    #expect(try #require(speed["limit_gflops"]) > 0)
  }

  @Test(arguments: [
    (["feature-maps", "--digit", "10"], "--digit must be from 0 to 9, given 10"), (["speeed"], "speeed"),
    (["speed", "--threads", "0"], "--threads must be from 1 to 1,024, given 0"),
  ])
  func wrongCommandLines(arguments: [String], words: String) throws {
    let outcome = try run("convolution", arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }
}
