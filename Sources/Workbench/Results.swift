import Formats
import Foundation
import Tensors

/// What an experiment found, for programs to read: `results.json`.
///
/// `metrics` is flat, name to number, with every figure worth checking; accuracies go from 0 to 1.
public struct Results: Sendable, Codable {
  /// The command line that was run.
  public var command: String
  /// How much of it was run, where that was a choice. Nil in results that are older than this field.
  public var scale: Scale?
  /// The seed that it ran with.
  public var seed: UInt64
  /// The workbook's version.
  public var version = Results.projectVersion
  /// The machine that it ran on.
  public var machine = Machine.current
  /// How long it took.
  public var seconds = 0.0
  /// Every figure worth checking, by name.
  public var metrics: [String: Double] = [:]
  /// The tables that were shown, in order.
  public var tables: [Table] = []
  /// The files written beside this one.
  public var files: [String] = []
  /// What is to be seen in a drawing, for those who do not see it, by the file's name. Nil in results without drawings.
  public var descriptions: [String: String]?

  /// The version of the workbook, for `--version` and for results.
  public static let projectVersion = "0.1.0"

  /// Results without a figure yet, of this machine.
  public init(command: String, seed: UInt64) {
    self.command = command
    self.seed = seed
  }

  /// Writes `results.json` into `folder`, whole or not at all. Numbers that JSON cannot hold are left out.
  public func write(to folder: OutputFolder) throws {
    var finite = self
    finite.metrics = metrics.filter { $0.value.isFinite }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(finite) + Data("\n".utf8), to: folder.file("results.json"))
  }
}

/// The machine that an experiment ran on.
public struct Machine: Sendable, Codable {
  /// The processor's name, where the system tells it: `AMD EPYC 7B13`.
  public var processor: String
  /// How many cores the system shows.
  public var cores: Int
  /// How many threads computed.
  public var threads: Int
  /// The operating system and its version.
  public var system: String
  /// The instructions and the matrix products that were used: with others, sums come out in other last digits. Nil in
  /// results that are older than this field.
  public var kernels: String?

  /// The machine that this program runs on, with the threads that it uses now.
  public static var current: Machine {
    Machine(
      processor: processorName, cores: ProcessInfo.processInfo.processorCount, threads: Parallel.threads,
      system: ProcessInfo.processInfo.operatingSystemVersionString,
      kernels: "\(ProcessorKernels.instructions), \(ProcessorKernels.name)")
  }

  private static var processorName: String {
    #if os(Linux)
      let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      for line in info.split(separator: "\n") where line.hasPrefix("model name") {
        if let colon = line.firstIndex(of: ":") {
          return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
      }
    #endif
    return "unknown"
  }

  /// The most memory that this process has held, in MiB.
  public static var peakMemoryMiB: Double {
    #if os(Linux)
      // `ru_maxrss` would begin with what the parent held when it started this process.
      let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
      for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
        if let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) }
        ) {
          return kibibytes / 1024
        }
      }
    #endif
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Double(usage.ru_maxrss) / 1024
    #else
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1_048_576
    #endif
  }
}
