import Formats
import Foundation
import Testing

/// The benchmark's command, with peers that are none. What it measures is not judged here: other tests run beside it.
@Suite struct BenchTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func bench(_ arguments: String...) throws -> Outcome {
    try run("bench", ["--quick", "--output", folder.file("out")] + arguments)
  }

  /// A program that answers as the script says, whatever it is asked.
  private func peer(_ script: String) throws -> String {
    let path = folder.file("peer")
    try AtomicFile.write("#!/bin/sh\n" + script, to: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  @Test func aloneItMeasuresTheEngine() throws {
    let outcome = try bench("--only", "cnn-train-64", "--peer", peer("echo '{\"missing\": \"torch\"}'"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("has no torch: the engine is measured alone."), "\(outcome.output)")
    #expect(outcome.output.contains("The engine's products: "), "\(outcome.output)")
    let metrics = try metrics(folder.file("out/results.json"))
    #expect(try #require(metrics["cnn-train-64.ours"]) > 1)
    #expect(try #require(metrics["fma_peak_gflops"]) > 1)
    // A process with the model, its sixteen batches of 0.2 MiB and nothing else.
    #expect((10..<400).contains(try #require(metrics["cnn-train-64.ours_mib"])))
    let share = try #require(metrics["cnn-train-64.peak_share"])
    let (gflops, peak) = (metrics["cnn-train-64.gflops"]!, metrics["fma_peak_gflops"]!)
    #expect(abs(share - gflops / peak) < 1e-9)
    // 3 · 22.1 MFLOP less the first layer's 1.25.
    #expect(abs(gflops / metrics["cnn-train-64.ours"]! - 0.065_136) < 1e-6)
    #expect(metrics.keys.allSatisfy { !$0.contains("pytorch") && !$0.contains("ratio") })
    let markdown = try String(contentsOfFile: folder.file("out/table.md"), encoding: .utf8)
    #expect(markdown.contains("\n| cnn-train-64"))
  }

  /// Where there is AVX-512, the other path; elsewhere the same one.
  @Test func vectorsCanBeChosen() throws {
    let outcome = try bench(
      "--only", "cnn-infer-1", "--vectors", "avx2", "--peer", peer("echo '{\"missing\": \"torch\"}'"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.output.contains("The engine's products: AVX-512"))
  }

  @Test(arguments: [
    (["--only", "cnn-train-65"], "--only: there is no workload 'cnn-train-65'. There are: cnn-train-64 "),
    (["--vectors", "sse"], "The value 'sse' is invalid for '--vectors <kind>'"),
    (["--blocks", "0"], "--blocks must be at least 1, given 0"),
    (["--seconds", "-1"], "--seconds must be above 0 and at most 60, given -1"),
    (["--peer", ""], "--peer must name a Python interpreter"),
    (["--threads", "0"], "--threads must be from 1 to 1,024, given 0"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let outcome = try run("bench", ["--output", folder.file("out")] + arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func theListNamesAllWorkloads() throws {
    let outcome = try run("bench", "--list")
    let names = outcome.output.split(separator: "\n").compactMap {
      $0.split(separator: " ").first.map(String.init)
    }
    #expect(
      names == [
        "cnn-train-64", "cnn-train-256", "cnn-infer-256", "cnn-infer-1", "lstm-train-2x256",
        "lstm-train-1x128", "lstm-infer-2x256", "gru-train-2x256", "gru-infer-2x256", "gpt-train",
        "gpt-train-512", "resnet-train", "separable-train", "words-train", "cnn-epoch",
      ])
  }

  @Test func aPeerThatIsNotThere() throws {
    let outcome = try bench("--only", "cnn-infer-1", "--peer", folder.file("none"))
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: \(folder.file("none")) cannot be started\n")
  }

  @Test func aPeerThatTalksRubbish() throws {
    let outcome = try bench("--only", "cnn-infer-1", "--peer", peer("echo hello"))
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("peer gave an answer that bench does not understand: hello\n"),
      "\(outcome.errors)")
  }

  @Test func aPeerThatDies() throws {
    let hello = "echo '{\"peer\": \"pytorch\", \"version\": \"9\", \"threads\": 1}'\n"
    let outcome = try bench(
      "--only", "cnn-infer-1", "--peer", peer(hello + "read line; echo no luck >&2; exit 3"))
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("error: cnn-infer-1: PyTorch ended with status 3: no luck\n"),
      "\(outcome.errors)")
    #expect(try metrics(folder.file("out/results.json"))["cnn-infer-1.ours"] == nil)
  }

  /// Faster, but not the same work: the workload fails.
  @Test func aPeerWithOtherLosses() throws {
    let hello = "echo '{\"peer\": \"pytorch\", \"version\": \"9\", \"threads\": 1}'\n"
    let outcome = try bench(
      "--only", "cnn-infer-1", "--peer",
      peer(hello + "read line; echo '{\"losses\": [1, 1, 1, 1, 1]}'; read line"))
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "cnn-infer-1: the losses of the first steps differ by more than 0.1 %: engine "),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("PyTorch 1.00000 1.00000"))
  }
}

/// The benchmark's other reports.
extension BenchTests {
  @Test func shapesAloneAndByMethod() throws {
    let none = try peer("echo '{\"missing\": \"torch\"}'")
    let outcome = try run(
      "bench", "shapes", "--quick", "--only", "lenet", "--peer", none, "--output", folder.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try metrics(folder.file("out/results.json"))
    #expect(
      found.keys.sorted() == [
        "LeNet 1.both_ms", "LeNet 1.forward_ms", "LeNet 2.both_ms", "LeNet 2.forward_ms",
      ])
    #expect(found.values.allSatisfy { $0 > 0 })

    let methods = try run(
      "bench", "shapes", "--quick", "--only", "LeNet 2", "--methods", "--output", folder.file("methods"))
    #expect(methods.status == 0, "\(methods.errors)")
    #expect(try metrics(folder.file("methods/results.json")).count == 12)

    let unknown = try run("bench", "shapes", "--only", "LeNet 3", "--output", folder.file("out"))
    #expect(unknown.status == 2)
    #expect(
      unknown.errors.contains("--only: no layer is called so. There are: article 1, "), "\(unknown.errors)")
  }

  /// No fast kernel is less accurate than it may be; were one, the exit code would say so.
  @Test func theFastKernelsAreAccurate() throws {
    let outcome = try run("bench", "accuracy", "--output", folder.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try metrics(folder.file("out/results.json"))
    let errors = found.filter { $0.key.hasPrefix("accuracy.") }
    #expect(errors.count == 2 * (13 * 4 + 4 + 2 * 6 + 4 + 2 + 4 + 2))
    #expect(errors.values.allSatisfy { $0 >= 0 && $0 < 1e-5 }, "\(errors)")
    let most = try #require(found["most_times"])
    #expect(most > 0.5 && most <= 2)
  }

  @Test func growthDrawsCurves() throws {
    let outcome = try run(
      "bench", "growth", "--quick", "--only", "lstm-steps", "--output", folder.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try metrics(folder.file("out/results.json"))
    #expect(try #require(found["lstm-steps.8_ms"]) > 0 && found["lstm-steps.time_exponent"] != nil)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).sorted() == [
        "lstm-steps-memory.svg", "lstm-steps-time.svg", "results.json",
      ])
    let unknown = try run("bench", "growth", "--only", "nothing", "--output", folder.file("out"))
    #expect(unknown.status == 2)
    #expect(
      unknown.errors.contains("--only: no curve is called 'nothing'. There are: cnn-batch "),
      "\(unknown.errors)")
  }
}
