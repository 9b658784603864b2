import ArgumentParser
import Engine
import Foundation
import Tensors
import Workbench

struct Shapes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shapes",
    abstract: "Convolution layers of well-known networks, forward and backward, beside a peer's.",
    discussion: """
      EXAMPLES
        bench shapes --peer ~/torch/bin/python
        bench shapes --only AlexNet --methods      the engine's ways to compute them, each by itself
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var peers: PeerOptions

  @Option(
    help: ArgumentHelp("Only layers with this in their name; may be given several times.", valueName: "text"))
  var only: [String] = []

  @Flag(help: "Time each of the engine's methods by itself, without a peer.")
  var methods = false

  func run() throws {
    let shapes = ConvolutionShape.all.filter { shape in
      only.isEmpty || only.contains { shape.name.localizedCaseInsensitiveContains($0) }
    }
    if shapes.isEmpty {
      let names = ConvolutionShape.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--only: no layer is called so. There are: \(names)")
    }
    let output = try common.prepare("bench/shapes")
    peers.chooseVectors()
    let timing = peers.timing(common, blocks: 5, seconds: 0.2)
    if methods {
      try compareMethods(shapes, timing, to: output)
    } else {
      try comparePeer(shapes, timing, peers.command { $0.models == nil }, to: output)
    }
  }

  private func comparePeer(
    _ shapes: [ConvolutionShape], _ timing: Timing, _ peer: Peer.Command?, to output: OutputFolder
  ) throws {
    var experiment = Experiment("bench shapes", seed: common.seed, to: output)
    var table = Table(
      "Convolutions, ms, medians of \(timing.blocks) blocks: forward, and forward with backward",
      columns: [
        "layer", "what", "images", "forward", peer?.name ?? "peer", "ratio", "with backward",
        peer?.name ?? "peer", "ratio",
        "GFLOP/s",
      ])
    let contestant = try peer.map { try Peer($0, threads: Parallel.threads) }
    var problems: [String] = []
    var slower: [String] = []
    var ratiosOfBoth: [Double] = []
    for shape in shapes {
      Terminal.error("\(shape.name) …")
      let job = ConvolutionJob(shape, seed: common.seed)
      if let contestant {
        do {
          try prepare(contestant, job, timing)
        } catch {
          problems.append("\(shape.name): \(error)")
          continue
        }
      }
      func turns(_ what: String, _ step: () -> Void) throws -> Turns {
        try Turns(
          blocks: timing.blocks, seconds: timing.seconds, step: step,
          peer: contestant.map { contestant in { try contestant.block(seconds: $0, of: what) } })
      }
      let forward = try turns("forward") { job.forward() }
      let both = try turns("both") { job.forwardAndBackward() }
      // The filters' gradient costs as much as forward, and so does the input's.
      let flops = shape.flops * (shape.isFirst ? 2 : 3)
      let gflops = Spread(both.ours).median * flops / 1e9
      var cells: [String] = []
      for (key, turns) in [("forward", forward), ("both", both)] {
        let key = "\(shape.name).\(key)"
        let ours = 1e3 / Spread(turns.ours).median
        experiment.metrics["\(key)_ms"] = ours
        cells.append(fixed(ours, 2))
        if turns.theirs.isEmpty {
          cells += ["", ""]
        } else {
          let (theirs, ratio) = (1e3 / Spread(turns.theirs).median, Spread(turns.ratios))
          experiment.metrics["\(key)_\(contestant!.command.key)_ms"] = theirs
          experiment.metrics["\(key)_ratio"] = ratio.median
          cells += [fixed(theirs, 2), fixed(ratio.median, 2)]
          if ratio.median < 1 { slower.append("\(key) \(fixed(ratio.median, 2))") }
          if key.hasSuffix(".both") { ratiosOfBoth.append(ratio.median) }
        }
      }
      table.add(
        shape.name, shape.text, "\(shape.batch)", cells[0], cells[1], cells[2], cells[3], cells[4], cells[5],
        fixed(gflops, 0))
    }
    experiment.show(
      table,
      note:
        "A ratio above 1: the engine is faster. GFLOP/s of forward with backward, counted as the sums are written."
    )
    if let lowest = ratiosOfBoth.min() {
      experiment.metrics["layers"] = Double(ratiosOfBoth.count)
      experiment.metrics["layers_ahead"] = Double(ratiosOfBoth.count { $0 >= 1 })
      experiment.metrics["lowest_both_ratio"] = lowest
    }
    if !slower.isEmpty { print("  Slower than the peer: \(slower.joined(separator: ", "))\n") }
    try experiment.finish()
    if !problems.isEmpty { throw Failed(problems) }
  }

  /// Gives the peer the same numbers, and compares what came of them.
  private func prepare(_ peer: Peer, _ job: ConvolutionJob, _ timing: Timing) throws {
    let answer = try peer.prepare(job.request, job.arrays, trialSeconds: min(0.2, timing.seconds))
    guard let theirs = answer["projections"] as? [Double] else {
      throw PeerProblem("the peer reported no results")
    }
    let ours = job.projections
    let apart = zip(ours, theirs).map { abs($0 - $1) / max(abs($1), 1) }.max() ?? .nan
    if ours.count != theirs.count || !(apart <= 1e-3) {
      throw PeerProblem("the results differ: engine \(ours), \(peer.command.name) \(theirs)")
    }
  }

  private func compareMethods(_ shapes: [ConvolutionShape], _ timing: Timing, to output: OutputFolder) throws
  {
    var experiment = Experiment("bench shapes --methods", seed: common.seed, to: output)
    let methods: [(name: String, method: ConvolutionMethod?)] = [
      ("windows", .windows), ("transforms", .transforms), ("direct", .direct), ("winograd", .winograd),
      ("phases", .phases), ("chosen", nil),
    ]
    var table = Table(
      "Convolutions by the engine's methods, ms forward / with backward; a method that cannot do a layer leaves it to windows",
      columns: ["layer", "what", "images", "windows", "transforms", "direct", "winograd", "phases", "chosen"])
    for shape in shapes {
      Terminal.error("\(shape.name) …")
      let job = ConvolutionJob(shape, seed: common.seed)
      var cells: [String] = []
      for (name, method) in methods {
        try ConvolutionMethod.$forced.withValue(method) {
          let times = try [job.forward, { job.forwardAndBackward() }].map { step in
            1e3
              / Spread(try Turns(blocks: timing.blocks, seconds: timing.seconds, step: step, peer: nil).ours)
              .median
          }
          experiment.metrics["\(shape.name).\(name).forward_ms"] = times[0]
          experiment.metrics["\(shape.name).\(name).both_ms"] = times[1]
          cells.append("\(fixed(times[0], 2)) / \(fixed(times[1], 2))")
        }
      }
      table.add(
        shape.name, shape.text, "\(shape.batch)", cells[0], cells[1], cells[2], cells[3], cells[4], cells[5])
    }
    experiment.show(table)
    try experiment.finish()
  }
}
