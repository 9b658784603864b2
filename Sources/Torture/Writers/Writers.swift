import ArgumentParser
import Foundation
import NumberText
import Workbench

/// `torture writers`: whoever writes is killed, and finds the disk full, forbidden or gone.
struct Writers: TorturePart {
  static let name = "writers"
  static let configuration = CommandConfiguration(
    commandName: "writers", abstract: "Every writer, killed at moments of chance, and on bad disks.",
    discussion: """
      After each kill the old file or the new one must be there whole; after the next run nothing else. As the system's
      administrator, disks are filled for real and folders are another user's; else a limit to a file's size stands for the
      first, and the second is left out.

      EXAMPLES
        torture writers
        sudo ./workbook torture writers
      """)

  @OptionGroup var options: TortureOptions

  @Option(help: "Only this writer; may be given several times.")
  var only: [String] = []

  /// All that end a program and can be sent to one that has not asked for them.
  private static var signals: [Int32] {
    var all = [
      SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV, SIGUSR2, SIGALRM,
      SIGTERM,
      SIGXCPU, SIGVTALRM, SIGPROF, SIGSYS,
    ]
    #if os(Linux)
      all += [SIGSTKFLT, SIGIO, SIGPWR]
    #endif
    return all
  }

  func attempt(_ experiment: inout Experiment) throws -> [String] {
    let work = NSTemporaryDirectory() + "torture-writers-\(getpid())"
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    chmod(work, 0o777)
    defer { try? FileManager.default.removeItem(atPath: work) }
    let subjects = only.isEmpty ? WriterSubject.all : try only.map { try WriteAgain.subject($0) }
    let kills = options.count(540, quick: 27) / WriterSubject.all.count
    let signals = options.common.quick ? [SIGTERM] : Self.signals
    let progress = Progress("killing", total: subjects.count + 1, unit: "writers")
    var outcomes: [WriterTrial.Outcome] = []
    var hasDisk = false
    for (place, subject) in subjects.enumerated() {
      var outcome = WriterTrial.Outcome(name: subject.name)
      let trial = WriterTrial(subject: subject, work: "\(work)/\(place)", seed: options.common.seed)
      try FileManager.default.createDirectory(atPath: trial.work, withIntermediateDirectories: true)
      try trial.kill(kills, signals: signals, &outcome)
      let other = "\(work)/\(place)-disk"
      try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
      chmod(other, 0o777)
      let disk = SmallDisk(other + "/disk")
      hasDisk = disk != nil
      try WriterTrial(
        subject: subject, work: other, seed: options.common.seed, folder: other + "/disk/folder"
      ).trouble(disk: disk, &outcome)
      outcomes.append(outcome)
      progress.update(place + 1)
    }
    let training = try TrainingTrial.attempt(
      options.count(60, quick: 5), seed: options.common.seed, work: work)
    return show(outcomes, training, signals.count, hasDisk, &experiment)
  }

  private func show(
    _ outcomes: [WriterTrial.Outcome], _ training: (kills: Int, words: [String]), _ signals: Int,
    _ hasDisk: Bool,
    _ experiment: inout Experiment
  ) -> [String] {
    var table = Table(
      "Writers",
      columns: [
        "what is written", "kills", "while writing", "whole", "left by kills", "after the next run",
        "refusals",
      ])
    for outcome in outcomes {
      table.add(
        outcome.name, grouped(outcome.kills), grouped(outcome.within), grouped(outcome.whole),
        "\(outcome.left)",
        "\(outcome.stray)", "\(outcome.refusals)")
    }
    table.add(
      "a training run", grouped(training.kills), grouped(training.kills),
      training.words.isEmpty ? grouped(training.kills) : "0",
      "0", "0", "")
    experiment.show(
      table,
      note:
        "Whole: the old version or the new one was there. Left by kills: temporary files, which the next run removes. \n"
        + "  Refusals: of a disk that is \(hasDisk ? "full" : "full (a limit to a file's size)"), a folder that may not be written to or is gone: an error, the old file\n"
        + "  as it was. A training run goes on from its checkpoint, and comes to the same bits; its log has each step once."
    )
    let kills = outcomes.reduce(0) { $0 + $1.kills } + training.kills
    experiment.metrics["kills"] = Double(kills)
    experiment.metrics["kills_while_writing"] = Double(outcomes.reduce(0) { $0 + $1.within } + training.kills)
    experiment.metrics["whole"] = Double(
      outcomes.reduce(0) { $0 + $1.whole } + (training.words.isEmpty ? training.kills : 0))
    experiment.metrics["left_by_kills"] = Double(outcomes.reduce(0) { $0 + $1.left })
    experiment.metrics["stray_files"] = Double(outcomes.reduce(0) { $0 + $1.stray })
    experiment.metrics["refusals"] = Double(outcomes.reduce(0) { $0 + $1.refusals })
    experiment.metrics["writers"] = Double(outcomes.count + 1)
    experiment.metrics["signals"] = Double(signals + 1)
    experiment.metrics["training_kills"] = Double(training.kills)
    experiment.metrics["disks_were_full"] = hasDisk ? 1 : 0
    return outcomes.flatMap(\.words) + training.words
  }
}
