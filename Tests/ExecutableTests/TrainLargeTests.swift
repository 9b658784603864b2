import Engine
import Foundation
import Testing

/// Chapter 11's program as a user meets it: rates, batch sizes, precision and plans.
@Suite struct TrainLargeTests {
  // MARK: Rates, batches, precision

  @Test func quickRunsLeaveAllTheirFiles() throws {
    for (experiment, files) in [
      "rates": [
        "constant-adam.svg", "constant-sgd.svg", "range-adam.svg", "range-sgd.svg", "results.json",
        "schedules.svg",
      ],
      "batch": ["noise.svg", "results.json", "trade-off.svg"],
      "precision": ["gradients.svg", "master.svg", "results.json"],
    ] {
      let folder = try TemporaryFolder()
      let outcome = try run("train-large", experiment, "--quick", "--output", folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == files)
      // The same figures with any number of threads.
      let other = try TemporaryFolder()
      _ = try run("train-large", experiment, "--quick", "--threads", "1", "--output", other.path)
      #expect(
        try metrics(folder.file("results.json")) == metrics(other.file("results.json")), "\(experiment)")
    }
  }

  /// What follows from the formats, whatever was learned.
  @Test func sixteenBits() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-large", "precision", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let figures = try metrics(folder.file("results.json"))
    #expect(figures["float32.lost_beside_1"] == 0x1p-24)
    #expect(figures["bfloat16.lost_beside_1"] == 0x1p-8)
    #expect(figures["float16.lost_beside_1"] == 0x1p-11)
    #expect(
      try #require(figures["bfloat16_alone.rate_1e-3.lost"]) > #require(
        figures["float16_alone.rate_1e-3.lost"]))
    #expect(try #require(figures["scale_1_over_2_16.zero"]) > 0.5)
    #expect(try #require(figures["scale_2_16.zero"]) < 0.05)
    #expect(try #require(figures["scaling.float16_high.skipped"]) > 3)
  }

  @Test(arguments: [
    ("rates", "--seeds", "0", "--seeds must be from 1 to 100"),
    ("batch", "--target", "3", "--target must be above 0"),
    ("batch", "--target", "nan", "--target must be above 0"),
    ("precision", "--seeds", "-1", "--seeds must be from 1"),
    ("rates", "--epochs", "0", "--epochs must be from 1"),
  ]) func whatCannotBeRunSaysSo(experiment: String, option: String, value: String, message: String) throws {
    let outcome = try run("train-large", experiment, option, value, "--quick")
    #expect(outcome.status == 2 && outcome.errors.contains(message), "\(outcome.errors)")
  }

  // MARK: Plans

  /// What the page says of published figures.
  @Test func thePlannerStandsBesideWhatWasPublished() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-large", "plan", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let figures = try metrics(folder.file("results.json"))
    #expect(figures["runs"] == 21 && figures["runs_within_a_third"] == 15)
    for (key, published) in [("22b", 0.415), ("175b", 0.514), ("530b", 0.560), ("1t", 0.563)] {
      #expect(try abs(#require(figures["step.\(key)_mfu"]) / published - 1) < 0.01, "\(key)")
      #expect(try abs(#require(figures["step.\(key)_worked_out"]) - 1) < 0.2, "\(key)")
    }
    for (stage, published) in [120, 31.4, 16.6, 1.9].enumerated() {
      #expect(try abs(#require(figures["zero.7b_stage\(stage)"]) / published - 1) < 0.015)
    }
    #expect(try #require(figures["energy_worst"]) < 0.01)
    #expect(figures["fits"] == 1)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "activations.svg", "directions.svg", "memory.svg", "pipeline.svg", "results.json", "tensor.svg",
        "zero.svg",
      ])
  }

  /// One plan: the more stages, the less each holds; a utilisation that is given is the one that comes out.
  @Test func onePlan() throws {
    func figures(_ arguments: String...) throws -> [String: Double] {
      let folder = try TemporaryFolder()
      let outcome = try run("train-large", ["plan", "--output", folder.path] + arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try metrics(folder.file("results.json"))
    }
    let few = try figures("--model", "gpt-3", "--tensor", "8", "--pipeline", "2", "--sequence-parallel")
    let many = try figures("--model", "GPT3", "--tensor", "8", "--pipeline", "16", "--sequence-parallel")
    #expect(try #require(few["state_gb"]) > 4 * #require(many["state_gb"]))
    #expect(many["fits"] == 1)
    // 6 P D with attention, at 40 % of 1,024 A100.
    let given = try figures(
      "--tensor", "8", "--pipeline", "16", "--sequence-parallel", "--utilization", "0.4", "--tokens", "300e9")
    #expect(try abs(#require(given["utilization"]) - 0.4) < 1e-9)
    #expect(try abs(#require(given["days"]) - 29) < 1)
    let (energy, hours) = try (#require(given["mwh"]), #require(given["device_hours"]))
    let expected = hours * 440 / 1e6
    #expect(abs(energy - expected) < 1e-6)
  }

  struct Mistake: Sendable {
    let arguments: String
    let message: String
    let status: Int32
  }

  static let mistakes: [Mistake] = [
    .init(arguments: "--devices 0", message: "a cluster needs at least one device, given 0", status: 2),
    .init(
      arguments: "--model gpt-4",
      message: "there is no model gpt-4; did you mean gpt-2 or gpt-2-xl or gpt-3?",
      status: 2),
    .init(
      arguments: "--device abacus", message: "there is no device abacus; there are v100, a100-40", status: 2),
    .init(
      arguments: "--tensor 8 --pipeline 7",
      message: "tensor 8 × pipeline 7 = 56 does not divide 1024 devices",
      status: 2),
    .init(
      arguments: "--devices 1120 --tensor 5", message: "tensor 5 does not divide the model's 96 heads",
      status: 2
    ),
    .init(
      arguments: "--devices 1120 --tensor 8 --pipeline 14",
      message: "pipeline 14 does not divide the model's 96 blocks", status: 2),
    .init(arguments: "--zero 2", message: "--zero belongs to a plan", status: 2),
    .init(
      arguments: "--layers 9999999 --width 9999999 --heads 1", message: "operations to count", status: 2),
    .init(arguments: "--batch 1000 --devices 7", message: "no plan cuts 1000 sequences evenly", status: 1),
    .init(arguments: "--devices 8", message: "no plan fits: the smallest", status: 1),
  ]

  /// One line each, and nothing begun.
  @Test(arguments: mistakes)
  func whatCannotBePlannedSaysSo(mistake: Mistake) throws {
    let folder = try TemporaryFolder()
    let words = mistake.arguments.split(separator: " ").map(String.init)
    let outcome = try run("train-large", ["plan", "--output", folder.file("out")] + words)
    #expect(outcome.status == mistake.status, "\(outcome.errors)")
    #expect(outcome.errors.contains(mistake.message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out/results.json")))
  }
}
