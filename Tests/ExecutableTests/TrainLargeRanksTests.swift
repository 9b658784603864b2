import Engine
import Foundation
import Ranks
import Synchronization
import Testing

/// Chapter 11's program with processes of its own; skipped where there is no MPI, but on a build server.
@Suite(.serialized) struct TrainLargeRanksTests {
  private static let needsMPI: Comment = "MPI is not installed: apt-get install libopenmpi-dev openmpi-bin"

  @Test func aBuildServerHasMPI() {
    if ProcessInfo.processInfo.environment["CI"] != nil, !MPI.isInstalled { Issue.record(Self.needsMPI) }
  }

  /// The shortest training that has several steps.
  private static let options = [
    "ranks", "--quick", "--threads", "1", "--examples", "64", "--batch-size", "8", "--epochs", "2",
  ]

  private func bytes(_ folder: TemporaryFolder) throws -> [UInt8] {
    try FileContents.bytes(of: folder.file("weights.safetensors"))
  }

  @Test(.enabled(if: MPI.isInstalled, needsMPI)) func twoRanksTrainAndGoOnAsOne() throws {
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    let outcome = try run("train-large", Self.options + ["--ranks", "2", "--zero", "--output", first.path])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("What the ranks have trained"))
    let found = try metrics(first.file("results.json"))
    #expect(found["ranks"] == 2 && found["steps"] == 16 && found["differing_numbers"] == 0)
    #expect(found["gradient_difference"]! < 1e-5 && found["efficiency"]! > 0)
    // One process in two parts, without any ranks, comes to the same bits: Adam is divided, and it changes nothing.
    // The rest of the run by one rank: nothing is left to do, and the weights are those.
    let file = first.file("checkpoint.safetensors")
    let rest = try run(
      "train-large", Self.options + ["--ranks", "1", "--resume", file, "--output", second.path])
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(
      rest.errors.contains("note: the checkpoint is of a run with 2 ranks, and 1 rank go"), "\(rest.errors)")
    #expect(try bytes(second) == bytes(first))
  }

  /// Starts two ranks, and does something to rank 1 when a checkpoint is there.
  private func harm(_ signal: Int32, _ arguments: [String]) throws -> (
    status: Int32, errors: String, seconds: Double
  ) {
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "train-large")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let file = try #require(arguments.last) + "/checkpoint.safetensors"
    // Rank 1 is the process that says so in its environment, and was begun for this folder.
    func victim() -> pid_t? {
      guard FileManager.default.fileExists(atPath: file) else { return nil }
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
        guard let id = pid_t(name), let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline"),
          let environment = FileManager.default.contents(atPath: "/proc/\(id)/environ")
        else { continue }
        let text = String(decoding: words, as: UTF8.self)
        if text.contains(file), text.contains("\0rank\0"),
          ("\0" + String(decoding: environment, as: UTF8.self)).contains("\0OMPI_COMM_WORLD_RANK=1\0")
        {
          return id
        }
      }
      return nil
    }
    var id: pid_t?
    while process.isRunning, id == nil {
      usleep(20_000)
      id = victim()
    }
    usleep(300_000)
    let watch = Stopwatch()
    if let id { kill(id, signal) }
    let errors = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(id != nil)
    return (process.terminationStatus, errors, watch.seconds)
  }

  private static let long = [
    "ranks", "--quick", "--threads", "1", "--examples", "256", "--batch-size", "8", "--epochs", "500",
    "--ranks", "2",
    "--checkpoint-every", "0",
  ]

  #if os(Linux)
    @Test(.enabled(if: MPI.isInstalled, needsMPI)) func aDeadRankIsNamedAndTheRunGoesOn() throws {
      let folder = try TemporaryFolder()
      let arguments = Self.long + ["--output", folder.path]
      let (status, errors, seconds) = try harm(SIGKILL, arguments)
      #expect(status == 1)
      #expect(
        errors.contains("error: rank 1 (process ") && errors.contains("it was killed (signal 9)"), "\(errors)"
      )
      let file = folder.file("checkpoint.safetensors")
      #expect(
        errors.hasSuffix("train-large \(arguments.joined(separator: " ")) --resume \(file)\n"), "\(errors)")
      // Five seconds on a machine that has nothing else to do.
      #expect(seconds < 15, "\(seconds)")
      #expect(try Checkpoint(readingFrom: file).position.epoch >= 1)
    }

    @Test(.enabled(if: MPI.isInstalled, needsMPI)) func aStuckRankIsEnded() throws {
      let folder = try TemporaryFolder()
      let (status, errors, seconds) = try harm(
        SIGSTOP, Self.long + ["--time-limit", "3", "--output", folder.path])
      #expect(status == 1)
      #expect(
        errors.contains("error: rank 1 (process ") && errors.contains("gives no sign of life"), "\(errors)")
      #expect(errors.contains("To go on, with any number of ranks:"), "\(errors)")
      #expect(seconds < 25, "\(seconds)")
    }

    @Test(.enabled(if: MPI.isInstalled, needsMPI)) func differentBuildsAreRefused() throws {
      let folder = try TemporaryFolder()
      let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
        path: "train-large"
      ).path
      let other = folder.file("train-large")
      var bytes = try FileContents.bytes(of: program)
      bytes.append(0)
      try Data(bytes).write(to: URL(filePath: other))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: other)
      let process = Process()
      process.executableURL = URL(filePath: try #require(MPI.program("mpirun")))
      let rank = [
        "rank", "--quick", "--examples", "16", "--checkpoint", folder.file("c"), "--weights",
        folder.file("w"),
      ]
      process.arguments =
        ["--allow-run-as-root", "--oversubscribe", "-np", "1", program] + rank + [":", "-np", "1", other]
        + rank
      let pipe = Pipe()
      process.standardError = pipe
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      let errors = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus != 0)
      #expect(
        errors.contains("error: the ranks do not train the same: the build of the program: rank 1 has "),
        "\(errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("c")))
    }
  #endif

  @Test func badOptionsAreOneLine() throws {
    let folder = try TemporaryFolder()
    let alone = try run("train-large", "ranks", "--hostfile", "hosts", "--output", folder.path)
    #expect(alone.status == 2 && alone.errors.contains("--hostfile needs --ranks"), "\(alone.errors)")
    let none = try run("train-large", "ranks", "--ranks", "0", "--output", folder.path)
    #expect(none.status == 2 && none.errors.contains("--ranks must be from 1"), "\(none.errors)")
    guard MPI.isInstalled else { return }
    let many = try run(
      "train-large", "ranks", "--ranks", "4", "--oversubscribe", "--batch-size", "3", "--output", folder.path)
    #expect(
      many.status == 1 && many.errors.hasPrefix("error: 4 ranks for batches of 3 examples"), "\(many.errors)")
    try Data("# nobody\n".utf8).write(to: URL(filePath: folder.file("hosts")))
    let nobody = try run(
      "train-large", "ranks", "--ranks", "2", "--hostfile", folder.file("hosts"), "--output", folder.path)
    #expect(nobody.status == 1 && nobody.errors.contains("the hostfile names no machine"), "\(nobody.errors)")
    let missing = try run(
      "train-large", "ranks", "--ranks", "2", "--resume", folder.file("none"), "--output", folder.path)
    #expect(missing.status == 1 && missing.errors.contains("there is no such file"), "\(missing.errors)")
  }

  @Test func memoryShowsWhereItGoes() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-large", "memory", "--quick", "--threads", "1", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try metrics(folder.file("results.json"))
    #expect(found["stretch_each.differing_bits"] == 0 && found["stretch_all.differing_bits"] == 0)
    #expect(found["stretch_each.peak_mib"]! < found["stretch_none.peak_mib"]!)
    #expect(found["accumulation_8.peak_mib"]! < found["accumulation_1.peak_mib"]! / 2)
    #expect(found["accumulation_8.difference"]! < 1e-4)
    #expect(found["gpt_batch.optimizer_mib"] == found["gpt_batch.weights_mib"]! * 2)
    #expect(FileManager.default.fileExists(atPath: folder.file("depth.svg")))
  }
}
