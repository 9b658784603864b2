import Foundation
import Tensors
import Workbench

/// Two runs of an experiment compared: the same bits on the same kind of processor, within a tolerance elsewhere. What
/// depends on how fast a machine is, is not compared.
public struct OutputComparison: Sendable {
  /// What differs, in sentences.
  public private(set) var differences: [String] = []
  /// How many figures were compared, and how many are timings.
  public private(set) var compared = 0
  /// How many figures are about time or memory, and were not compared.
  public private(set) var timings = 0
  /// Whether bits were compared.
  public let isExact: Bool

  /// Elsewhere a figure may differ by this share of it, or by this much.
  public static let share = 0.05
  /// The least difference that counts, however small the figure.
  public static let difference = 0.02

  /// Words in the names of figures that are about time, memory and what a machine can do.
  private static let words: Set<String> = [
    "ms", "us", "ns", "second", "seconds", "minutes", "gflops", "gflop", "tflops", "mib", "gib", "gb", "gbs",
    "exponent",
    "speedup", "faster", "slower", "ratio", "bandwidth", "peak", "tokens", "milliseconds", "microseconds",
    "times", "wall",
    "highest", "lowest", "threads", "cores", "joule", "joules", "watt", "watts", "latency", "throughput",
    "overhead",
  ]

  static func isTiming(_ name: String) -> Bool {
    let parts = name.lowercased().split { !$0.isLetter }
    return parts.contains { words.contains(String($0)) }
  }

  /// Compares two runs, and the pictures in their folders.
  public init(_ committed: Results, _ new: Results, committedFolder: String, newFolder: String) {
    // A processor's name is not enough: rented machines often tell only the maker's.
    isExact =
      committed.machine.processor == new.machine.processor && committed.machine.processor != "unknown"
      && committed.machine.kernels != nil && committed.machine.kernels == new.machine.kernels
    let names = Set(committed.metrics.keys).union(new.metrics.keys).sorted()
    if let made = committed.scale, let now = new.scale, made != now {
      differences.append("the committed run was a \(made.rawValue) one, and this is a \(now.rawValue) one")
      return
    }
    var measures = false
    for name in names {
      if Self.isTiming(name) {
        timings += 1
        measures = true
        continue
      }
      compared += 1
      guard let a = committed.metrics[name], let b = new.metrics[name] else {
        differences.append("\(name) is in one of the two alone")
        continue
      }
      let isSame =
        isExact
        ? a == b : abs(a - b) <= max(Self.difference, Self.share * max(abs(a), abs(b)))
      if !isSame { differences.append("\(name): \(a) was committed, and now it is \(b)") }
    }
    if committed.seed != new.seed {
      differences.append("seed: \(committed.seed) was committed, and now it is \(new.seed)")
    }
    if committed.version != new.version {
      differences.append("version: \(committed.version) was committed, and now it is \(new.version)")
    }
    // A picture of an experiment that measures shows what it has measured.
    guard isExact, !measures else { return }
    for name in ((try? FileManager.default.contentsOfDirectory(atPath: committedFolder)) ?? []).sorted()
    where name != "results.json" {
      compared += 1
      if FileManager.default.contents(atPath: committedFolder + "/" + name)
        != FileManager.default.contents(atPath: newFolder + "/" + name)
      {
        differences.append("\(name) is another picture")
      }
    }
  }
}
