import Foundation
import Testing

/// `workbook watch`: what it shows, and how it leaves the terminal.
@Suite(.serialized) struct WatchCommandTests {
  /// Nothing is saved but 1.1: the file made for 1.2 is no reason to go there, that of 2.1 is.
  @Test func showsWhatIsSaved() throws {
    let watch = try Watching("1.1", ["01-BigAndSmall/PerceptronParameters.swift": perceptronParameters])
    defer { watch.kill(SIGKILL) }
    #expect(watch.shows("Next: 1.2", seconds: 60), "\(watch.output)")
    #expect(watch.exists("01-BigAndSmall/ConvolutionParameters.swift"))
    Thread.sleep(forTimeInterval: 2)
    #expect(!watch.output.contains("Not started"), "\(watch.output)")
    #expect(!watch.output.contains("saved"))

    try watch.save("func crossCorrelate1d() {}\n", "02-Convolution/CrossCorrelation1d.swift")
    #expect(watch.shows("2.1  ", seconds: 60), "\(watch.output)")
    #expect(watch.shows("saved", seconds: 10))
    // Written anew in the same second and with the same length, it is another file all the same.
    try watch.save("func crossCorrelate1D() {}\n", "02-Convolution/CrossCorrelation1d.swift")
    #expect(watch.shows("saved", times: 2, seconds: 60), "\(watch.output)")
    #expect(!watch.output.contains("Not started"))
  }

  #if os(Linux)
    /// Every way out gives the terminal back as it was: lines, and what is typed can be seen.
    @Test(arguments: [0, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT])
    func restoresTheTerminal(_ signal: Int32) throws {
      let terminal = try Terminal()
      let watch = try Watching("1.1", [:], on: terminal)
      defer { watch.kill(SIGKILL) }
      #expect(terminal.becomes(raw: true))
      // A signal comes in the middle of a check, which a key waits for.
      if signal == 0 { terminal.type("q") } else { watch.kill(signal) }
      watch.waitUntilExit()
      #expect(!terminal.isRaw)
      #expect(watch.endedBy == signal)
    }

    @Test func restoresTheTerminalAfterAnError() throws {
      let terminal = try Terminal()
      let watch = try Watching("1.1", [:], on: terminal)
      defer { watch.kill(SIGKILL) }
      #expect(terminal.shows("q quit"), "\(terminal.text)")
      try watch.save("{", "progress.json")
      terminal.type("h")
      watch.waitUntilExit()
      #expect(!terminal.isRaw)
      #expect(terminal.shows("not the workbook's progress"), "\(terminal.text)")
    }
  #endif
}

private let perceptronParameters = """
  func perceptronParameters(sizes: [Int], hasBias: Bool) throws -> Int {
    zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 + (hasBias ? $1.1 : 0) }
  }

  """

/// A running `workbook watch` with a learner's folder of its own.
private final class Watching {
  private let folder: TemporaryFolder
  private let process = Process()

  init(_ exercise: String, _ files: [String: String], on terminal: FileHandle? = nil) throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("yours"), withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: folder.file("output")))
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "workbook")
    process.arguments = ["watch", exercise, "--yours", folder.file("yours")]
    process.currentDirectoryURL = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    process.standardInput = terminal ?? FileHandle.nullDevice
    let output = try terminal ?? FileHandle(forWritingTo: URL(filePath: folder.file("output")))
    process.standardOutput = output
    process.standardError = output
    for (name, text) in files { try save(text, name) }
    try process.run()
  }

  #if os(Linux)
    convenience init(_ exercise: String, _ files: [String: String], on terminal: Terminal) throws {
      try self.init(exercise, files, on: terminal.end)
    }
  #endif

  func save(_ text: String, _ name: String) throws {
    let file = URL(filePath: folder.file("yours/" + name))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.file("yours/" + name))
  }

  var output: String { (try? String(contentsOfFile: folder.file("output"), encoding: .utf8)) ?? "" }

  func shows(_ text: String, times: Int = 1, seconds: Int) -> Bool {
    for _ in 0..<10 * seconds where output.components(separatedBy: text).count <= times {
      Thread.sleep(forTimeInterval: 0.1)
    }
    return output.components(separatedBy: text).count > times
  }

  func kill(_ signal: Int32) { if process.isRunning { Foundation.kill(process.processIdentifier, signal) } }

  func waitUntilExit() {
    for _ in 0..<600 where process.isRunning { Thread.sleep(forTimeInterval: 0.1) }
    kill(SIGKILL)
    process.waitUntilExit()
  }

  /// The signal that ended it; 0 where it ended by itself.
  var endedBy: Int32 { process.terminationReason == .exit ? 0 : process.terminationStatus }
}

#if os(Linux)
  // Swift's view of the C library has none of these.
  @_silgen_name("posix_openpt") private func posix_openpt(_ flags: Int32) -> Int32
  @_silgen_name("grantpt") private func grantpt(_ terminal: Int32) -> Int32
  @_silgen_name("unlockpt") private func unlockpt(_ terminal: Int32) -> Int32
  @_silgen_name("ptsname") private func ptsname(_ terminal: Int32) -> UnsafePointer<CChar>?

  /// A terminal, and who sits before it.
  private final class Terminal {
    /// The end that programs read from and write to.
    let end: FileHandle
    private let keyboard: Int32
    private var shown: [UInt8] = []

    struct None: Error {}

    init() throws {
      keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)
      guard keyboard >= 0, grantpt(keyboard) == 0, unlockpt(keyboard) == 0,
        let name = ptsname(keyboard).map({ String(cString: $0) })
      else { throw None() }
      let other = open(name, O_RDWR | O_NOCTTY)
      guard other >= 0 else { throw None() }
      end = FileHandle(fileDescriptor: other, closeOnDealloc: true)
    }

    deinit { close(keyboard) }

    var isRaw: Bool {
      var modes = termios()
      tcgetattr(end.fileDescriptor, &modes)
      return modes.c_lflag & tcflag_t(ICANON | ECHO) == 0
    }

    func becomes(raw: Bool) -> Bool {
      for _ in 0..<300 where isRaw != raw { Thread.sleep(forTimeInterval: 0.1) }
      return isRaw == raw
    }

    func type(_ keys: String) {
      _ = Array(keys.utf8).withUnsafeBytes { write(keyboard, $0.baseAddress, $0.count) }
    }

    /// What is to be seen so far.
    var text: String {
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(keyboard, &bytes, bytes.count)
        if count <= 0 { break }
        shown += bytes[..<count]
      }
      return String(decoding: shown, as: UTF8.self)
    }

    func shows(_ part: String) -> Bool {
      for _ in 0..<600 where !text.contains(part) { Thread.sleep(forTimeInterval: 0.1) }
      return text.contains(part)
    }
  }
#endif
