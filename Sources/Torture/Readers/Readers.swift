import ArgumentParser
import Foundation
import NumberText
import Synchronization
import Workbench

/// `torture readers`: each reader reads thousands of inputs that nobody has written.
struct Readers: TorturePart {
  static let name = "readers"
  static let configuration = CommandConfiguration(
    commandName: "readers", abstract: "Every reader, with thousands of damaged and hostile inputs.",
    discussion: """
      Each reader works in a process of its own, with a limit to its memory. An input that ends it is kept, and the report
      says how to read it again.

      EXAMPLES
        torture readers
        torture readers --only PNG --only npz
        torture readers --sanitize address      watched for bad memory and leaks
      """)

  @OptionGroup var options: TortureOptions

  @Option(help: "Only this reader; may be given several times.")
  var only: [String] = []

  /// `./workbook` reads it, and builds and starts this program accordingly.
  @Option(help: "Build with a sanitizer first: address.")
  var sanitize: String?

  @Option(help: "How many seconds one input may take (default: 20).")
  var mostSeconds: Double?

  func attempt(_ experiment: inout Experiment) throws -> [String] {
    if sanitize != nil && !isSanitized {
      throw ValidationError("--sanitize is for ./workbook torture readers, which builds this program for it")
    }
    let subjects = only.isEmpty ? try ReaderSubject.all() : try only.map { try ReadMutated.subject($0) }
    let count = options.count(10_000, quick: 300)
    let work = NSTemporaryDirectory() + "torture-readers-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: work) }
    let progress = Mutex(Progress("reading", total: subjects.count, unit: "readers"))
    let found = Mutex<[Int: Result<ReaderTrial.Outcome, any Error>]>([:])
    let mostSeconds = mostSeconds
    let (seed, kept) = (options.common.seed, experiment.output.file("inputs"))
    // One child each; as many at once as there are cores.
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(1, ProcessInfo.processInfo.activeProcessorCount)) { _ in
      while true {
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if place >= subjects.count { return }
        let subject = subjects[place]
        var trial = ReaderTrial(
          subject: subject, seed: seed, count: count, work: "\(work)/\(place)", kept: kept)
        if let mostSeconds { trial.mostSeconds = mostSeconds }
        let outcome = Result { [trial] in try trial.run() }
        let done = found.withLock {
          $0[place] = outcome
          return $0.count
        }
        progress.withLock { $0.update(done) }
      }
    }
    let outcomes = try subjects.indices.map { place in try found.withLock { $0[place]! }.get() }
    return show(outcomes, &experiment)
  }

  private func show(_ outcomes: [ReaderTrial.Outcome], _ experiment: inout Experiment) -> [String] {
    var table = Table(
      "Inputs",
      columns: ["reader", "inputs", "accepted", "refused", "trapped", "hung", "over memory", "wrong", "MiB"])
    for outcome in outcomes {
      table.add(
        outcome.name, grouped(outcome.inputs), grouped(outcome.accepted), grouped(outcome.refused),
        "\(outcome.trapped)", "\(outcome.hung)", "\(outcome.overMemory)", "\(outcome.wrong)",
        fixed(Double(outcome.peak) / 1_048_576, 0))
    }
    experiment.show(
      table,
      note:
        "Accepted: read without an error, which is right where the damage says nothing wrong. Refused: by an error that\n"
        + "  says what is wrong. Wrong: damage read as whole where the format has a checksum, or another's error passed on.\n"
        + "  MiB: the most memory taken; "
        + (isSanitized ? "a sanitizer's own is in it." : "the limit is \(ReaderTrial.mostMiB)."))
    func sum(_ figure: KeyPath<ReaderTrial.Outcome, Int>) -> Double {
      Double(outcomes.reduce(0) { $0 + $1[keyPath: figure] })
    }
    experiment.metrics["readers"] = Double(outcomes.count)
    experiment.metrics["inputs"] = sum(\.inputs)
    experiment.metrics["accepted"] = sum(\.accepted)
    experiment.metrics["refused"] = sum(\.refused)
    experiment.metrics["trapped"] = sum(\.trapped)
    experiment.metrics["hung"] = sum(\.hung)
    experiment.metrics["over_memory"] = sum(\.overMemory)
    experiment.metrics["wrong"] = sum(\.wrong)
    experiment.metrics["inputs_digest"] = sum(\.digest)
    experiment.metrics["fewest_inputs"] = Double(outcomes.map(\.inputs).min() ?? 0)
    experiment.metrics["most_mebibytes"] = Double(outcomes.map(\.peak).max() ?? 0) / 1_048_576
    if !isSanitized { experiment.metrics["limit_mebibytes"] = Double(ReaderTrial.mostMiB) }
    var words = outcomes.flatMap(\.words)
    for outcome in outcomes where outcome.accepted == 0 || outcome.refused == 0 {
      words.append(
        "\(outcome.name): \(outcome.accepted) accepted and \(outcome.refused) refused: nothing was tried by that"
      )
    }
    return words
  }
}

/// `torture read`: one file by one reader, in this process, so that a debugger can look on.
struct ReadOne: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Read one file by one reader: to repeat a fault.",
    discussion: """
      EXAMPLES
        torture read PNG out/torture/readers/inputs/PNG-1-4711.png
      """)

  @Argument(help: "The reader, as the report names it.") var reader: String
  @Argument(help: "The file.") var file: String

  func run() throws {
    let subject = try ReadMutated.subject(reader)
    do {
      let reading = try subject.read(file)
      print("read, with the digest \(String(reading.digest, radix: 16))")
    } catch {
      print("refused: \(error)")
    }
  }
}
