import ArgumentParser
import Engine
import Formats
import Foundation
import Workbench

struct Workloads: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workloads",
    abstract: "Train and run the chapters' models, and beside them a peer's, in turn.",
    discussion: """
      EXAMPLES
        bench workloads --only cnn-train-64 --only gpt-train
        bench workloads --peer ~/torch/bin/python --blocks 15
        bench workloads --only gpt-train --vectors avx2
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var peers: PeerOptions

  @Option(
    help: ArgumentHelp("Only this workload; may be given several times. See --list.", valueName: "name"))
  var only: [String] = []

  @Flag(help: "Say which workloads there are, and end.")
  var list = false

  func validate() throws {
    let names = Workload.all.map(\.name) + [Epoch.name]
    if let unknown = only.first(where: { !names.contains($0) }) {
      throw ValidationError(
        "--only: there is no workload '\(unknown)'. There are: \(names.joined(separator: " "))")
    }
  }

  func run() throws {
    if list {
      for workload in Workload.all {
        print("\(workload.name.padding(toLength: 18, withPad: " ", startingAt: 0))\(workload.about)")
      }
      print("\(Epoch.name.padding(toLength: 18, withPad: " ", startingAt: 0))\(Epoch.about)")
      return
    }
    let output = try common.prepare("bench")
    peers.chooseVectors()
    let peer = try peers.command()
    var report = WorkloadReport(
      common.seed, to: output, peer: peer, timing: peers.timing(common, blocks: 7, seconds: 1))
    for workload in Workload.all where only.isEmpty || only.contains(workload.name) {
      report.measure(workload)
    }
    if only.isEmpty || only.contains(Epoch.name) { report.measureEpoch(quick: common.quick) }
    if only.isEmpty { report.addAccuracy() }
    try report.finish()
  }
}

/// Who is measured beside the engine, and for how long.
struct PeerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A Python that has PyTorch, to measure it too (default: python3).", valueName: "python"))
  var peer: String?

  @Option(
    help: ArgumentHelp("A Python that has TensorFlow, to measure it instead.", valueName: "python"))
  var peerTensorflow: String?

  @Option(
    parsing: .unconditional, help: "How many blocks each side runs, in turn (with --quick 2).")
  var blocks: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long a block is.", valueName: "s"))
  var seconds: Double?

  @Option(
    help: ArgumentHelp(
      "avx2: the engine's products keep to AVX2 where the processor has AVX-512.", valueName: "kind"))
  var vectors: Vectors?

  enum Vectors: String, ExpressibleByArgument { case avx2 }

  /// To be called before anything is computed.
  func chooseVectors() {
    if vectors == .avx2 { ProcessorKernels.useNarrowProducts() }
    print("The engine's products: \(ProcessorKernels.products)")
  }

  func validate() throws {
    try checkOption("--blocks", blocks, atLeast: 1)
    if let seconds, !(seconds > 0 && seconds <= 60) {
      throw ValidationError("--seconds must be above 0 and at most 60, given \(seconds)")
    }
    if peer != nil && peerTensorflow != nil {
      throw ValidationError("one peer at a time: --peer or --peer-tensorflow, given both")
    }
    if peerTensorflow == "" {
      throw ValidationError("--peer-tensorflow must name a Python interpreter, given \"\"")
    }
    if peer == "" { throw ValidationError("--peer must name a Python interpreter, given \"\"") }
  }

  /// The peer to start, nil when there is none; says so then.
  ///
  /// - Parameter fits: Whether a peer can do what is measured.
  /// - Throws: `PeerProblem` when a peer was asked for and cannot be started, or is none.
  func command(fits: (Peer.Command) -> Bool = { _ in true }) throws -> Peer.Command? {
    let command = peerTensorflow.map { .tensorflow($0) } ?? Peer.Command.pytorch(peer ?? "python3")
    if !fits(command) { throw PeerProblem("\(command.name) cannot take part in this") }
    do {
      let trial = try Peer(command, threads: Parallel.threads)
      print("Beside the engine: \(command.name) \(trial.version), by \(command.python)\n")
      return command
    } catch let missing as Peer.Missing {
      print("\(missing.python) has no \(missing.framework): the engine is measured alone.")
      print("Name a Python that has it with --peer.\n")
      return nil
    } catch let problem as PeerProblem where peer == nil && peerTensorflow == nil {
      print("There is no PyTorch to measure (\(problem)): the engine is measured alone.\n")
      return nil
    }
  }

  /// - Parameters:
  ///   - usual: How many blocks there are when nobody says.
  ///   - length: How long they are then.
  func timing(_ common: CommonOptions, blocks usual: Int, seconds length: Double) -> Timing {
    Timing(
      blocks: blocks ?? (common.quick ? 2 : usual), seconds: seconds ?? (common.quick ? length / 10 : length))
  }
}

/// How many blocks, and how long each.
struct Timing {
  let blocks: Int
  let seconds: Double
}
