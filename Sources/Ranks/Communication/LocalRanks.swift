import Foundation
import Tensors

/// Ranks that are threads of this process: for tests, for teaching, and where there is no MPI.
///
///     let sums = try LocalRanks.run(3) { communicator in
///       var mine = [Float(communicator.rank)]
///       try communicator.sum(&mine)
///       return mine[0]
///     }                                   // [3, 3, 3]
///
/// Numbers are added in the order of the ranks, whoever comes first. A wire between the ranks may be pretended, which makes
/// sending take time: then it can be seen what waiting costs, on a machine that has no network.
///
/// - PyTorch: none; its tests start processes with the backend `gloo`.
/// - Book: section 11.5.
public struct LocalRanks: Communicator {
  /// A pretended wire: how long one rank takes to send something to the next.
  public struct Wire: Sendable {
    /// Seconds for each message, however short.
    public var latency: Double
    /// Bytes that go through in a second.
    public var bytesPerSecond: Double

    /// A wire with these figures.
    public init(latency: Double, bytesPerSecond: Double) {
      (self.latency, self.bytesPerSecond) = (latency, bytesPerSecond)
    }

    /// The seconds that a ring of `ranks` takes to sum so many bytes: 2 (R − 1) messages one after the other, each of an
    /// Rth of the bytes.
    public func secondsToSum(bytes: Int, ranks: Int) -> Double {
      let messages = Double(2 * (ranks - 1))
      return messages * (latency + Double(bytes) / Double(ranks) / bytesPerSecond)
    }
  }

  public let rank: Int
  public var ranks: Int { table.ranks }
  private let table: MeetingTable

  /// Runs `body` in so many threads at once, each with a communicator of its own.
  ///
  /// - Returns: What each came to, in the order of the ranks.
  /// - Throws: What the first of them threw. The others are told: whatever they wait for throws too.
  public static func run<Result: Sendable>(
    _ ranks: Int, wire: Wire? = nil, _ body: @escaping @Sendable (LocalRanks) throws -> Result
  ) throws -> [Result] {
    if ranks < 1 { trap("LocalRanks: at least 1 rank is needed, given \(ranks)") }
    let table = MeetingTable(ranks: ranks, wire: wire)
    let results = Results<Result>(ranks)
    let group = DispatchGroup()
    for rank in 0..<ranks {
      group.enter()
      let thread = Thread {
        do {
          results.set(try body(LocalRanks(rank: rank, table: table)), of: rank)
        } catch {
          table.fail(rank, error)
        }
        group.leave()
      }
      thread.name = "rank \(rank)"
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    if let error = table.firstError { throw error }
    return results.all
  }

  public func startSum(of numbers: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum {
    LocalSum(table: table, rank: rank, meeting: try table.arrive(rank, .sum(numbers)))
  }

  public func sum(of numbers: UnsafeMutableBufferPointer<Float>) throws { try startSum(of: numbers).wait() }

  public func broadcast(_ numbers: UnsafeMutableBufferPointer<Float>, from root: Int) throws {
    _ = try table.wait(rank, table.arrive(rank, .broadcast(numbers, root: root)))
  }

  public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    try table.wait(rank, table.arrive(rank, .gather(bytes)))
  }

  public func barrier() throws { _ = try gather([]) }
}

private struct LocalSum: PendingSum {
  let table: MeetingTable
  let rank: Int
  let meeting: Int

  func isDone() throws -> Bool { try table.isDone(meeting) }
  func wait() throws { _ = try table.wait(rank, meeting) }
}

/// `@unchecked Sendable`: guarded by `lock`.
private final class Results<Result: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var results: [Result?]
  init(_ count: Int) { results = Array(repeating: nil, count: count) }
  func set(_ result: Result, of rank: Int) { lock.withLock { results[rank] = result } }
  var all: [Result] { lock.withLock { results.map { $0! } } }
}

/// What a rank brings to a meeting of all.
///
/// `@unchecked Sendable`: the memory belongs to the rank that waits, which leaves it alone meanwhile.
enum Contribution: @unchecked Sendable {
  case sum(UnsafeMutableBufferPointer<Float>)
  case broadcast(UnsafeMutableBufferPointer<Float>, root: Int)
  case gather([UInt8])

  /// What must be the same for all who meet.
  var kind: String {
    switch self {
    case .sum(let numbers): "the sum of \(numbers.count) numbers"
    case .broadcast(let numbers, let root): "a broadcast of \(numbers.count) numbers from rank \(root)"
    case .gather: "a gathering"
    }
  }
}

