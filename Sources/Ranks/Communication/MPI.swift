import Formats
import Foundation
import Tensors

/// Ranks that are processes, on one machine or on many, which speak by MPI: Open MPI, MPICH, or another.
///
///     mpirun -np 2 .build/release/train-large ranks
///
/// starts the same program twice; `MPI.begin()` tells each which rank it is. The system's MPI is loaded while the program
/// runs, and nothing of it is needed before; the document of `MPIPlugin` says why.
///
/// - PyTorch: `torch.distributed.init_process_group("mpi")`, which wants a PyTorch built from source with MPI.
/// - Source: Message Passing Interface Forum, "MPI: a message-passing interface standard, version 3.1", 2015.
/// - Book: section 11.5.
public final class MPI: Communicator {
  public let rank: Int
  public let ranks: Int
  /// Which MPI it is: `Open MPI v4.1.4`.
  public let library: String
  private let plugin: MPIPlugin

  /// Begins to speak with the other ranks; once in a process, and from one thread.
  ///
  /// - Throws: `RanksFailed` when there is no MPI, or it does not work.
  public static func begin() throws -> MPI { try MPI() }

  private init() throws {
    plugin = try MPIPlugin()
    var (rank, ranks): (Int32, Int32) = (0, 0)
    let code = plugin.begin(&rank, &ranks)
    if code != 0 { throw RanksFailed("MPI cannot begin (error \(code)); is it installed as a whole?") }
    (self.rank, self.ranks) = (Int(rank), Int(ranks))
    var text = [CChar](repeating: 0, count: 200)
    _ = plugin.library(&text, text.count)
    library = String(
      decoding: text.prefix { $0 != 0 && $0 != 0x2C }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Whoever started it says how many there are to be. Each alone: mpirun and mpicc are of two different MPIs.
    if let started = Self.startedRanks, started != ranks {
      throw RanksFailed(
        "\(started) ranks were started, but this one sees \(ranks): mpirun and mpicc belong to different MPIs.\n"
          + "       mpicc's is \(library). Put both of one MPI first in PATH.")
    }
  }

  /// How many ranks `mpirun` has started this process among; nil where it was not started by one.
  public static var startedRanks: Int? {
    let environment = ProcessInfo.processInfo.environment
    // Open MPI, MPICH and Intel MPI.
    return ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
  }

  /// Whether `mpicc` and `mpirun` are there.
  public static var isInstalled: Bool { program("mpicc") != nil && program("mpirun") != nil }

  /// Says goodbye; every rank must, or `mpirun` takes it for dead.
  public func end() { _ = plugin.end() }

  /// Ends all ranks.
  public func abort(_ code: Int32) { _ = plugin.abort(code) }

  private func check(_ code: Int32, _ what: String) throws {
    if code == 0 { return }
    var text = [CChar](repeating: 0, count: 600)
    _ = plugin.errorText(code, &text, text.count)
    let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw RanksFailed("rank \(rank) of \(ranks): \(what) failed: \(words)")
  }

  public func startSum(of numbers: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum {
    var request: UnsafeMutableRawPointer?
    try check(plugin.sumStart(numbers.baseAddress, numbers.count, &request), "the start of a sum")
    return MPISum(communicator: self, request: request!)
  }

  private struct MPISum: PendingSum {
    let communicator: MPI
    let request: UnsafeMutableRawPointer

    func isDone() throws -> Bool {
      var done: Int32 = 0
      try communicator.check(communicator.plugin.sumTest(request, &done), "a sum")
      return done != 0
    }

    func wait() throws { try communicator.check(communicator.plugin.sumWait(request), "a sum") }
  }

  public func sum(of numbers: UnsafeMutableBufferPointer<Float>) throws {
    try check(plugin.sum(numbers.baseAddress, numbers.count), "a sum")
  }

  public func broadcast(_ numbers: UnsafeMutableBufferPointer<Float>, from root: Int) throws {
    try check(plugin.broadcast(numbers.baseAddress, numbers.count, Int32(root)), "a broadcast")
  }

  public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    let lengths = try gatherEqual(withUnsafeBytes(of: UInt64(bytes.count)) { Array($0) })
      .map { $0.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) } }
    let longest = lengths.max() ?? 0
    let padded = bytes + [UInt8](repeating: 0, count: longest - bytes.count)
    return zip(try gatherEqual(padded), lengths).map { Array($0.prefix($1)) }
  }

  private func gatherEqual(_ bytes: [UInt8]) throws -> [[UInt8]] {
    if bytes.isEmpty { return Array(repeating: [], count: ranks) }
    var all = [UInt8](repeating: 0, count: bytes.count * ranks)
    let code = all.withUnsafeMutableBytes { all in
      bytes.withUnsafeBytes { plugin.gather($0.baseAddress, $0.count, all.baseAddress) }
    }
    try check(code, "a gathering")
    return (0..<ranks).map { Array(all[$0 * bytes.count..<($0 + 1) * bytes.count]) }
  }

  public func barrier() throws { try check(plugin.barrier(), "a barrier") }
}

extension MPI {
  /// Where a program is: in the folders of PATH, or where the variable of its name in capitals says (`MPICC`, `MPIRUN`).
  public static func program(_ name: String) -> String? {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment[name.uppercased()] {
      return FileManager.default.isExecutableFile(atPath: named) ? named : nil
    }
    return ProgramSearch.find(name, path: environment["PATH"] ?? "/usr/bin:/bin")?.path
  }

  /// What to do where a program of MPI is missing.
  public static func howToInstall(_ name: String) -> String {
    """
    \(name) is missing: several processes speak by MPI, which is not installed.
           Debian, Ubuntu: sudo apt-get install libopenmpi-dev openmpi-bin. macOS: brew install open-mpi.
    """
  }

  /// Runs a program to its end: its exit status, and all that it printed.
  static func output(of program: String, _ arguments: [String]) throws -> (status: Int32, words: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let words = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, words)
  }
}
