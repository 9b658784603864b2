import Foundation
import Testing

@Suite struct BigAndSmallTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func counts() throws {
    let outcome = try run("big-and-small", "count", "--output", folder.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).sorted()
        == ["models.svg", "results.json", "years.svg"])
    let metrics = try metrics(folder.file("out/results.json"))
    #expect(metrics["models"] == 19)
    #expect(metrics["models_in_agreement"] == 19)
    #expect(metrics["alexnet_in_one_piece_parameters"] == 61_100_840)
    #expect(metrics["gpt_2_xl_parameters"] == 1_557_611_200)
    #expect(metrics["article_parameters"] == 454_922)
    #expect(metrics["article_operations"] == 22_130_176)
    #expect(metrics["article_activations"] == 84_938)
    // Every model has its name in the two charts, but for second versions of one network.
    for name in ["LeNet-5", "AlexNet", "ResNet-50", "BERT-large", "GPT-3", "Llama 2 70B"] {
      for chart in ["models.svg", "years.svg"] {
        let svg = try String(contentsOfFile: folder.file("out/\(chart)"), encoding: .utf8)
        #expect(svg.contains(">\(name)<"), "\(name) in \(chart)")
      }
    }
  }

  @Test func quickRun() throws {
    let outcome = try run("big-and-small", "--quick", "--output", folder.file("out"), "--threads", "2")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("out/scaling")).sorted()
        == ["digits.svg", "fitting.svg", "parameters.svg", "results.json"])
    #expect(FileManager.default.fileExists(atPath: folder.file("out/count/results.json")))
    let metrics = try metrics(folder.file("out/scaling/results.json"))
    // Larger networks, and more digits, read better.
    let small = try #require(metrics["many_digits_1922_parameters_test_loss"])
    let large = try #require(metrics["parameters_measured"])
    #expect(large < small)
    let few = try #require(metrics["digits_50_test_loss"])
    #expect(try #require(metrics["digits_measured"]) < few)
    for law in ["parameters_line", "parameters_floor", "digits_line", "digits_floor"] {
      let low = try #require(metrics["\(law)_prediction_low"])
      let high = try #require(metrics["\(law)_prediction_high"])
      let said = try #require(metrics["\(law)_prediction"])
      #expect(low <= said && said <= high, "\(law)")
    }

    // The same seed gives the same figures, whatever the threads.
    let again = try run(
      "big-and-small", "scaling", "--quick", "--output", folder.file("again"), "--threads", "1")
    #expect(again.status == 0)
    #expect(try self.metricsOf("again") == metrics)
  }

  private func metricsOf(_ name: String) throws -> [String: Double] {
    try metrics(folder.file(name + "/results.json"))
  }

  @Test func wrongOptions() throws {
    for (arguments, words) in [
      (["--threads", "0"], "--threads must be from 1 to 1,024, given 0"),
      (["scaling", "--seed", "x"], "The value 'x' is invalid for '--seed <seed>'"),
      (["--seed", "-1"], "The value '-1' is invalid for '--seed <seed>'"),
      (["sizes"], "Unexpected argument 'sizes'"),
      (["count", "--output", ""], "--output must name a folder, given \"\""),
    ] {
      let outcome = try run("big-and-small", arguments)
      #expect(outcome.status == 2)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
  }

  @Test func whereNothingCanBeWritten() throws {
    try Data("in the way".utf8).write(to: URL(fileURLWithPath: folder.file("out")))
    let outcome = try run("big-and-small", "--quick", "--output", folder.file("out"))
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors.hasPrefix("error: \(folder.file("out")): nothing can be written there"),
      "\(outcome.errors)")
  }
}
