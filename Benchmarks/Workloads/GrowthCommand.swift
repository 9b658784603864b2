import ArgumentParser
import Chapter01BigAndSmall
import Engine
import Foundation
import Pictures
import Workbench

struct GrowthReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "growth",
    abstract: "How time and memory grow with the batch, the width, the sequence and the threads.",
    discussion: """
      Each point is measured in a process of its own, so that its memory is its own.

      EXAMPLES
        bench growth
        bench growth --only lstm --seconds 1
      """)

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp("Only curves with this in their name; may be given several times.", valueName: "text"))
  var only: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long each point is measured (default: 0.5).", valueName: "s"))
  var seconds: Double?

  func validate() throws {
    if let seconds, !(seconds > 0 && seconds <= 60) {
      throw ValidationError("--seconds must be above 0 and at most 60, given \(seconds)")
    }
    for text in only
    where !Growth.allCases.contains(where: { $0.rawValue.contains(text) }) && text != "threads" {
      let names = Growth.allCases.map(\.rawValue).joined(separator: " ")
      throw ValidationError("--only: no curve is called '\(text)'. There are: \(names) threads")
    }
  }

  func run() throws {
    let output = try common.prepare("bench/growth")
    var experiment = Experiment("bench growth", seed: common.seed, to: output)
    let machine = Machine.current
    print("\(machine.processor), \(machine.threads) threads\n")
    let curves = Growth.allCases.filter { curve in
      only.isEmpty || only.contains { curve.rawValue.contains($0) }
    }
    var table = Table(
      "Exponents: time ∝ workᵖ, a step's time against its multiplications; memory ∝ sizeᵖ",
      columns: ["curve", "sizes", "time, p", "largest doubling", "memory, p", "from MiB", "to MiB"])
    for curve in curves { try measure(curve, &table, &experiment) }
    if !table.rows.isEmpty {
      experiment.show(
        table,
        note:
          "p = 1: linear in the work. Largest doubling: the largest exponent between two neighbouring sizes.")
    }
    if only.isEmpty || only.contains("threads") { try measureThreads(&experiment) }
    try experiment.finish()
  }

  private func measure(_ curve: Growth, _ table: inout Table, _ experiment: inout Experiment) throws {
    Terminal.error("\(curve.title) …")
    let sizes = common.quick ? Array(curve.sizes.prefix(3)) : curve.sizes
    let points = try sizes.map { try point(curve, $0, threads: Parallel.threads) }
    let (x, work) = (sizes.map(Double.init), sizes.map(curve.work))
    let (times, memory) = (points.map { $0.seconds * 1e3 }, points.map(\.mib))
    let time = -PowerLaw.line(work, times).exponent
    let steepest = zip(zip(work, work.dropFirst()), zip(times, times.dropFirst())).map { w, t in
      log(t.1 / t.0) / log(w.1 / w.0)
    }.max()!
    let held = -PowerLaw.line(x, memory).exponent
    let name = curve.rawValue
    experiment.metrics["\(name).time_exponent"] = time
    experiment.metrics["\(name).steepest"] = steepest
    experiment.metrics["\(name).memory_exponent"] = held
    for (size, point) in zip(sizes, points) {
      experiment.metrics["\(name).\(size)_ms"] = point.seconds * 1e3
      experiment.metrics["\(name).\(size)_mib"] = point.mib
    }
    table.add(
      name, "\(sizes[0])–\(sizes.last!)", fixed(time, 2), fixed(steepest, 2), fixed(held, 2),
      fixed(memory[0], 0), fixed(memory.last!, 0))
    // A straight line for comparison: as if the largest size's time were due to its work alone.
    let linear = work.map { times.last! * $0 / work.last! }
    try experiment.write(
      LineChart(
        title: "Time of \(curve.title)",
        subtitle: "\(Parallel.threads) threads; exponent against the work: \(fixed(time, 2))",
        x: Axis(curve.size, isLogarithmic: true), y: Axis("a training step", unit: "ms", isLogarithmic: true),
        series: [
          Series("measured", x: x, y: times),
          Series("in proportion to the work", x: x, y: linear, isDashed: true),
        ]), to: "\(name)-time.svg", "a step's time")
    try experiment.write(
      LineChart(
        title: "Memory of \(curve.title)",
        subtitle: "the most that was held, beyond what the program holds before it begins",
        x: Axis(curve.size, isLogarithmic: true), y: Axis("peak", unit: "MiB", isLogarithmic: true),
        series: [Series("measured", x: x, y: memory)]), to: "\(name)-memory.svg", "the process's memory")
  }

  /// The same step on one thread, two and so on.
  private func measureThreads(_ experiment: inout Experiment) throws {
    let most = common.threads ?? ProcessInfo.processInfo.activeProcessorCount
    var table = Table(
      "A training step on 1 to \(most) threads, ms",
      columns: ["step"] + (1...most).map { "\($0)" } + ["times faster"])
    for (curve, size) in [(Growth.cnnBatch, 256), (.lstmWidth, 256), (.gptContext, 128)] {
      Terminal.error("threads, \(curve.rawValue) …")
      let times = try (1...most).map {
        try point(curve, common.quick ? curve.sizes[0] : size, threads: $0).seconds * 1e3
      }
      let cells =
        ["\(curve.rawValue) \(size)"] + times.map { fixed($0, 1) } + [fixed(times[0] / times.last!, 2)]
      table.add(cells)
      experiment.metrics["threads.\(curve.rawValue)"] = times[0] / times.last!
    }
    experiment.show(table)
  }

  private func point(_ curve: Growth, _ size: Int, threads: Int) throws -> (seconds: Double, mib: Double) {
    let length = seconds ?? (common.quick ? 0.02 : 0.5)
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = [
      GrowthPoint.configuration.commandName!, curve.rawValue, "\(size)", "--threads", "\(threads)",
      "--seed", "\(common.seed)", "--seconds", "\(length)",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let answer = try? JSONSerialization.jsonObject(with: data) as? [String: Double],
      let seconds = answer["seconds"], let mib = answer["mib"]
    else { throw Failed(["\(curve.rawValue) at \(size): no result, status \(process.terminationStatus)"]) }
    return (seconds, mib)
  }
}

/// One point of a curve, in a process of its own.
struct GrowthPoint: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "growth-point", shouldDisplay: false)

  @Argument var curve: String
  @Argument var size: Int
  @Option var threads: Int
  @Option var seed: UInt64
  @Option var seconds: Double

  func run() throws {
    Parallel.threads = threads
    let before = Machine.peakMemoryMiB
    guard let growth = Growth(rawValue: curve) else { throw ValidationError("there is no curve '\(curve)'") }
    let step = growth.job(size, seed: seed)
    for _ in 0..<2 { step() }
    var times: [Double] = []
    let watch = Stopwatch()
    repeat {
      let once = Stopwatch()
      step()
      times.append(once.seconds)
    } while watch.seconds < seconds
    let added = Machine.peakMemoryMiB - before
    print("{\"seconds\": \(Spread(times).median), \"mib\": \(added)}")
  }
}
