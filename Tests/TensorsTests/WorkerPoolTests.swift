import Foundation
import Synchronization
import Testing

@testable import Tensors

@Suite(.serialized) struct WorkerPoolTests {
  /// How often each worker of each of many jobs was called.
  private final class Counts: Sendable {
    let counts: Mutex<[Int]>
    init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }
    func add(_ i: Int) { counts.withLock { $0[i] += 1 } }
    var all: [Int] { counts.withLock { $0 } }
  }

  @Test(arguments: [1, 2, 3, 7]) func eachWorkerIsCalledOnce(_ workers: Int) {
    for round in 0..<300 {
      let counts = Counts(workers)
      WorkerPool.shared.run(workers: workers) { counts.add($0) }
      #expect(counts.all == [Int](repeating: 1, count: workers))
      // Long enough, now and then, for the helpers to fall asleep.
      if round % 100 == 99 { usleep(5000) }
    }
  }

  @Test func workInsideWorkIsDone() {
    let counts = Counts(12)
    WorkerPool.shared.run(workers: 3) { outer in
      WorkerPool.shared.run(workers: 4) { counts.add(outer * 4 + $0) }
    }
    #expect(counts.all == [Int](repeating: 1, count: 12))
  }

  @Test func callersMayMeet() {
    let (callers, rounds) = (4, 200)
    let counts = Counts(callers)
    let group = DispatchGroup()
    for caller in 0..<callers {
      DispatchQueue.global().async(group: group) {
        for _ in 0..<rounds { WorkerPool.shared.run(workers: 3) { _ in counts.add(caller) } }
      }
    }
    group.wait()
    #expect(counts.all == [Int](repeating: rounds * 3, count: callers))
  }

  /// Pieces that take unlike times, cut for more threads than there are cores.
  @Test(arguments: [(1, 4), (5, 2), (17, 3), (100, 8)]) func eachPieceIsDoneOnce(
    _ pieces: Int, _ threads: Int
  ) {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    Parallel.threads = threads
    let counts = Counts(pieces)
    Parallel.forEach(pieces: pieces) { piece in
      if piece % 5 == 0 { usleep(300) }
      counts.add(piece)
    }
    #expect(counts.all == [Int](repeating: 1, count: pieces))
  }

  private final class Room: Sendable {
    let users = Atomic<Int>(0)
  }

  /// Nearly equal ranges, and for each thread one room that nobody else uses.
  @Test(arguments: [(0, 4, 2), (3, 8, 2), (10, 4, 1), (49, 16, 2), (1000, 24, 3)]) func evenRanges(
    _ count: Int, _ pieces: Int, _ threads: Int
  ) {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    Parallel.threads = threads
    let counts = Counts(count)
    let rooms = Atomic<Int>(0)
    let lengths = Mutex<[Int]>([])
    Parallel.forEachRange(
      of: count, pieces: pieces,
      room: {
        rooms.add(1, ordering: .relaxed)
        return Room()
      }
    ) { range, room in
      // Two threads with the same room would meet in it now and then.
      #expect(room.users.add(1, ordering: .relaxed).newValue == 1)
      defer { room.users.subtract(1, ordering: .relaxed) }
      for i in range { counts.add(i) }
      lengths.withLock { $0.append(range.count) }
      if range.lowerBound % 3 == 0 { usleep(300) }
    }
    #expect(counts.all == [Int](repeating: 1, count: count))
    #expect(rooms.load(ordering: .relaxed) <= threads)
    let sizes = lengths.withLock { $0 }
    #expect(sizes.count == min(count, pieces))
    if let most = sizes.max(), let least = sizes.min() { #expect(least >= 1 && most - least <= 1) }
  }

  #if os(Linux)
    /// Kept: its threads never end.
    private static let large = WorkerPool()

    /// Those who came for one large job take no processor time from the small jobs that follow.
    @Test func helpersThatNobodyWantsSleep() throws {
      let (many, few) = (60, 2)
      Self.large.run(workers: many) { _ in }
      usleep(50_000)
      let before = try Self.ticks(ofHelpers: few + 40..<many)
      let end = Date(timeIntervalSinceNow: 0.5)
      while Date.now < end {
        Self.large.run(workers: few) { _ in }
        usleep(50)
      }
      let spent = try Self.ticks(ofHelpers: few + 40..<many) - before
      #expect(spent <= 2, "\(spent) hundredths of a second")
    }

    /// The processor time of these threads up to now, in hundredths of a second.
    private static func ticks(ofHelpers workers: Range<Int>) throws -> Int {
      let names = Set(workers.map { "engine \($0)" })
      let tasks = URL(filePath: "/proc/self/task")
      var found = 0
      let ticks = try FileManager.default.contentsOfDirectory(atPath: tasks.path()).map { task in
        // Threads of other tests end while this one looks.
        guard
          let name = try? String(contentsOf: tasks.appending(path: task + "/comm"), encoding: .utf8),
          names.contains(name.trimmingCharacters(in: .newlines))
        else { return 0 }
        found += 1
        let stat = try String(contentsOf: tasks.appending(path: task + "/stat"), encoding: .utf8)
        // After the name, which may hold spaces: state is the first, user and system time are 12th and 13th.
        let fields = stat.drop { $0 != ")" }.split(separator: " ").dropFirst()
        return fields.dropFirst(11).prefix(2).reduce(0) { $0 + (Int($1) ?? 0) }
      }
      // The list of threads may miss one while others end.
      #expect(found > workers.count / 2)
      return ticks.reduce(0, +)
    }
  #endif
}
