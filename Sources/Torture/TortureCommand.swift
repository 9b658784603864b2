import ArgumentParser
import Foundation
import NumberText
import Workbench

/// `./workbook torture`: what nobody should do, done by the thousand.
struct Torture: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "torture",
    abstract: "Faults and bad input, tried by the thousand: what is promised, as figures.",
    discussion: """
      Without a subcommand, runs all parts, in about ten minutes. A part fails on a trap, a hang, memory beyond the limit, an
      output that looks whole and is not, and a record that is lost or doubled; the report then says how to repeat it.

      EXAMPLES
        torture                              everything
        torture --quick                      a little of everything, in a minute
        torture readers --minutes 30         more inputs
        torture readers --only PNG --seed 7  one reader, other inputs
        torture read PNG out/torture/inputs/PNG-1-4711.png
        torture --json                       the results on standard output
      """,
    version: Results.projectVersion,
    subcommands: [
      AllParts.self, Readers.self, Writers.self, ArithmeticPart.self, Together.self, ReadOne.self,
      ReadMutated.self,
      WriteAgain.self, TrainAgain.self, CallEmpty.self,
    ],
    defaultSubcommand: AllParts.self)
}

/// The options of every part.
struct TortureOptions: ParsableArguments {
  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "About how long all parts together take.")
  var minutes = 10.0

  @Flag(help: "Print the results as JSON, and nothing else.")
  var json = false

  func validate() throws {
    if !(minutes > 0 && minutes <= 10_000) {
      throw ValidationError("--minutes must be above 0 and at most 10000, given \(minutes)")
    }
  }

  /// How often something is tried: `standard` times in ten minutes, more in more, never fewer but with `--quick`.
  func count(_ standard: Int, quick: Int) -> Int {
    if common.quick { return quick }
    return max(standard, Int(Double(standard) * minutes / 10))
  }
}

/// One of the parts: it tries, shows its figures, and says what must not be.
protocol TorturePart: ParsableCommand {
  /// The name of its folder.
  static var name: String { get }
  var options: TortureOptions { get set }
  /// - Returns: What was found that must not be, one text each.
  func attempt(_ experiment: inout Experiment) throws -> [String]
}

extension TorturePart {
  func run() throws {
    let output = try options.common.prepare("torture/\(Self.name)")
    let faults = try attempt(in: output)
    if options.json { print(try String(contentsOfFile: output.file("results.json"), encoding: .utf8)) }
    if !faults.isEmpty { throw ExitCode(1) }
  }

  /// Runs the part in its folder; what is wrong goes to standard error, too.
  func attempt(in output: OutputFolder) throws -> [String] {
    let command = "torture \(Self.name)"
    var experiment = Experiment(command, seed: options.common.seed, to: output)
    let quiet = options.json ? StandardOutput.silenced() : nil
    let faults: [String]
    do {
      faults = try attempt(&experiment)
      experiment.metrics["faults"] = Double(faults.count)
      Progress.clearLine()
      try experiment.finish()
    } catch {
      quiet?.restore()
      throw error
    }
    quiet?.restore()
    for fault in faults { Terminal.error("✗ \(fault)") }
    return faults
  }
}

/// Standard output, led away for a while.
struct StandardOutput {
  private let kept: Int32

  static func silenced() -> StandardOutput {
    fflush(nil)
    let kept = dup(1)
    let nowhere = open("/dev/null", O_WRONLY)
    dup2(nowhere, 1)
    close(nowhere)
    return StandardOutput(kept: kept)
  }

  func restore() {
    fflush(nil)
    dup2(kept, 1)
    close(kept)
  }
}

/// `all`: every part, one after the other.
struct AllParts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "All parts, one after the other, each into a folder of its own.")

  @OptionGroup var options: TortureOptions

  func run() throws {
    let output = try options.common.prepare("torture")
    var faults = 0
    var json: [String] = []
    func attempt<Part: TorturePart>(_ type: Part.Type) throws {
      var part = try type.parse([])
      part.options = options
      let folder = try output.folder(type.name)
      faults += try part.attempt(in: folder).count
      json.append(
        "\"\(type.name)\": " + (try String(contentsOfFile: folder.file("results.json"), encoding: .utf8)))
    }
    try attempt(Readers.self)
    try attempt(Writers.self)
    try attempt(ArithmeticPart.self)
    try attempt(Together.self)
    if options.json { print("{\n\(json.joined(separator: ",\n"))}") }
    if faults > 0 {
      Terminal.error("error: \(counted(faults, "fault")); what made them is kept under \(output.path)")
      throw ExitCode(1)
    }
    if !options.json { print("No trap, no hang, nothing half-written, nothing lost.") }
  }
}
