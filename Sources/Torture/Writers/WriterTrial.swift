import Foundation
import Tensors

/// Kills one writer again and again, and looks each time at what it has left.
struct WriterTrial {
  /// What came of one writer.
  struct Outcome {
    var name: String
    var kills = 0
    /// Of these, how many came while a version was being written.
    var within = 0
    var whole = 0
    /// Temporary files that a kill has left, all told, and how many the next run has not removed.
    var left = 0
    var stray = 0
    var refusals = 0
    var words: [String] = []
  }

  let subject: WriterSubject
  let work: String
  let seed: UInt64

  /// Where it is written; on a disk of its own where that is to be filled.
  var folder: String
  private var numbers: String { work + "/numbers" }

  init(subject: WriterSubject, work: String, seed: UInt64, folder: String? = nil) {
    (self.subject, self.work, self.seed) = (subject, work, seed)
    self.folder = folder ?? work + "/folder"
  }

  func prepare() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // Anybody may write here: some of these processes are another user's.
    chmod(work, 0o777)
    chmod(folder, 0o777)
  }

  private static let endless = 1 << 40

  func child(from: Int, to: Int, _ more: [String] = []) throws -> Child {
    try Child(
      Child.thisProgram,
      [
        "write-again", "--writer", subject.name, "--folder", folder, "--numbers", numbers, "--from",
        "\(from)", "--to",
        "\(to)",
      ] + more, words: work + "/words")
  }

  /// What the last child has printed.
  var words: String { (try? String(contentsOfFile: work + "/words", encoding: .utf8)) ?? "" }

  /// Kills it `count` times at moments of chance, then ends it once by each signal that ends a program.
  func kill(_ count: Int, signals: [Int32], _ outcome: inout Outcome) throws {
    try prepare()
    let shared = try SharedNumbers(numbers)
    chmod(numbers, 0o666)
    var random = RandomStream(seed: seed, stream: Reading.digest(Array(subject.name.utf8)) & 0xFFFF)
    var last = 0
    for round in 0..<count + signals.count {
      let signal = round < count ? SIGKILL : signals[round - count]
      (shared[0], shared[1]) = (last, last)
      let child = try child(from: last + 1, to: Self.endless)
      // It takes a while to begin; what matters is the moment within its work.
      let deadline = ContinuousClock.now + .seconds(20)
      while shared[0] == last, child.poll() == nil, ContinuousClock.now < deadline { usleep(100) }
      usleep(UInt32(random.integer(below: 6000)))
      child.signal(signal)
      guard let end = child.wait(20) else {
        _ = child.kill()
        outcome.words.append("\(subject.name): signal \(signal) did not end it")
        continue
      }
      guard end == .signaled(signal) else {
        outcome.words.append("\(subject.name): it ended by itself before it was killed: \(end) \(words)")
        return
      }
      outcome.kills += 1
      let (begun, completed) = (shared[0], shared[1])
      if begun > completed { outcome.within += 1 }
      outcome.left += try leftovers().count
      do {
        let version = try subject.version(folder)
        // The one that was being written, or the one before it, whole.
        if version < completed || version > begun {
          throw Fault("version \(version) is there; \(completed) was done and \(begun) begun")
        }
        outcome.whole += 1
        last = version
      } catch {
        outcome.words.append("\(subject.name), killed by signal \(signal) (kill \(round + 1)): \(error)")
        return
      }
    }
    // The next run puts everything in order.
    try runOnce(last + 1, &outcome)
  }

  /// Writes one version in peace, and looks whether anything is in the folder that does not belong there.
  func runOnce(_ version: Int, _ outcome: inout Outcome) throws {
    let child = try child(from: version, to: version + 1)
    let end = child.wait(30) ?? child.kill()
    if end != .exited(0) {
      outcome.words.append("\(subject.name): it cannot be written afterwards: \(end) \(words)")
    }
    let stray = try leftovers()
    outcome.stray += stray.count
    if !stray.isEmpty {
      outcome.words.append(
        "\(subject.name): left behind after the next run: \(stray.sorted().joined(separator: ", "))")
    }
    if try subject.version(folder) != version {
      outcome.words.append("\(subject.name): version \(version) was written and is not there")
    }
  }

  /// What is in the folder and does not belong there.
  func leftovers() throws -> [String] {
    guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
    var found: [String] = []
    for case let path as String in walk {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder),
        isFolder.boolValue
      {
        // A folder of its own kind that was left behind counts as one.
        if path.hasPrefix("."), !path.contains("/") {
          found.append(path)
          walk.skipDescendants()
        }
        continue
      }
      if !subject.files.contains(path) { found.append(path) }
    }
    return found
  }
}
