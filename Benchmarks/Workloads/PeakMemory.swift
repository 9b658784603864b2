import ArgumentParser
import Engine
import Foundation
import Workbench

/// The most memory that a process holds which does nothing but one workload: what its program takes before it begins, the
/// model, the batches, and a few steps.
enum PeakMemory {
  static let steps = 5

  /// The engine's, MiB.
  static func ours(_ workload: Workload, seed: UInt64) throws -> Double {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = [
      PeakProcess.configuration.commandName!, workload.name, "--threads", "\(Parallel.threads)", "--seed",
      "\(seed)",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard process.terminationStatus == 0, let peak = Double(text) else {
      throw PeerProblem("the engine alone ended with status \(process.terminationStatus) and no result")
    }
    return peak
  }

  /// The peer's, in the setting that was its fastest.
  static func theirs(
    _ command: Peer.Command, _ workload: Workload, _ job: any Job, setting: String
  ) throws -> Double {
    let peer = try Peer(command, threads: Parallel.threads)
    // It tries nothing else, and does as many steps as it must for the losses.
    let request = workload.request.merging(
      ["order": Workload.firstSteps, "setting": setting], uniquingKeysWith: { $1 })
    _ = try peer.prepare(request, job.arrays, trialSeconds: 0.01)
    guard let peak = try peer.ask(["do": "peak"], within: 60)["peak_mib"] as? Double else {
      throw PeerProblem("\(command.name) does not say how much memory it holds")
    }
    return peak
  }
}

/// The engine at one workload, in a process of its own.
struct PeakProcess: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "peak-process", shouldDisplay: false)

  @Argument var workload: String
  @Option var threads: Int
  @Option var seed: UInt64

  func run() throws {
    Parallel.threads = threads
    guard let workload = Workload.all.first(where: { $0.name == workload }) else {
      throw ValidationError("there is no workload '\(workload)'")
    }
    let job = workload.make(seed)
    for _ in 0..<PeakMemory.steps { job.step() }
    print(Machine.peakMemoryMiB)
  }
}
