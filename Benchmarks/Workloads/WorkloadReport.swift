import Engine
import Formats
import Foundation
import Workbench

/// Measures workloads one by one, and shows what came of them.
struct WorkloadReport {
  private var experiment: Experiment
  private let peer: Peer.Command?
  private let timing: Timing
  private let seed: UInt64
  private var table: Table
  private var epochTable: Table
  private var peaks: [Double] = []
  private var accuracy: AccuracyTable?
  private var problems: [String] = []
  private var peerVersion = ""

  init(_ seed: UInt64, to output: OutputFolder, peer: Peer.Command?, timing: Timing) {
    experiment = Experiment("bench workloads", seed: seed, to: output)
    (self.seed, self.peer, self.timing) = (seed, peer, timing)
    table = Table(
      "Throughput, median of \(timing.blocks) blocks of \(fixed(timing.seconds, 1)) s (slowest to fastest)",
      columns: [
        "workload", "unit", "engine", peer?.name ?? "peer", "ratio", "GFLOP/s", "of peak", "MiB",
        "\(peer?.name ?? "peer")'s MiB",
      ])
    epochTable = Table(
      "A whole process: one epoch over \(grouped(Epoch.images)) images, batch \(Epoch.batch)",
      columns: ["", "seconds", "peak MiB"])
  }

  /// The peer's name among the metrics, and the ratio's: PyTorch is the usual one.
  private var peerKey: String { peer?.key ?? "peer" }
  private var ratioKey: String { peerKey == "pytorch" ? "ratio" : "ratio_\(peerKey)" }

  /// Measures one workload. What goes wrong with it is kept for the end: the others can still be measured.
  mutating func measure(_ workload: Workload) {
    do {
      try measureOrThrow(workload)
    } catch {
      fail(workload.name, error)
    }
  }

  private mutating func fail(_ name: String, _ error: any Error) { problems.append("\(name): \(error)") }

  private mutating func measureOrThrow(_ workload: Workload) throws {
    let job = workload.make(seed)
    var contestant: Peer?
    var setting = ""
    if let peer, peer.canRun(workload.request) {
      contestant = try Peer(peer, threads: Parallel.threads)
      setting = try prepare(contestant!, for: job, workload)
    } else {
      for loss in job.losses(of: Workload.firstSteps) where !loss.isFinite {
        throw PeerProblem("a loss of the first steps is \(loss)")
      }
    }
    // A slow spell must not lower the limit, so the highest counts.
    peaks.append(Peak.measure(seconds: min(peaks.isEmpty ? 1.5 : 0.3, timing.seconds)))
    let turns = try Turns(
      blocks: timing.blocks, seconds: timing.seconds, step: job.step,
      peer: contestant.map { contestant in { try contestant.block(seconds: $0) } })
    contestant = nil
    let memory = (
      ours: try PeakMemory.ours(workload, seed: seed),
      theirs: turns.theirs.isEmpty
        ? nil : try PeakMemory.theirs(peer!, workload, workload.make(seed), setting: setting)
    )
    add(workload, turns, peak: peaks.max()!, memory)
  }

  /// Gives the peer the same weights and batches, and compares the losses of the first steps.
  ///
  /// - Returns: The peer's fastest setting.
  private mutating func prepare(_ peer: Peer, for job: any Job, _ workload: Workload) throws -> String {
    let answer = try peer.prepare(
      workload.request.merging(["order": Workload.firstSteps]) { $1 }, job.arrays,
      trialSeconds: min(0.5, timing.seconds))
    peerVersion = peer.version
    guard let theirs = answer["losses"] as? [Double] else {
      throw PeerProblem("the peer reported no losses")
    }
    let ours = job.losses(of: Workload.firstSteps)
    experiment.metrics["\(workload.name).loss_difference"] = try difference(ours, theirs)
    return answer["setting"] as? String ?? ""
  }

  /// The largest difference of the losses that the peer reported, as a share.
  ///
  /// - Throws: `PeerProblem` when the sides did not compute the same.
  private func difference(_ ours: [Double], _ theirs: [Double]) throws -> Double {
    let apart = zip(ours, theirs).map { abs($0 - $1) / abs($1) }.max() ?? .nan
    if theirs.isEmpty || !(apart <= Workload.tolerance) {
      func text(_ losses: [Double]) -> String { losses.map { fixed($0, 5) }.joined(separator: " ") }
      throw PeerProblem(
        "the losses of the first steps differ by more than \(percent(Workload.tolerance)): engine \(text(ours)), "
          + "\(peer?.name ?? "") \(text(theirs))")
    }
    return apart
  }

