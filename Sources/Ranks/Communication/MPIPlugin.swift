import Formats
import Foundation

/// The C file of this folder that calls MPI, compiled and loaded.
///
/// MPI is not needed to build the workbook. It would be possible to have it as a trait of the package, but then everything
/// is built anew when somebody asks for it, and the program fits one MPI alone. So the calls stand in one C file outside the
/// package's targets: the first run that wants ranks has it compiled by `mpicc`, which knows where its MPI is, into
/// `.build/ranks`, and loads it. Another `mpicc` makes another file, and a newer source is compiled anew.
struct MPIPlugin: @unchecked Sendable {  // addresses of functions, never changed
  /// The functions of `mpi_ranks.c`, in its words.
  typealias Begin = @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
  typealias Text = @convention(c) (UnsafeMutablePointer<CChar>, Int) -> Int32
  typealias ErrorText = @convention(c) (Int32, UnsafeMutablePointer<CChar>, Int) -> Int32
  typealias Sum = @convention(c) (UnsafeMutablePointer<Float>?, Int) -> Int32
  typealias SumStart =
    @convention(c) (UnsafeMutablePointer<Float>?, Int, UnsafeMutablePointer<UnsafeMutableRawPointer?>) ->
    Int32
  typealias SumTest = @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>) -> Int32
  typealias SumWait = @convention(c) (UnsafeMutableRawPointer) -> Int32
  typealias Broadcast = @convention(c) (UnsafeMutablePointer<Float>?, Int, Int32) -> Int32
  typealias Gather = @convention(c) (UnsafeRawPointer?, Int, UnsafeMutableRawPointer?) -> Int32
  typealias Plain = @convention(c) () -> Int32
  typealias Abort = @convention(c) (Int32) -> Int32

  let begin: Begin
  let library: Text
  let errorText: ErrorText
  let sum: Sum
  let sumStart: SumStart
  let sumTest: SumTest
  let sumWait: SumWait
  let broadcast: Broadcast
  let gather: Gather
  let barrier: Plain
  let end: Plain
  let abort: Abort

  private static let version: Int32 = 1

  /// Compiles it where that is to be done, and loads it.
  init() throws {
    let path = try Self.compiled()
    // Open MPI loads parts of itself later on, which look for its names in the whole program.
    guard let handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL) else {
      throw RanksFailed(
        "\(path) cannot be loaded: \(String(cString: dlerror()))\n       Delete it, and try again.")
    }
    func function<Function>(_ name: String, _ type: Function.Type) throws -> Function {
      guard let address = dlsym(handle, name) else {
        throw RanksFailed("\(path) has no function \(name). Delete the file, and try again.")
      }
      return unsafeBitCast(address, to: type)
    }
    let found = try function("ranks_version", Plain.self)()
    if found != Self.version {
      throw RanksFailed(
        "\(path) is of version \(found), not \(Self.version). Delete the file, and try again.")
    }
    begin = try function("ranks_begin", Begin.self)
    library = try function("ranks_library", Text.self)
    errorText = try function("ranks_error", ErrorText.self)
    sum = try function("ranks_sum", Sum.self)
    sumStart = try function("ranks_sum_start", SumStart.self)
    sumTest = try function("ranks_sum_test", SumTest.self)
    sumWait = try function("ranks_sum_wait", SumWait.self)
    broadcast = try function("ranks_broadcast", Broadcast.self)
    gather = try function("ranks_gather", Gather.self)
    barrier = try function("ranks_barrier", Plain.self)
    end = try function("ranks_end", Plain.self)
    abort = try function("ranks_abort", Abort.self)
  }

  /// The compiled file, made where it is missing or older than its source.
  static func compiled() throws -> String {
    guard let compiler = MPI.program("mpicc") else { throw RanksFailed(MPI.howToInstall("mpicc")) }
    let source = workbook + "/Sources/Ranks/Plugin/mpi_ranks.c"
    guard FileManager.default.fileExists(atPath: source) else {
      throw RanksFailed(
        "\(source) is missing, which calls MPI. Run the program as ./workbook run … does, with WORKBOOK_FOLDER set."
      )
    }
    let folder = workbook + "/.build/ranks"
    // Each MPI has its own: what mpicc is in the end tells them apart.
    let real = URL(filePath: compiler).resolvingSymlinksInPath().path
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in real.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let path = "\(folder)/mpi_ranks-\(String(hash, radix: 16)).so"
    if let made = changed(path), let written = changed(source), made >= written { return path }
    try AtomicFile.createFolder(folder)
    // Several ranks may find it missing at once: each makes its own, and the last one stays.
    let own = "\(path).\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...UInt32.max))"
    defer { unlink(own) }
    let (status, words) = try MPI.output(of: compiler, ["-O2", "-shared", "-fPIC", "-o", own, source])
    if status != 0 {
      throw RanksFailed("\(compiler) cannot compile \(source):\n\(words)")
    }
    if rename(own, path) != 0 {
      throw RanksFailed("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    return path
  }

  private static func changed(_ path: String) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
  }

  /// The workbook's own folder: where the script says, else where this file was compiled.
  static var workbook: String {
    ProcessInfo.processInfo.environment["WORKBOOK_FOLDER"]
      ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
  }
}
