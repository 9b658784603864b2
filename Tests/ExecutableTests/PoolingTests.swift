import Engine
import Foundation
import Testing

/// Chapter 3's program as a user meets it, its mistakes included.
@Suite struct PoolingProgramTests {
  static let files = [
    "gradients": ["results.json", "routes-feature-map.png", "routes.png"],
    "maps": ["digit.png", "feature-maps.png", "results.json"],
    "shifts": [
      "accuracy-global.svg", "accuracy-places.svg", "agreement-global.svg", "agreement-places.svg",
      "results.json",
    ],
  ]

  @Test func aQuickRunLeavesAllItsFiles() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("pooling", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (experiment, files) in Self.files {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.file(experiment)).sorted() == files)
    }

    // By these the run can be repeated.
    let results = try String(contentsOfFile: folder.file("maps/results.json"), encoding: .utf8)
    #expect(results.contains(#""command" : "pooling maps --quick""#))
    #expect(results.contains(#""scale" : "quick""#))

    // What follows from the windows alone, whatever was learned.
    let gradients = try metrics(folder.file("gradients/results.json"))
    #expect(gradients["mean_2_2_reached"] == 1)
    #expect(gradients["corner_2_reached"] == 0.25)
    #expect(gradients["max_2_2_reached"] == 0.25)
    // Of 28 rows, windows of 3 with a stride of 2 hold 27.
    #expect(abs(gradients["mean_3_2_reached"]! - 27.0 * 27 / 784) < 1e-9)
    #expect(gradients["max_3_2_reached"]! < 0.22)
    #expect(gradients["max_2_2_passes"]! > 0.1 && gradients["max_2_2_passes"]! <= 1)

    // The mean is the best guess that has one number for each window.
    let maps = try metrics(folder.file("maps/results.json"))
    for k in [2, 4, 7] {
      let mean = maps["digits_mean_\(k)_likeness"]!
      #expect(mean > maps["digits_max_\(k)_likeness"]! && mean > maps["digits_corner_\(k)_likeness"]!)
      #expect(mean > 0 && mean < 1)
    }
    #expect(maps["place_whole_2_accuracy"]! > 0.5)

    let shifts = try metrics(folder.file("shifts/results.json"))
    for way in ["none", "stride", "max", "mean", "max_blur"] {
      #expect(shifts["global_\(way)_parameters"] == 3_594)
      #expect(shifts["places_\(way)_agreement_0"] == 1)
      #expect(shifts["places_\(way)_accuracy_0"]! > 0.2, "\(way)")
      #expect(shifts["places_\(way)_agreement_6"]! < 0.9, "\(way)")
    }
    #expect(shifts["places_none_parameters"] == 128_874 && shifts["places_max_parameters"] == 11_274)
    #expect(shifts["global_stride_flops"]! < shifts["global_max_flops"]!)
    #expect(outcome.output.contains("max, blurred"))
  }

  /// Apart from times, all figures are the same with any number of threads, and others with another seed.
  @Test func theSameSeedGivesTheSameFigures() throws {
    try expectFiguresOfTheSeed("pooling", "maps")
  }

  @Test(arguments: [
    (["shifts", "--seeds", "0"], "--seeds must be from 1 to 1,000, given 0"),
    (["shifts", "--seeds", "-1"], "--seeds must be from 1 to 1,000, given -1"),
    (["maps", "--digit", "12"], "--digit must be from 0 to 9, given 12"),
    (["gradients", "--digit", "five"], "The value 'five' is invalid for '--digit"),
    (["--threads", "0"], "--threads must be from 1 to 1,024, given 0"),
    (["--output", ""], "--output must name a folder"),
    (["maps", "--seeds", "3"], "Unknown option '--seeds'"),
    (["poolings"], "Unexpected argument 'poolings'"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run(
      "pooling", arguments + (arguments.contains("--output") ? [] : ["--output", folder.file("out")]))
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func helpHasExamples() throws {
    for arguments in [["--help"], ["shifts", "--help"], ["maps", "--help"], ["gradients", "--help"]] {
      let outcome = try run("pooling", arguments)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("EXAMPLES") && outcome.output.contains("--quick"))
    }
  }

  @Test func anUnwritableOutputFolderIsSaidAtOnce() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("in the way", to: folder.file("file"))
    let outcome = try run("pooling", "shifts", "--quick", "--output", folder.file("file") + "/out")
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors.hasPrefix(
        "error: \(folder.file("file"))/out: nothing can be written there: \(folder.file("file")): this is a file.\n"
      ))
  }
}
