import Engine
import Foundation
import Synchronization
import Testing

/// Interrupts chapter 7's program for real, and lets it go on: the weights are the same, byte for byte, as without the
/// interruption.
@Suite(.serialized) struct TrainCNNResumeTests {
  private static let options = [
    "--quick", "--threads", "1", "--epochs", "2", "--batch-size", "128", "--optimizer", "momentum",
    "--augment", "shift",
    "--patience",
    "2",
  ]

  private func bytes(_ folder: TemporaryFolder) throws -> [UInt8] {
    try FileContents.bytes(of: folder.file("weights.safetensors"))
  }

  /// Starts the program and sends it a signal when it has come some way.
  ///
  /// - Parameter isTime: Asked again and again, with what the program has written to stderr.
  /// - Returns: Its exit status, negative for a signal, and all that it wrote to stderr.
  private func interrupt(
    _ signal: Int32, _ arguments: [String], environment: [String: String] = [:], when isTime: (String) -> Bool
  ) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("train-cnn")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let errors = Mutex(Data())
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = FileHandle.nullDevice
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let more = handle.availableData
      errors.withLock { $0 += more }
    }
    func text() -> String { errors.withLock { String(decoding: $0, as: UTF8.self) } }
    try process.run()
    while process.isRunning && !isTime(text()) { usleep(2_000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    pipe.fileHandleForReading.readabilityHandler = nil
    errors.withLock { $0 += pipe.fileHandleForReading.readDataToEndOfFile() }
    let status = process.terminationStatus
    return (process.terminationReason == .exit ? status : -status, text())
  }

  @Test func aKilledRunGoesOnToTheSameWeights() throws {
    let (whole, broken) = (try TemporaryFolder(), try TemporaryFolder())
    #expect(try run("train-cnn", ["--output", whole.path] + Self.options).status == 0)

    let file = broken.file("run.safetensors")
    // Killed in the middle of an epoch, early and late; each time it goes on from there.
    var resumed: [String] = []
    for target in [(1, 5), (2, 2), (2, 9)] {
      let more = resumed.isEmpty ? ["--checkpoint", file] : ["--resume", file]
      let (status, errors) = try interrupt(
        SIGKILL, ["--output", broken.path, "--checkpoint-every", "0"] + more + Self.options
      ) { _ in
        guard let position = try? Checkpoint(readingFrom: file).position else { return false }
        return (position.epoch, position.batch) >= target
      }
      #expect(status == -SIGKILL, "\(errors)")
      let position = try Checkpoint(readingFrom: file).position
      #expect((position.epoch, position.batch) >= target)
      resumed.append("\(position.epoch), step \(position.batch + 1)")
    }
    #expect(!FileManager.default.fileExists(atPath: broken.file("weights.safetensors")))
    let last = try run("train-cnn", ["--output", broken.path, "--resume", file] + Self.options)
    #expect(last.status == 0, "\(last.errors)")
    #expect(last.output.contains("Going on with epoch"))
    #expect(try bytes(broken) == bytes(whole))
    let (a, b) = (
      try metrics(whole.file("results.json")), try metrics(broken.file("results.json"))
    )
    for name in ["accuracy", "loss", "training_loss", "validation_loss", "epochs", "kept_epoch"] {
      #expect(a[name] != nil && a[name] == b[name], "\(name)")
    }

    // A run that is done is done: nothing is trained any more.
    let again = try run("train-cnn", ["--output", broken.path, "--resume", file] + Self.options)
    #expect(again.output.contains("This run had come to its end."))
    #expect(try bytes(broken) == bytes(whole))
  }

  @Test func ctrlCSaysHowToGoOn() throws {
    let (whole, broken) = (try TemporaryFolder(), try TemporaryFolder())
    #expect(try run("train-cnn", ["--output", whole.path] + Self.options).status == 0)

    let arguments = ["--output", broken.path] + Self.options
    // As soon as it says something about the first epoch: it is training then.
    let (status, errors) = try interrupt(SIGINT, arguments) { $0.contains("epoch 1/2") }
    let file = broken.file("checkpoint.safetensors")
    #expect(status == 130, "\(errors)")
    #expect(
      errors.contains("interrupted in epoch ") && errors.contains("To go on:\n"), "\(errors)")
    #expect(errors.hasSuffix("train-cnn \(arguments.joined(separator: " ")) --resume \(file)\n"), "\(errors)")
    let last = try run("train-cnn", arguments + ["--resume", file])
    #expect(last.status == 0, "\(last.errors)")
    #expect(try bytes(broken) == bytes(whole))
  }

  /// A terminal that is closed does what Ctrl-C does, and the command is the one that the script was called with.
  @Test(arguments: [SIGHUP, SIGTERM]) func otherSignalsLeaveACheckpointToo(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    let arguments = ["--output", folder.path] + Self.options
    let (status, errors) = try interrupt(
      signal, arguments, environment: ["WORKBOOK_COMMAND": "./workbook run train-cnn"]
    ) { $0.contains("epoch 1/2") }
    let file = folder.file("checkpoint.safetensors")
    #expect(status == 130, "\(errors)")
    #expect(FileManager.default.fileExists(atPath: file))
    #expect(
      errors.hasSuffix(
        "To go on:\n  ./workbook run train-cnn \(arguments.joined(separator: " ")) --resume \(file)\n"),
      "\(errors)")
  }

  @Test func aRunGoesOnForMoreEpochsAndSaysWhatThatDoes() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("run.safetensors")
    let options = ["--quick", "--batch-size", "500", "--output", folder.path]
    let first = try run("train-cnn", options + ["--epochs", "1", "--checkpoint", file])
    #expect(first.status == 0, "\(first.errors)")
    let more = try run("train-cnn", options + ["--epochs", "2", "--resume", file])
    #expect(more.status == 0, "\(more.errors)")
    #expect(more.errors.contains("note: the run was begun with 1 epochs and goes on to 2."), "\(more.errors)")
    #expect(more.errors.contains("from 0.00025 to 0.0005 at the next step"), "\(more.errors)")
    #expect(more.output.contains("Going on with epoch 2."))
    #expect(TrainingLog.rows(of: folder.file("log.csv")).map(\.step) == Array(1...8))
    let fewer = try run("train-cnn", options + ["--epochs", "1", "--resume", file])
    #expect(fewer.status == 1 && fewer.errors.contains("--epochs: the checkpoint has 2, this run 1"))
  }

  @Test func aClosedStandardErrorDoesNotEndTheRun() throws {
    let folder = try TemporaryFolder()
    let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("train-cnn").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "'\(program)' --quick --batch-size 500 --output '\(folder.path)' >/dev/null 2>&-",
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(FileManager.default.fileExists(atPath: folder.file("results.json")))
  }

  @Test func otherSettingsAreRefused() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("run.safetensors")
    let first = try run(
      "train-cnn", "--quick", "--output", folder.path, "--checkpoint", file)
    #expect(first.status == 0, "\(first.errors)")
    let other = try run(
      "train-cnn", "--quick", "--output", folder.path, "--resume", file, "--optimizer", "sgd", "--seed", "2")
    #expect(other.status == 1 && other.output.isEmpty)
    #expect(
      other.errors.hasPrefix(
        """
        error: \(file): the checkpoint is of a run with other settings.
               --optimizer: the checkpoint has adam, this run sgd
               --learning-rate: the checkpoint has 0.001, this run 0.1
               --seed: the checkpoint has 1, this run 2
               the data: the checkpoint has 2000 images
        """), "\(other.errors)")
    let weights = try run(
      "train-cnn", "--quick", "--output", folder.path, "--resume", folder.file("weights.safetensors"))
    #expect(weights.status == 1 && weights.errors.contains("the file is no checkpoint"), "\(weights.errors)")
    let missing = try run("train-cnn", "--quick", "--output", folder.path, "--resume", folder.file("none"))
    #expect(missing.status == 1 && missing.errors.contains("there is no such file"), "\(missing.errors)")
  }
}
