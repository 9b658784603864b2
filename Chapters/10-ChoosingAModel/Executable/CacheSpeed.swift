import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Foundation
import Workbench

struct CacheSpeed: ChapterExperiment {
  static let name = "cache"
  static let summary = "Characters a second with a key–value cache and without."
  static let details = """
    A GPT with random weights fills its context from one character on, once keeping keys and values and once reading all \
    anew for each character. With --peer, PyTorch does the same with a cache, in a process of its own.

    EXAMPLES
      choose-model cache
      choose-model cache --peer python3
    """

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("A Python with PyTorch, to measure beside.", valueName: "python"))
  var peer: String?

  private static let (blocks, heads, width, vocabulary) = (4, 4, 128, 65)

  func run(_ experiment: inout Experiment) throws {
    let contexts = common.scale.of(
      quick: [16, 32], standard: [64, 128, 256], full: [64, 128, 256, 512, 1_024])
    let threads = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = threads }
    var table = Table(
      "Characters a second, \(Self.blocks) blocks of width \(Self.width), one text, one thread",
      columns: ["context", "with the cache", "without", "ratio", "the cache in KiB", "the same text"]
        + (peer == nil ? [] : ["PyTorch, with a cache", "ours / PyTorch"]))
    var (with, without): ([Double], [Double]) = ([], [])
    for context in contexts {
      var size = GPTSize(
        vocabulary: Self.vocabulary, context: context, width: Self.width, heads: Self.heads,
        blocks: Self.blocks)
      (size.hasBiases, size.isTied) = (false, true)
      let model = withRandomSource(RandomSource(seed: common.seed)) { GPT(size) }
      func write(_ usesCache: Bool) -> (rate: Double, text: [Int]) {
        var random = RandomStream(seed: common.seed, stream: 10_100)
        let before = threadSeconds()
        let text = model.continuation(
          of: [1], count: context - 1, by: Sampler(temperature: 1), usesCache: usesCache, random: &random)
        return (Double(context - 1) / (threadSeconds() - before), text)
      }
      _ = write(true)
      // The best of a few: what disturbs a measurement makes it slower.
      let tries = common.scale.of(quick: 1, standard: 3, full: 5)
      let kept = (0..<tries).map { _ in write(true) }
      let anew = (0..<(context > 300 ? 1 : tries)).map { _ in write(false) }
      let isSame = kept[0].text == anew[0].text
      let (fast, slow) = (kept.map(\.rate).max()!, anew.map(\.rate).max()!)
      with.append(fast)
      without.append(slow)
      let bytes = 2 * 4 * Self.blocks * Self.width * context
      var cells = [
        "\(context)", grouped(Int(fast)), grouped(Int(slow)), fixed(fast / slow, 1),
        fixed(Double(bytes) / 1_024, 0), isSame ? "yes" : "no",
      ]
      experiment.metrics["with_\(context)"] = fast
      experiment.metrics["without_\(context)"] = slow
      experiment.metrics["ratio_\(context)"] = fast / slow
      experiment.metrics["cache_kib_\(context)"] = Double(bytes) / 1_024
      experiment.metrics["same_\(context)"] = isSame ? 1 : 0
      if let peer {
        let rate = try peerRate(peer, context)
        cells += [grouped(Int(rate)), fixed(fast / rate, 1)]
        experiment.metrics["pytorch_\(context)"] = rate
        experiment.metrics["ours_to_pytorch_\(context)"] = fast / rate
      }
      table.add(cells)
    }
    experiment.show(table, note: "Each text is as long as the context; the best of a few.")
    let x = contexts.map(Double.init)
    try experiment.write(
      LineChart(
        title: "Writing with and without a cache", subtitle: "Mean over a text that fills the context.",
        x: Axis("context", isLogarithmic: true), y: Axis("characters a second", isLogarithmic: true),
        series: [Series("with the cache", x: x, y: with), Series("without", x: x, y: without)]),
      to: "speed.svg", "characters a second, by context")
  }

  /// Characters a second of the same model in PyTorch, with its keys and values kept.
  private func peerRate(_ python: String, _ context: Int) throws -> Double {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Benchmarks/Peers/gpt_cache.py")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      [python, script.path]
      + [Self.vocabulary, context, Self.width, Self.heads, Self.blocks].map(String.init)
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    do { try process.run() } catch { throw CannotUse("\(python) cannot be started") }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let problem = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let rate = Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
    else {
      let last = problem.split(separator: "\n").last.map(String.init) ?? "it said nothing"
      throw CannotUse("\(python) could not run \(script.path): \(last)")
    }
    return rate
  }
}
