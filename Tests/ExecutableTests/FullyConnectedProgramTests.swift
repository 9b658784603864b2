import Formats
import Foundation
import Testing

/// Chapter 4's program as a user meets it, its mistakes included.
@Suite struct FullyConnectedProgramTests {
  static let files = [
    "autodiff": ["decision.png", "graph.png", "results.json"],
    "cost": ["cost.svg", "results.json"],
    "depth": [
      "gradients-relu.svg", "gradients-tanh.svg", "histograms-relu.png", "histograms-tanh.png", "layers.tsv",
      "results.json", "values-relu.svg", "values-tanh.svg",
    ],
    "drawings": ["chain.svg", "layer.svg", "results.json", "softmax.svg"],
    "shuffled": ["errors.svg", "examples.png", "results.json"],
    "weights": ["linear.png", "perceptron.png", "results.json"],
  ]

  @Test func aQuickRunLeavesAllItsFilesAndFigures() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("fully-connected", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == Self.files.keys.sorted())
    for (experiment, files) in Self.files {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.file(experiment)).sorted() == files)
      #expect(outcome.output.contains(folder.file(experiment) + "/\n"))
    }

    let autodiff = try metrics(folder.file("autodiff/results.json"))
    // y = tanh(0.5·2 − 1.5·1 + 0.25) = tanh(−0.25), L = (y − 1)²
    #expect(abs(autodiff["neuron_y"]! - tanh(-0.25)) < 1e-12)
    let upstream = 2 * (tanh(-0.25) - 1) * (1 - tanh(-0.25) * tanh(-0.25))
    #expect(abs(autodiff["neuron_w1_gradient"]! - 2 * upstream) < 1e-12)
    #expect(abs(autodiff["neuron_b_gradient"]! - upstream) < 1e-12)
    #expect(autodiff["loss_difference"]! < 1e-9)
    #expect(autodiff["moons_loss"]! < 0.7 * autodiff["moons_first_loss"]!)

    let depth = try metrics(folder.file("depth/results.json"))
    // Weights of σ = 0.01 between 100 units leave a tenth at each layer of tanh; He's keep ReLU's numbers.
    let perLayer = pow(depth["tanh_too_small_deviation_20"]! / depth["tanh_too_small_deviation_10"]!, 0.1)
    #expect(abs(perLayer - 0.1) < 0.01, "\(perLayer)")
    #expect(depth["relu_he_deviation_20"]! > 0.05 && depth["relu_he_deviation_20"]! < 5)
    #expect(depth["relu_too_large_deviation_20"]! > 1e12)
    #expect(depth["tanh_too_large_idle_20"]! > 0.5 && depth["tanh_xavier_idle_20"]! < 0.05)
    let layers = try FileContents.text(of: folder.file("depth/layers.tsv")).split(separator: "\n")
    #expect(layers.count == 1 + 2 * 4 * 20)
    #expect(layers.allSatisfy { $0.split(separator: "\t").count == 7 })

    let cost = try metrics(folder.file("cost/results.json"))
    #expect(cost["parameters"] == 454_922 && cost["fc1_parameters"] == 401_536)
    #expect(cost["conv2_as_linear_parameters"] == 78_688_512)  // 12,544 · (6,272 + 1)
    #expect(cost["conv1_flops"] == 1_254_400)  // 2 · 28 · 28 · 25 · 32
    #expect(["conv1", "conv2", "fc1", "fc2", "conv1_as_linear"].allSatisfy { cost["\($0)_ms"]! > 0 })

    let shuffled = try metrics(folder.file("shuffled/results.json"))
    #expect(shuffled["cnn_parameters"] == 454_922 && shuffled["mlp_parameters"] == 454_750)
    #expect(shuffled["cnn_plain"]! > 0.3 && shuffled["mlp_plain"]! > 0.3)
    #expect(abs(shuffled["mlp_lost"]! - (shuffled["mlp_plain"]! - shuffled["mlp_shuffled"]!)) < 1e-12)

    let weights = try metrics(folder.file("weights/results.json"))
    #expect(weights["linear_accuracy"]! > 0.3 && weights["perceptron_accuracy"]! > 0.3)
    // Where no image has ink, nothing is learned: Adam's step for a gradient of 0 is 0.
    #expect(weights["blank_pixels"]! > 0 && weights["largest_change_at_blank_pixels"] == 0)
  }

  @Test func theSameSeedGivesTheSameFiguresWithAnyNumberOfThreads() throws {
    func losses(_ arguments: String...) throws -> [Double?] {
      let folder = try TemporaryFolder()
      _ = try run("fully-connected", ["weights", "--quick", "--output", folder.path] + arguments)
      let metrics = try metrics(folder.file("results.json"))
      return ["linear_accuracy", "perceptron_accuracy"].map { metrics[$0] }
    }
    let plain = try losses("--threads", "1")
    #expect(plain.allSatisfy { $0 != nil })
    #expect(try losses("--threads", "3") == plain)
    #expect(try losses("--seed", "2") != plain)
  }

  @Test(arguments: [
    (["--threads", "0"], "--threads must be from 1 to 1,024, given 0"),
    (["depth", "--seed", "-1"], "The value '-1' is invalid for '--seed"),
    (["shuffled", "--seed", "many"], "The value 'many' is invalid for '--seed"),
    (["cost", "--output", ""], "--output must name a folder"),
    (["weights", "--epochs", "3"], "Unknown option '--epochs'"),
    (["deep"], "Unexpected argument 'deep'"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let outcome = try run("fully-connected", arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test(arguments: [[], ["depth"], ["shuffled"], ["cost"], ["weights"], ["autodiff"]])
  func helpHasExamples(command: [String]) throws {
    let outcome = try run("fully-connected", command + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("EXAMPLES\n") && outcome.output.contains("--quick"))
    #expect(outcome.output.contains("  fully-connected " + (command.first ?? "depth")))
  }

  @Test func anUnwritableOutputFolderIsSaidAtOnce() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("in the way", to: folder.file("file"))
    let outcome = try run("fully-connected", "shuffled", "--output", folder.file("file") + "/out")
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == """
        error: \(folder.file("file"))/out: nothing can be written there: \(folder.file("file")): this is a file.
               Name another folder with --output.

        """)
  }
}
