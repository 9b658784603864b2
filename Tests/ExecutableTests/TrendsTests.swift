import Engine
import Foundation
import Testing

/// Chapter 9's program as a user meets it, the user's mistakes included.
@Suite struct TrendsTests {
  static let files = [
    "saliency": [
      "completeness.svg", "maps.png", "results.json", "words-complaint.png", "words-praise.png",
    ],
    "sanity": ["absolute.svg", "cascade.png", "results.json", "signed.svg"],
    "inference": ["advantage.svg", "losses.svg", "results.json"],
    "privacy": ["attack.svg", "results.json", "utility.svg"],
    "accountant": ["epsilon.svg", "results.json"],
    "efficiency": ["efficiency.svg", "results.json"],
    "roofline": ["results.json", "roofline.svg"],
    "data": ["labels.svg", "results.json"],
  ]

  @Test func aQuickRunLeavesAllItsFiles() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("trends", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (experiment, files) in Self.files {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.file(experiment)).sorted() == files)
    }
    func figures(_ experiment: String) throws -> [String: Double] {
      try metrics(folder.file("\(experiment)/results.json"))
    }
    // What follows from the equations, whatever was learned.
    let saliency = try figures("saliency")
    #expect(try #require(saliency["gap.linear_1"]) < 1e-5)
    #expect(try #require(saliency["gap.cnn_128"]) < 0.02)
    let sanity = try figures("sanity")
    // Where the paper is 0, both maps are 0 and share a rank: sizes stay alike, signs do not.
    for way in ["input", "integrated"] {
      #expect(try #require(sanity["\(way).absolute_conv1"]) > 0.8, "\(way)")
      #expect(try #require(sanity["\(way).signed_conv1"]) < 0.6, "\(way)")
    }
    // Grad-CAM's maps have no signs.
    #expect(sanity["cam.signed_conv1"] == sanity["cam.absolute_conv1"])
    let privacy = try figures("privacy")
    let epsilons = try ["0.5", "1.0", "2.0", "4.0"].map { try #require(privacy["noise_\($0).epsilon"]) }
    #expect(epsilons == epsilons.sorted(by: >))
    let efficiency = try figures("efficiency")
    #expect(efficiency["article.full_weights"] == 51_200 && efficiency["article.separable_weights"] == 2_848)
    let roofline = try figures("roofline")
    #expect(try #require(roofline["bandwidth_gb"]) > 0.1 && #require(roofline["peak_gflops"]) > 0.1)
    #expect(outcome.output.contains("guided backprop"))
  }

  /// Apart from times, all figures are the same with any number of threads, and others with another seed.
  @Test func theSameSeedGivesTheSameFigures() throws {
    try expectFiguresOfTheSeed("trends", "privacy")
  }

  @Test func theAccountantCounts() throws {
    let folder = try TemporaryFolder()
    let outcome = try run(
      "trends", "accountant", "--noise", "1.3", "--rate", "0.0025", "--steps", "6000", "--delta", "1e-5",
      "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("ε = 0.724223"), "\(outcome.output)")
    let figures = try metrics(folder.file("results.json"))
    #expect(abs(try #require(figures["epsilon"]) - 0.7242234026) < 1e-8)
    #expect(abs(try #require(figures["epsilon_mironov"]) - 0.941870567) < 1e-8)
    #expect(figures["order"] == 19)
    let sought = try run(
      "trends", "accountant", "--epsilon", "8", "--rate", "0.04", "--steps", "2000", "--output", folder.path)
    #expect(sought.status == 0, "\(sought.errors)")
    let found = try metrics(folder.file("results.json"))
    #expect(try #require(found["epsilon"]) <= 8 && #require(found["epsilon"]) > 7.99)
    #expect(abs(try #require(found["noise"]) - 1.3562) < 0.01)
  }

  @Test(arguments: [
    (
      ["accountant", "--noise", "0"],
      "--noise must be a number above 0, given 0.0: without noise nothing is promised"
    ),
    (["accountant", "--noise", "-1"], "--noise must be a number above 0, given -1.0"),
    (["accountant", "--noise", "nan"], "--noise must be a number above 0, given nan"),
    (["accountant", "--noise", "0.01"], "--noise must be at least 0.05, given 0.01"),
    (["accountant", "--rate", "0"], "--rate must be above 0 and at most 1, given 0.0"),
    (["accountant", "--rate", "1.1"], "--rate must be above 0 and at most 1, given 1.1"),
    (["accountant", "--steps", "-5"], "--steps must be from 1 to 1,000,000,000, given -5"),
    (["accountant", "--delta", "0"], "--delta must be above 0 and below 1, given 0.0"),
    (["accountant", "--delta", "1"], "--delta must be above 0 and below 1, given 1.0"),
    (["accountant", "--epsilon", "0"], "--epsilon must be a number above 0, given 0.0"),
    (["accountant", "--epsilon", "-2"], "--epsilon must be a number above 0, given -2.0"),
    (
      ["accountant", "--epsilon", "1", "--noise", "1"],
      "--noise and --epsilon follow from each other: give one of them"
    ),
    (["privacy", "--noises", "1,0"], "--noises must be numbers above 0 with commas between them, given 1,0"),
    (
      ["privacy", "--noises", "1,,2"], "--noises must be numbers above 0 with commas between them, given 1,,2"
    ),
    (["inference", "--seeds", "0"], "--seeds must be from 1 to 1,000, given 0"),
    (["efficiency", "--seeds", "-1"], "--seeds must be from 1 to 1,000, given -1"),
    (["data", "--seeds", "2000"], "--seeds must be from 1 to 1,000, given 2000"),
    (["saliency", "--image", ""], "--image must name a file, given \"\""),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("trends", arguments + ["--output", folder.file("out")])
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func anImageOfTheWrongSizeIsRefusedInOneLine() throws {
    let folder = try TemporaryFolder()
    let picture = folder.file("wide.png")
    try PNG(width: 40, height: 30, color: .gray, bytes: [UInt8](repeating: 9, count: 1_200)).write(
      to: picture)
    let outcome = try run("trends", "saliency", "--image", picture, "--output", folder.file("out"))
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors.hasPrefix(
        "error: \(picture): the picture is 40×30 pixels; expected 28×28, what the network sees."),
      "\(outcome.errors)")
    let missing = try run(
      "trends", "saliency", "--image", folder.file("none.png"), "--output", folder.file("out"))
    #expect(missing.status == 1 && missing.errors.hasPrefix("error: \(folder.file("none.png")): "))
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func helpHasExamples() throws {
    for experiment in Self.files.keys {
      let outcome = try run("trends", experiment, "--help")
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("EXAMPLES") && outcome.output.contains("--quick"), "\(experiment)")
    }
  }
}