  private mutating func add(
    _ workload: Workload, _ turns: Turns, peak: Double, _ memory: (ours: Double, theirs: Double?)
  ) {
    let ours = Spread(turns.ours.map { $0 * Double(workload.perStep) })
    let gflops = ours.median * workload.flops / 1e9
    let name = workload.name
    var (peerText, ratioText) = ("", "")
    experiment.metrics["\(name).ours"] = ours.median
    experiment.metrics["\(name).gflops"] = gflops
    experiment.metrics["\(name).peak_share"] = gflops / peak
    experiment.metrics["\(name).ours_mib"] = memory.ours
    experiment.metrics["\(name).\(peerKey)_mib"] = memory.theirs
    if !turns.theirs.isEmpty {
      let theirs = Spread(turns.theirs.map { $0 * Double(workload.perStep) })
      let ratio = Spread(turns.ratios)
      peerText = rangeText(theirs) { grouped($0) }
      ratioText = rangeText(ratio) { fixed($0, 2) }
      experiment.metrics["\(name).\(peerKey)"] = theirs.median
      experiment.metrics["\(name).\(ratioKey)"] = ratio.median
      experiment.metrics["\(name).\(ratioKey)_lowest"] = ratio.values.min()
      experiment.metrics["\(name).\(ratioKey)_highest"] = ratio.values.max()
    }
    // Each as it is known: the table comes at the end, and that may be minutes away.
    Terminal.error(
      "\(name)  \(grouped(ours.median)) \(workload.unit)/s"
        + (turns.theirs.isEmpty
          ? "" : ", \(peer?.name ?? "")'s times \(fixed(Spread(turns.ratios).median, 2))"))
    table.add(
      name, "\(workload.unit)/s", rangeText(ours) { grouped($0) }, peerText, ratioText,
      fixed(gflops, 1), percent(gflops / peak, 0), fixed(memory.ours, 0),
      memory.theirs.map { fixed($0, 0) } ?? "")
  }

  /// The epoch as a whole process, ours and the peer's in turn.
  mutating func measureEpoch(quick: Bool) {
    do {
      let epoch = try Epoch(seed: seed, images: quick ? 640 : Epoch.images)
      defer { epoch.removeFile() }
      let (ours, theirs) = try epoch.run(
        times: quick ? 1 : 3, beside: peer.flatMap { $0.models == nil ? $0 : nil })
      if !theirs.isEmpty {
        experiment.metrics["\(Epoch.name).loss_difference"] = try difference(ours[0].losses, theirs[0].losses)
      }
      Terminal.error(
        "\(Epoch.name)  \(fixed(Spread(ours.map(\.seconds)).median, 2)) s"
          + (theirs.isEmpty
            ? "" : ", \(peer?.name ?? "") \(fixed(Spread(theirs.map(\.seconds)).median, 2)) s"))
      for (who, key, runs) in [("engine", "ours", ours), (peer?.name ?? "", peerKey, theirs)]
      where !runs.isEmpty {
        let (seconds, memory) = (Spread(runs.map(\.seconds)), Spread(runs.map(\.peakMiB)))
        epochTable.add(who, rangeText(seconds) { fixed($0, 2) }, fixed(memory.median, 0))
        experiment.metrics["\(Epoch.name).\(key)"] = seconds.median
        experiment.metrics["\(Epoch.name).\(key)_mib"] = memory.median
      }
      if !theirs.isEmpty {
        let ratio = Spread(zip(ours, theirs).map { $1.seconds / $0.seconds })
        experiment.metrics["\(Epoch.name).\(ratioKey)"] = ratio.median
        epochTable.add("ratio", rangeText(ratio) { fixed($0, 2) }, "")
      }
    } catch {
      fail(Epoch.name, error)
    }
  }

  /// Holds the fast kernels to double precision: speed is not bought with it.
  mutating func addAccuracy() {
    let found = AccuracyTable(seed: seed)
    experiment.metrics.merge(found.metrics) { $1 }
    problems += found.tooFar
    accuracy = found
  }

  /// Shows the tables and writes the files.
  ///
  /// - Throws: A failure for the exit code when a workload could not be measured.
  mutating func finish() throws {
    let machine = Machine.current
    var lines = [
      "\(machine.processor), \(machine.threads) threads · \(machine.system) · engine \(Results.projectVersion), "
        + "products by OpenBLAS for \(ProcessorKernels.name)"
        + (peerVersion.isEmpty ? "" : " · \(peer?.name ?? "") \(peerVersion)")
    ]
    if let peak = peaks.max() {
      experiment.metrics["fma_peak_gflops"] = peak
      lines.append(
        "FMA peak: \(fixed(peak, 0)) GFLOP/s, the highest of \(peaks.count), one beside each workload. GFLOP/s count "
          + "the multiplications and additions of the dense products.")
    }
    for line in lines { print(line) }
    print("")
    var tables: [Table] = []
    if !table.rows.isEmpty {
      experiment.show(
        table,
        note: "A ratio above 1: the engine is faster. It is taken block by block. MiB: the most that a "
          + "process holds which does this alone.")
      tables.append(table)
    }
    if !epochTable.rows.isEmpty {
      experiment.show(epochTable)
      tables.append(epochTable)
    }
    if let accuracy {
      experiment.show(accuracy.table, note: AccuracyTable.note)
      tables.append(accuracy.table)
    }
    let shown = tables.map { (["**\($0.title)**", ""] + $0.markdownLines).joined(separator: "\n") }
    let markdown = (shown + lines).map { $0 + "\n" }
    try AtomicFile.write(markdown.joined(separator: "\n"), to: experiment.output.file("table.md"))
    experiment.add("table.md", "the tables for a Markdown page")
    try experiment.finish()
    if !problems.isEmpty { throw Failed(problems) }
  }
}

/// A median with the slowest and the fastest: `123 (120–125)`.
func rangeText(_ spread: Spread, _ text: (Double) -> String) -> String {
  let (low, high) = (text(spread.values.min()!), text(spread.values.max()!))
  return text(spread.median) + (low == high ? "" : " (\(low)–\(high))")
}

/// What could not be measured.
struct Failed: Error, CustomStringConvertible {
  let problems: [String]
  init(_ problems: [String]) { self.problems = problems }
  var description: String {
    if problems.count == 1 { return problems[0] }
    return "\(problems.count) of the measurements failed:\n"
      + problems.map { "       \($0)" }.joined(separator: "\n")
  }
}
