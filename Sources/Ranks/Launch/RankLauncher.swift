import Formats
import Foundation
import NumberText
import Synchronization
import Tensors

/// Starts a program as several ranks by `mpirun`, listens to them, and says in plain words what has happened when one of them
/// dies or is stuck.
///
/// MPI itself knows only half of that: it notices that a process has died, says so in a page of text, and ends the others. A
/// process that hangs it does not notice at all, and the others wait for it forever. So every rank sends signals
/// (``RankSignal``), and when no step has been made for a while this process ends them all.
///
/// - PyTorch: `torchrun`.
/// - Book: section 11.5.
public struct RankLauncher: Sendable {
  /// How many ranks.
  public var ranks: Int
  /// A file with the machines, as `mpirun` reads it: a line for each, `name slots=2`; nil for this machine alone.
  public var hostfile: String?
  /// Whether more ranks may be started than there are cores.
  public var oversubscribes = false
  /// How many seconds may pass without a step in any rank.
  public var timeLimit = 60.0

  /// So many ranks on this machine.
  public init(ranks: Int) { self.ranks = ranks }

  /// The variable that tells a rank that somebody listens.
  static let watched = "WORKBOOK_RANKS_WATCHED"

  /// Whether this process is a rank that a launcher has started.
  public static var isRank: Bool { ProcessInfo.processInfo.environment[watched] != nil }

  /// Whether more ranks are wanted than this machine has cores: they share them then, and times mean nothing.
  public var sharesCores: Bool { hostfile == nil && ranks > ProcessInfo.processInfo.activeProcessorCount }

  /// Throws where these ranks cannot be started: no MPI, a hostfile that names nobody, too many.
  public func check() throws {
    for name in ["mpirun", "mpicc"] where MPI.program(name) == nil {
      throw RanksFailed(MPI.howToInstall(name))
    }
    if let hostfile { _ = try Self.machines(inHostfile: hostfile) }
    if sharesCores, !oversubscribes {
      let cores = ProcessInfo.processInfo.activeProcessorCount
      throw RanksFailed(
        "\(ranks) ranks on \(cores) \(cores == 1 ? "core" : "cores"): they would take turns.\n"
          + "       Give --oversubscribe if that is meant (it works, and is slow), or --hostfile with more machines."
      )
    }
  }

  /// The lines of a hostfile that name a machine.
  ///
  /// - Throws: `FileError` where it cannot be read, or names none.
  package static func machines(inHostfile path: String) throws(FileError) -> [String] {
    let text = try FileContents.text(of: path, limit: 1 << 24)
    let machines = text.split(whereSeparator: \.isNewline)
      .map { $0.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    if machines.isEmpty {
      throw FileError(
        path, "the hostfile names no machine", expected: "a line for each, such as `node1 slots=2`")
    }
    return machines
  }

  /// The command line: which options there are depends on whose `mpirun` it is.
  func command(_ program: String, _ arguments: [String], mpirun: String, isOpenMPI: Bool, isRoot: Bool)
    -> [String]
  {
    var words = [mpirun, "-np", "\(ranks)"]
    if isOpenMPI {
      // The ranks place their threads themselves.
      words += ["--bind-to", "none"]
      if isRoot { words.append("--allow-run-as-root") }
      if let hostfile { words += ["--hostfile", hostfile] }
      if oversubscribes { words.append("--oversubscribe") }
      words += ["-x", Self.watched, "-x", "WORKBOOK_FOLDER"]
    } else if let hostfile {
      words += ["-f", hostfile]
    }
    return words + [program] + arguments
  }

  /// Runs the ranks to their end.
  ///
  /// - Parameters:
  ///   - program: The file of the program.
  ///   - arguments: Its arguments.
  ///   - isToStop: Asked ten times a second; when it says so, the ranks are told to end as by Ctrl-C.
  ///   - onSignal: Called with each signal of a rank.
  /// - Returns: What rank 0 has written to its standard output.
  /// - Throws: `RanksFailed`, with the rank and the reason.
  public func run(
    _ program: String, _ arguments: [String], isToStop: () -> Bool = { false },
    onSignal: (RankSignal) -> Void = { _ in }
  ) throws -> String {
    try check()
    let mpirun = MPI.program("mpirun")!
    let isOpenMPI = try MPI.output(of: mpirun, ["--version"]).words.contains("Open MPI")
    // Compiled here, not by all ranks at once.
    _ = try MPIPlugin.compiled()
    let words = command(program, arguments, mpirun: mpirun, isOpenMPI: isOpenMPI, isRoot: geteuid() == 0)
    let process = Process()
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(
      [Self.watched: "1", "WORKBOOK_FOLDER": MPIPlugin.workbook]
    ) { $1 }
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Stream(), Stream())
    process.standardOutput = output.pipe
    process.standardError = errors.pipe
    var watch = RankWatch(ranks: ranks, timeLimit: timeLimit)
    try process.run()
    var isStopped = false
    func listen() {
      for line in errors.lines() {
        if let signal = RankSignal(line: line) {
          watch.hear(signal)
          onSignal(signal)
        } else {
          watch.words.append(line)
        }
      }
    }
    while process.isRunning {
      usleep(100_000)
      listen()
      if isToStop(), !isStopped {
        isStopped = true
        process.terminate()
      }
      if let stuck = watch.stuck {
        end(process)
        throw RanksFailed(stuck)
      }
    }
    errors.finish()
    output.finish()
    listen()
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    if status == 0, !isStopped { return output.text }
    if isStopped { throw RanksStopped() }
    throw RanksFailed(watch.reason(status: status))
  }

  /// Ends `mpirun`, which ends its ranks; for good where it does not obey.
  private func end(_ process: Process) {
    process.terminate()
    for _ in 0..<30 where process.isRunning { usleep(100_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  /// What a process writes, as it comes.
  private final class Stream: Sendable {
    let pipe = Pipe()
    private let bytes = Mutex(Data())

    init() {
      pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
        let more = handle.availableData
        self?.bytes.withLock { $0 += more }
      }
    }

    /// Reads what is still there when the process has ended.
    func finish() {
      pipe.fileHandleForReading.readabilityHandler = nil
      let rest = pipe.fileHandleForReading.readDataToEndOfFile()
      bytes.withLock { $0 += rest + Data("\n".utf8) }
    }

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    /// The lines that have become whole since the last call.
    func lines() -> [String] {
      bytes.withLock { bytes in
        guard let end = bytes.lastIndex(of: 0x0A) else { return [] }
        let whole = String(decoding: bytes[bytes.startIndex..<end], as: UTF8.self)
        bytes = Data(bytes[(end + 1)...])
        return whole.split(separator: "\n").map(String.init)
      }
    }
  }
}

/// The ranks were told to end, and did.
public struct RanksStopped: Error {}
