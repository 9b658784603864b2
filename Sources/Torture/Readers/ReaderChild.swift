import ArgumentParser
import Formats
import Foundation
import Tensors

/// `torture read-mutated`: the process in which inputs are read. It notes which one it is at, so that whoever watches knows
/// what it died of.
struct ReadMutated: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read-mutated", abstract: "Read mutated inputs, in a process that may end.",
    shouldDisplay: false)

  /// What stands where in the shared numbers.
  enum Place: Int, CaseIterable { case current, accepted, refused, faults, peak, reads, digest }

  @Option var reader: String
  @Option var seed: UInt64
  @Option var from: Int
  @Option var to: Int
  @Option var folder: String
  @Option var numbers: String
  /// The memory that it may take beyond what it has, in MiB; 0: any.
  @Option var limit = 0

  func run() throws {
    let subject = try Self.subject(reader)
    let shared = try SharedNumbers(numbers)
    let mutator = Mutator(subject, seed: seed)
    Parallel.threads = 1
    let good = try Self.readings(of: subject, folder)
    if limit > 0 { MemoryLimit.set(more: limit << 20) }
    MemoryLimit.forget()
    let before = MemoryLimit.held
    for index in from..<to {
      shared[Place.current.rawValue] = index
      let input = mutator.input(index)
      shared[Place.digest.rawValue] += Int(Reading(input.bytes).digest >> 32)
      let path = "\(folder)/\(index)\(subject.ending)"
      // As plainly as possible: nothing here waits for the disk.
      guard let file = fopen(path, "w") else { throw Fault("\(path) cannot be written") }
      fwrite(input.bytes, 1, input.bytes.count, file)
      fclose(file)
      defer { unlink(path) }
      if let words = Self.fault(of: input, at: path, subject, good, shared) {
        shared[Place.faults.rawValue] += 1
        note("\(index)\t\(words.replacing("\n", with: " "))\n")
      }
      shared[Place.reads.rawValue] += 1
    }
    shared[Place.peak.rawValue] = max(shared[Place.peak.rawValue], MemoryLimit.peak - before)
    shared[Place.current.rawValue] = to
  }

  static func subject(_ name: String) throws -> ReaderSubject {
    let all = try ReaderSubject.all()
    guard let subject = (all + BrokenReaders.all).first(where: { $0.name == name }) else {
      throw ValidationError(
        "there is no reader '\(name)'; there are: \(all.map(\.name).joined(separator: ", "))")
    }
    return subject
  }

  /// What is read in the good files.
  static func readings(of subject: ReaderSubject, _ folder: String) throws -> [Reading] {
    try subject.good.enumerated().map { place, bytes in
      let path = "\(folder)/good-\(place)\(subject.ending)"
      defer { unlink(path) }
      try Data(bytes).write(to: URL(filePath: path))
      do { return try subject.read(path) } catch {
        throw Fault("a good file of \(subject.name), number \(place), is refused: \(error)")
      }
    }
  }

  /// Reads one input. What is wrong with what comes of it; nil for nothing.
  static func fault(
    of input: Mutator.Input, at path: String, _ subject: ReaderSubject, _ good: [Reading],
    _ shared: SharedNumbers?
  ) -> String? {
    do {
      let reading = try subject.read(path)
      shared?[Place.accepted.rawValue] += 1
      if subject.isChecked, input.isPlainDamage, reading != good[input.origin] {
        return "a damaged file was read as whole (\(input.what))"
      }
      return nil
    } catch {
      shared?[Place.refused.rawValue] += 1
      if input.isWhole { return "a good file was refused: \(error)" }
      return raw(error, path)
    }
  }

  /// What is wrong with an error itself: words of a library, of the system or of nobody.
  private static func raw(_ error: any Error, _ path: String) -> String? {
    if let fault = error as? Fault { return fault.description }
    let words = "\(error)"
    if error is DecodingError || type(of: error) is NSError.Type {
      return "an error of Foundation is passed on: \(words.prefix(200))"
    }
    if words.isEmpty { return "an error without a word" }
    if words.utf8.count > 20_000 { return "an error of \(words.utf8.count) bytes" }
    if words.unicodeScalars.contains(where: {
      $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x7F
    }) {
      return "an error with control characters: \(words.debugDescription.prefix(200))"
    }
    if let error = error as? FileError, error.path.isEmpty { return "an error that names no file: \(words)" }
    return nil
  }

  private func note(_ words: String) {
    guard let file = fopen("\(folder)/faults", "a") else { return }
    fputs(words, file)
    fclose(file)
  }
}
