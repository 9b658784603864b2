import Engine
import Foundation
import Testing

/// Chapter 6's program as a user meets it, its mistakes included.
@Suite struct LSTMProgramTests {
  static let files = [
    "carry": ["carry.svg", "jacobian.svg", "results.json"],
    "forget-bias": ["forget-bias.svg", "results.json"],
    "reber": ["results.json"],
    "equal": ["adding.svg", "order.svg", "reber.svg", "results.json"],
    "gates": [
      "reber-gates.png", "reber-states.png", "results.json", "sentence-cells.png", "sentence-gates.png",
      "sentence-states.png",
    ],
  ]

  @Test func aQuickRunLeavesAllItsFiles() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("lstm", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (experiment, files) in Self.files {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.file(experiment)).sorted() == files)
    }

    // What follows from the equations, whatever was learned.
    let carry = try metrics(folder.file("carry/results.json"))
    for (bias, open) in [("minus_2", 0.1192), ("0", 0.5), ("1", 0.7311), ("2", 0.8808), ("4", 0.982)] {
      #expect(abs(carry["bias_\(bias).open"]! - open) < 1e-4)
      // Gates differ from unit to unit and from step to step, around σ(b).
      #expect(abs(carry["bias_\(bias).direct_1"]! - open) < 0.1)
      #expect(carry["bias_\(bias).direct_10"]! < carry["bias_\(bias).direct_1"]!)
    }
    #expect(carry["bias_4.direct_10"]! > 0.5 && carry["bias_minus_2.direct_10"]! < 1e-6)

    let bias = try metrics(folder.file("forget-bias/results.json"))
    #expect(abs(bias["bias_2.open"]! - 0.8808) < 1e-4 && abs(bias["bias_pytorch.open"]! - 0.5) < 0.05)

    let reber = try metrics(folder.file("reber/results.json"))
    #expect(reber["paper_4x1.weights"] == 264 && reber["paper_3x2.weights"] == 276)
    #expect(reber["paper_4x1_01.printed"] == 39_740 && reber["paper_3x2.printed"] == 8_440)
    #expect(reber["today.weights"] == 302 && reber["trials"] == 2)
    #expect(reber["today.success_rate"]! >= 0 && reber["today.success_rate"]! <= 1)

    let equal = try metrics(folder.file("equal/results.json"))
    for task in ["adding", "order", "reber"] {
      for network in ["rnn", "gru", "lstm"] {
        #expect(abs(equal["\(task).\(network).parameters"]! - 2_500) < 100)
      }
      #expect(equal["\(task).rnn.width"]! > equal["\(task).gru.width"]!)
      #expect(equal["\(task).gru.width"]! > equal["\(task).lstm.width"]!)
    }

    let gates = try metrics(folder.file("gates/results.json"))
    #expect(gates["reber.lag"] == 10)
    #expect(gates["sentence.agreement"]! > 0.2 && gates["sentence.agreement"]! <= 1)
  }

  /// All figures are the same with any number of threads, and others with another seed.
  @Test func theSameSeedGivesTheSameFigures() throws {
    func figures(_ experiment: String, _ arguments: String...) throws -> [String: Double] {
      let folder = try TemporaryFolder()
      let outcome = try run("lstm", [experiment, "--quick", "--output", folder.path] + arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try metrics(folder.file("results.json"))
    }
    for experiment in ["reber", "equal", "carry"] {
      let one = try figures(experiment, "--threads", "1")
      #expect(try figures(experiment, "--threads", "3") == one)
      #expect(try figures(experiment, "--seed", "2") != one)
    }
  }

  @Test(arguments: [
    (["reber", "--trials", "0"], "--trials must be from 1 to 1,000, given 0"),
    (["reber", "--trials", "-1"], "--trials must be from 1 to 1,000, given -1"),
    (
      ["gates", "--string", "BTBTXSEPE"],
      "--string must be one of the embedded Reber grammar, given \"BTBTXSEPE\""
    ),
    (["gates", "--string", "hello"], "--string must be one of the embedded Reber grammar"),
    (["carry", "--trials", "3"], "Unknown option '--trials'"),
    (["cells"], "Unexpected argument 'cells'"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("lstm", arguments + ["--output", folder.file("out")])
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func helpHasExamples() throws {
    for arguments in [["--help"]] + Self.files.keys.map({ [$0, "--help"] }) {
      let outcome = try run("lstm", arguments)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("EXAMPLES") && outcome.output.contains("--quick"))
    }
  }
}
