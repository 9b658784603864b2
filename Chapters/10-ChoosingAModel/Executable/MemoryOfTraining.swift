import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Foundation
import Workbench

/// `memory-of`: what the training of one network adds to the memory of a process, measured in a process of its own, since
/// memory that a process has had once it keeps.
struct MemoryOfTraining: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory-of",
    abstract: "What training one network adds to the memory of the process, in MiB.",
    discussion: """
      Four steps with batches of 32, one thread. The peak before the first step is taken off.

      EXAMPLES
        choose-model memory-of lists lstm --width 64
      """)

  @Argument(help: "digits, pixels, lists or sentences.")
  var task: TaskName

  @Argument(help: "bag, cnn, rnn, gru, lstm or attention.")
  var kind: NetworkKind

  @Option(parsing: .unconditional, help: "The network's width.")
  var width = 64

  func validate() throws {
    if !(1...2_048).contains(width) || kind == .attention && width % 4 != 0 {
      throw ValidationError("--width must be from 1 to 2,048, for attention a multiple of 4, given \(width)")
    }
  }

  func run() throws {
    Parallel.threads = 1
    let data = task.data(.init(training: 128, validation: 1, test: 1), seed: 1)
    let task = SequenceTask(data)
    let batches = task.batches(epoch: 1, batchSize: 32, seed: 1).map { task.batch($0, epoch: 1) }
    let before = Machine.peakMemoryMiB
    let model = SequenceClassifier(kind, for: data, width: width)
    let optimizer = Adam(model.parameters)
    for batch in batches {
      let loss = task.step(model, on: batch).loss
      optimizer.clearGradients()
      loss.backward()
      optimizer.step()
    }
    print(Machine.peakMemoryMiB - before)
  }

  /// Asks a process of its own. Nil where none can be started.
  static func measure(_ task: TaskName, _ kind: NetworkKind, width: Int) -> Double? {
    guard let program = Bundle.main.executableURL else { return nil }
    let process = Process()
    process.executableURL = program
    process.arguments = ["memory-of", task.rawValue, kind.rawValue, "--width", "\(width)"]
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0
      ? Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) : nil
  }
}
