import Foundation
import Testing

/// Chapter 12's program as a user meets it, the user's mistakes included: pruning, teaching, and the models together.
@Suite struct OptimizeModelTests {
  static let files = [
    "prune": [
      "results.json", "sparsity.svg", "surviving-weights.png", "times.svg", "weights-per-pixel.png",
    ],
    "distil": ["results.json", "temperature.svg"],
    "combine": ["results.json", "size.svg", "time.svg"],
  ]

  @Test(arguments: ["prune", "distil", "combine"])
  func aQuickRunLeavesAllItsFiles(experiment: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("optimize-model", experiment, "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == Self.files[experiment])
    let figures = try metrics(folder.file("results.json"))
    #expect(figures["seeds"] == 1)
    // What follows from sizes, whatever was learned.
    switch experiment {
    case "prune":
      #expect(figures["han.weights"] == 266_200 && figures["han.kept"] == 21_776)
      #expect(try #require(figures["han.back"]) > 0.1)
      #expect(figures["filters_50.parameters"] == 114_314)
      #expect(abs(try #require(figures["rounds_2.left"]) - 0.25) < 1e-4)
      #expect(try #require(figures["units_2.left"]) < 0.25)
      // A list of one in fifty of the weights is much smaller than the matrix, and faster than a list of all.
      #expect(try #require(figures["time.sparse_1_2"]) < #require(figures["time.sparse_1_100"]))
    case "distil":
      #expect(figures["teacher.parameters"] == 454_922 && figures["student.parameters"] == 41_594)
      // Nobody has told it what a 3 is.
      #expect(figures["missing.labels_threes"] == 0)
    default:
      #expect(try #require(figures["models"]) >= 12)
      #expect(try #require(figures["taught_30_int8.bytes"]) < 20_000)
      #expect(try #require(figures["cnn.bytes"]) > 1_800_000)
    }
  }

  /// Apart from times, all figures are the same with any number of threads, and others with another seed.
  @Test func theSameSeedGivesTheSameFigures() throws {
    try expectFiguresOfTheSeed("optimize-model", "distil")
  }

  @Test(arguments: [
    (["prune", "--seeds", "0"], "--seeds must be from 1 to 1,000, given 0"),
    (["combine", "--seeds", "-3"], "--seeds must be from 1 to 1,000, given -3"),
    (
      ["distil", "--temperatures", "1,0"],
      "--temperatures must be numbers above 0 with commas between them, given 1,0"
    ),
    (
      ["distil", "--temperatures", "2,,4"],
      "--temperatures must be numbers above 0 with commas between them, given 2,,4"
    ),
    (
      ["distil", "--teacher-images", "10"],
      "--teacher-images must be from 1,000 to 100,000, given 10"
    ),
    (["distil", "--quick", "--full"], "--quick and --full are the two ends: give one of them"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("optimize-model", arguments + ["--output", folder.file("out")])
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }
}
