import Engine
import Foundation
import Testing

@testable import Ranks

@Suite struct LaunchTests {
  private func signal(_ rank: Int, _ phase: RankSignal.Phase, step: Int = 3) -> RankSignal {
    var signal = RankSignal(rank: rank)
    (signal.process, signal.host, signal.phase, signal.step) = (Int32(100 + rank), "node", phase, step)
    return signal
  }

  private final class Time: @unchecked Sendable { var now = 0.0 }

  private func watch(_ time: Time) -> RankWatch { RankWatch(ranks: 2, timeLimit: 10) { time.now } }

  @Test func signalsTravelAsLines() {
    var failed = signal(1, .failed)
    failed.words = "error: a/b\nand \u{1E} more"
    #expect(failed.line.hasSuffix("\n") && failed.line.dropLast().contains("\n") == false)
    #expect(RankSignal(line: failed.line.dropLast()) == failed)
    #expect(RankSignal(line: "rank 1 says hello") == nil)
    #expect(RankSignal(line: "\u{1E}rank {") == nil)
  }

  @Test func theStuckRankIsNamed() {
    let time = Time()
    var watch = watch(time)
    #expect(watch.stuck == nil)
    time.now = 9
    watch.hear(signal(0, .computing))
    watch.hear(signal(1, .computing))
    time.now = 18
    // A signal without a step is a sign of life, and no step.
    watch.hear(signal(0, .waiting))
    watch.hear(signal(1, .computing))
    #expect(watch.stuck == nil)
    time.now = 19.5
    #expect(
      watch.stuck
        == "rank 1 (process 101 on node) is stuck: it has been at step 4 for 10 s, and the other waits for it"
    )
    watch.hear(signal(1, .computing, step: 4))
    #expect(watch.stuck == nil)
    time.now = 29
    watch.hear(signal(0, .waiting))
    time.now = 30
    #expect(
      watch.stuck?.hasPrefix("rank 1 (process 101 on node) gives no sign of life, after step 4") == true)
  }

  @Test func otherWaysToStandStill() {
    let time = Time()
    var watch = watch(time)
    watch.hear(signal(0, .beginning))
    time.now = 11
    #expect(watch.stuck == "nothing was heard of rank 1 for 10 s: it has not begun")
    watch.hear(signal(1, .waiting))
    watch.hear(signal(0, .waiting, step: 4))
    time.now = 30
    watch.hear(signal(0, .waiting, step: 4))
    watch.hear(signal(1, .waiting))
    #expect(watch.stuck?.contains("all wait for each other") == true)
  }

  @Test func whyRanksHaveEnded() {
    let time = Time()
    var open = watch(time)
    open.hear(signal(1, .computing))
    open.words = [
      "-----", "mpirun noticed that process rank 1 with PID 0 on node vm exited on signal 9 (Killed).",
      "-----",
    ]
    #expect(
      open.reason(status: 137).hasPrefix(
        "rank 1 (process 101 on node) has died after step 3: it was killed (signal 9)"))
    open.words = ["  Process name: [[17221,1],1]", "  Exit code:    3"]
    #expect(open.reason(status: 3) == "rank 1 (process 101 on node) has ended before its time, with status 3")
    var hydra = watch(time)
    hydra.hear(signal(1, .computing))
    hydra.words = [
      "=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES", "=   PID 101 RUNNING AT vm",
      "=   EXIT CODE: 9",
      "YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)",
    ]
    #expect(hydra.reason(status: 9).hasPrefix("rank 1 (process 101 on node) has died"))
    // What a rank says itself comes first, once if all say it.
    var told = watch(time)
    var failed = signal(1, .failed)
    failed.words = "the disk is full"
    told.hear(failed)
    #expect(told.reason(status: 1) == "rank 1: the disk is full")
    failed.rank = 0
    told.hear(failed)
    #expect(told.reason(status: 1) == "the disk is full")
    #expect(watch(time).reason(status: 7) == "the ranks have ended (status 7)")
  }

  @Test func theCommandDependsOnTheMPI() {
    var launcher = RankLauncher(ranks: 3)
    (launcher.hostfile, launcher.oversubscribes) = ("hosts", true)
    #expect(
      launcher.command("prog", ["a"], mpirun: "/m", isOpenMPI: true, isRoot: true) == [
        "/m", "-np", "3", "--bind-to", "none", "--allow-run-as-root", "--hostfile", "hosts",
        "--oversubscribe", "-x",
        "WORKBOOK_RANKS_WATCHED", "-x", "WORKBOOK_FOLDER", "prog", "a",
      ])
    #expect(
      launcher.command("prog", ["a"], mpirun: "/m", isOpenMPI: false, isRoot: true)
        == ["/m", "-np", "3", "-f", "hosts", "prog", "a"])
    launcher.hostfile = nil
    launcher.oversubscribes = false
    #expect(
      !launcher.command("prog", [], mpirun: "/m", isOpenMPI: true, isRoot: false).contains(
        "--allow-run-as-root"))
  }

  @Test(.enabled(if: MPI.isInstalled, "MPI is not installed; see ./workbook run train-large ranks --ranks 2"))
  func badHostfilesAndTooManyRanks() throws {
    let file = NSTemporaryDirectory() + "/hosts-\(UUID().uuidString)"
    try Data("# nobody yet\n\n   \n".utf8).write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    var launcher = RankLauncher(ranks: 2)
    launcher.hostfile = file
    let nobody = #expect(throws: FileError.self) { try launcher.check() }
    #expect(nobody?.found == "the hostfile names no machine")
    launcher.hostfile = file + ".none"
    #expect(throws: FileError.self) { try launcher.check() }
    launcher = RankLauncher(ranks: 10_000)
    let many = #expect(throws: RanksFailed.self) { try launcher.check() }
    #expect(many?.description.contains("--oversubscribe") == true)
    launcher.oversubscribes = true
    try launcher.check()
  }

  /// Compiled once, and again when the source is newer.
  @Test(.enabled(if: MPI.isInstalled, "MPI is not installed; see ./workbook run train-large ranks --ranks 2"))
  func thePluginIsCompiledOnce() throws {
    let path = try MPIPlugin.compiled()
    func changed() throws -> Date {
      try #require(FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
    }
    let first = try changed()
    #expect(try MPIPlugin.compiled() == path)
    #expect(try changed() == first)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: path)
    _ = try MPIPlugin.compiled()
    #expect(try changed() >= first)
    let left = try FileManager.default.contentsOfDirectory(
      atPath: (path as NSString).deletingLastPathComponent)
    #expect(left.allSatisfy { $0.hasSuffix(".so") })
  }
}