/// Where the ranks of one process meet: the first call of each with the first of all others, the second with the second. Who
/// comes last does the work.
///
/// `@unchecked Sendable`: everything that changes is guarded by `condition`.
private final class MeetingTable: @unchecked Sendable {
  let ranks: Int
  private let wire: LocalRanks.Wire?
  private let condition = NSCondition()
  private var meetings: [Int: Meeting] = [:]
  private var nextMeeting: [Int]
  private var wireIsFree = 0.0
  private let watch = Stopwatch()
  private var failure: (rank: Int, error: any Error)?

  private struct Meeting {
    var brought: [Contribution?]
    var arrived = 0
    /// When its results are there, in the table's time; nil before all have come.
    var doneAt: Double?
    var gathered: [[UInt8]] = []
    var left = 0
  }

  init(ranks: Int, wire: LocalRanks.Wire?) {
    (self.ranks, self.wire) = (ranks, wire)
    nextMeeting = Array(repeating: 0, count: ranks)
  }

  var firstError: (any Error)? { condition.withLock { failure?.error } }

  func fail(_ rank: Int, _ error: any Error) {
    condition.withLock {
      if failure == nil { failure = (rank, error) }
      condition.broadcast()
    }
  }

  private func checkFailure() throws {
    guard let failure else { return }
    throw RanksFailed("rank \(failure.rank) has ended: \(failure.error)")
  }

  /// - Returns: The meeting's number.
  func arrive(_ rank: Int, _ contribution: Contribution) throws -> Int {
    condition.lock()
    defer { condition.unlock() }
    try checkFailure()
    let number = nextMeeting[rank]
    nextMeeting[rank] += 1
    var meeting = meetings[number] ?? Meeting(brought: Array(repeating: nil, count: ranks))
    if let (other, first) = meeting.brought.enumerated().first(where: { $0.element != nil }),
      let first, first.kind != contribution.kind
    {
      throw RanksFailed("rank \(rank) wants \(contribution.kind), rank \(other) \(first.kind)")
    }
    meeting.brought[rank] = contribution
    meeting.arrived += 1
    meetings[number] = meeting
    if meeting.arrived == ranks {
      // Nobody else touches a meeting that all have come to.
      condition.unlock()
      let (gathered, bytes) = meet(meeting.brought.map { $0! })
      condition.lock()
      meetings[number]!.gathered = gathered
      let now = watch.seconds
      meetings[number]!.doneAt = now
      if let wire, bytes > 0, ranks > 1 {
        wireIsFree = max(now, wireIsFree) + wire.secondsToSum(bytes: bytes, ranks: ranks)
        meetings[number]!.doneAt = wireIsFree
      }
      condition.broadcast()
    }
    return number
  }

  func isDone(_ number: Int) throws -> Bool {
    condition.lock()
    defer { condition.unlock() }
    try checkFailure()
    guard let doneAt = meetings[number]?.doneAt else { return false }
    return watch.seconds >= doneAt
  }

  func wait(_ rank: Int, _ number: Int) throws -> [[UInt8]] {
    condition.lock()
    while meetings[number]?.doneAt == nil {
      // A meeting that all have come to is held to its end: somebody is writing into everybody's numbers.
      if failure != nil, meetings[number]?.arrived != ranks {
        defer { condition.unlock() }
        try checkFailure()
      }
      condition.wait()
    }
    var meeting = meetings[number]!
    meeting.left += 1
    meetings[number] = meeting.left == ranks ? nil : meeting
    condition.unlock()
    let rest = meeting.doneAt! - watch.seconds
    if rest > 0 { usleep(UInt32(rest * 1e6)) }
    return meeting.gathered
  }

  /// - Returns: What was gathered, and how many bytes each rank has sent.
  private func meet(_ brought: [Contribution]) -> ([[UInt8]], bytes: Int) {
    switch brought[0] {
    case .sum(let total):
      for case .sum(let numbers) in brought.dropFirst() {
        for i in 0..<total.count { total[i] += numbers[i] }
      }
      for case .sum(let numbers) in brought.dropFirst() where numbers.count > 0 {
        numbers.baseAddress!.update(from: total.baseAddress!, count: total.count)
      }
      return ([], total.count * 4)
    case .broadcast(_, let root):
      guard case .broadcast(let source, _) = brought[root] else { return ([], 0) }
      for case (let rank, .broadcast(let numbers, _)) in brought.enumerated()
      where rank != root && numbers.count > 0 {
        numbers.baseAddress!.update(from: source.baseAddress!, count: source.count)
      }
      return ([], source.count * 4)
    case .gather:
      return (
        brought.map { if case .gather(let bytes) = $0 { bytes } else { [] } }, 0
      )
    }
  }
}
