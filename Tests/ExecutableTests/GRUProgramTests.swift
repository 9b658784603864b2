import Engine
import Foundation
import Testing

/// Chapter 5's program as a user meets it, its mistakes included.
@Suite struct GRUProgramTests {
  static let files = [
    "gradients": ["results.json", "scaled.svg", "start.svg", "trained.svg"],
    "adding": ["learning-curves-10.svg", "learning-curves-20.svg", "results.json"],
    "longer": ["longer.svg", "results.json"],
    "gates": ["reset.png", "results.json", "update.png"],
    "copy": ["learning-curves-5.svg", "results.json"],
  ]

  @Test func aQuickRunLeavesAllItsFiles() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("gru", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (experiment, files) in Self.files {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.file(experiment)).sorted() == files)
    }

    let gradients = try metrics(folder.file("gradients/results.json"))
    for key in ["start.rnn", "start.gru", "start.lstm", "trained.gru"] {
      let (ten, thirty) = (gradients["\(key).lag_10"]!, gradients["\(key).lag_30"]!)
      #expect(thirty > 0 && thirty < ten && ten < 1, "\(key)")
    }
    // Pascanu's bound holds, and below 1 it says that the gradient vanishes.
    #expect(gradients["start.rnn.lag_30"]! < pow(gradients["start.rnn.sigma"]!, 30))
    #expect(gradients["factor_0.75.sigma"]! < 1)
    #expect(gradients["factor_0.75.lag_39"]! < pow(gradients["factor_0.75.sigma"]!, 39))
    #expect(gradients["factor_4.lag_39"]! > gradients["factor_1.lag_39"]! * 1e6)

    let adding = try metrics(folder.file("adding/results.json"))
    // 32 · 36 for each gate, H(D + H + 2), and the linear layer's 33.
    #expect(adding["rnn.parameters"] == 1_185)
    #expect(adding["gru.parameters"] == 3_489)
    #expect(adding["lstm.parameters"] == 4_641)
    #expect(adding["baseline"] == 1.0 / 6)
    for key in ["rnn", "gru", "lstm"] {
      #expect((0.05..<0.5).contains(adding["\(key).mse_10"]!), "\(key)")
      #expect(adding["\(key).success_rate_20"] == 0)
    }

    // The same networks on new sequences of the length that they were trained on.
    let longer = try metrics(folder.file("longer/results.json"))
    #expect(longer["trained_at"] == 10 && (0.05..<0.5).contains(longer["gru.mse_10"]!))
    let gates = try metrics(folder.file("gates/results.json"))
    #expect((0.2..<0.8).contains(gates["update_marked"]!) && (0.2..<0.8).contains(gates["reset_elsewhere"]!))
    let copy = try metrics(folder.file("copy/results.json"))
    #expect(abs(copy["baseline_5"]! - 10 * log(8) / 25) < 1e-12)
    #expect(copy["gru.loss_5"]! > copy["baseline_5"]! * 0.9 && copy["gru.recalled_5"]! < 0.4)
  }

  /// Apart from times, all figures are the same with any number of threads, and others with another seed.
  @Test func theSameSeedGivesTheSameFigures() throws {
    try expectFiguresOfTheSeed("gru", "adding", "--length", "8")
  }

  /// An experiment by itself trains the networks that it needs, and finds what it finds among the others.
  @Test func oneExperimentByItself() throws {
    let folder = try TemporaryFolder()
    #expect(try run("gru", "longer", "--quick", "--output", folder.file("one")).status == 0)
    #expect(try run("gru", "all", "--quick", "--output", folder.file("all")).status == 0)
    #expect(
      try metrics(folder.file("one/results.json")) == metrics(folder.file("all/longer/results.json")))
  }

  @Test(arguments: [
    (["adding", "--seeds", "0"], "--seeds must be from 1 to 1,000, given 0"),
    (["adding", "--length", "1"], "--length must be from 2 to 10,000, given 1"),
    (["adding", "--length", "many"], "The value 'many' is invalid for '--length"),
    (["gates", "--sequence", "-1"], "--sequence must be from 0 to 1,000,000, given -1"),
    (["gates", "--quick", "--full"], "--quick and --full are the two ends"),
    (["copy", "--length", "3"], "Unknown option '--length'"),
    (["grus"], "Unexpected argument 'grus'"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("gru", arguments + ["--output", folder.file("out")])
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func helpHasExamples() throws {
    for arguments in [["--help"]] + Self.files.keys.map({ [$0, "--help"] }) {
      let outcome = try run("gru", arguments)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("EXAMPLES") && outcome.output.contains("--quick"))
    }
  }
}
