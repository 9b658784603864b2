import Foundation
import Synchronization
internal import CKernels

/// Threads that wait for work to share.
///
/// A step of training shares out work some hundred times, and between two times few microseconds pass. A thread that
/// sleeps takes longer than that to come back, so these look out for work a while before they fall asleep. Two threads
/// that train a small transformer idle for less than 2 % of the time; with libdispatch's it was 5 %.
final class WorkerPool: Sendable {
  static let shared = WorkerPool()

  private let isTaken = Atomic<Bool>(false)
  private let job = Mutex<Job?>(nil)
  /// Rises with each job; its lowest bits say how many helpers are wanted.
  private let round = Atomic<Int>(0)
  private static let mostHelpers = 1 << 16 - 1
  private let helpers = Mutex<Int>(0)
  /// Helpers that have not finished their share of the job.
  private let running = Atomic<Int>(0)
  private let (begin, end) = (Lookout(), Lookout())

  private typealias Job = @Sendable (_ worker: Int) -> Void

  /// Calls `body` with `0..<workers`, each on a thread of its own, the first on this one, and returns when all are done.
  ///
  /// While the threads are busy with another call, or for it, this thread does it all by itself.
  func run(workers: Int, _ body: @escaping @Sendable (_ worker: Int) -> Void) {
    let wanted = min(workers - 1, Self.mostHelpers)
    if wanted < 1 || isTaken.exchange(true, ordering: .acquiring) {
      for worker in 0..<workers { body(worker) }
      return
    }
    addHelpers(upTo: wanted)
    job.withLock { $0 = body }
    running.store(wanted, ordering: .relaxed)
    let next = (round.load(ordering: .relaxed) / (Self.mostHelpers + 1) + 1) * (Self.mostHelpers + 1) + wanted
    round.store(next, ordering: .sequentiallyConsistent)
    begin.wake()
    body(0)
    end.wait { running.load(ordering: .acquiring) == 0 }
    job.withLock { $0 = nil }
    isTaken.store(false, ordering: .releasing)
  }

  private func addHelpers(upTo wanted: Int) {
    helpers.withLock { count in
      while count < wanted {
        count += 1
        let (worker, seen) = (count, round.load(ordering: .relaxed))
        let thread = Thread { [unowned self] in help(as: worker, seen: seen) }
        thread.name = "engine \(worker)"
        thread.stackSize = 8 << 20
        thread.start()
      }
    }
  }

  private func help(as worker: Int, seen: Int) {
    var seen = seen
    while true {
      begin.wait { round.load(ordering: .sequentiallyConsistent) != seen }
      seen = round.load(ordering: .acquiring)
      // Not wanted this time: what the job is may have changed by now.
      if worker > seen & Self.mostHelpers { continue }
      job.withLock { $0 }?(worker)
      if running.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { end.wake() }
    }
  }
}

/// Waits for something to become true: for a while by looking again and again, then asleep.
private final class Lookout: Sendable {
  /// Some 100 µs.
  private static let looks = 4000
  private let sleepers = Atomic<Int>(0)
  private let condition = NSCondition()

  func wait(until isTrue: () -> Bool) {
    for _ in 0..<Self.looks {
      if isTrue() { return }
      ck_pause()
    }
    condition.lock()
    // Who makes it true looks for sleepers afterwards; who sleeps looks whether it is true after having said so.
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while !isTrue() { condition.wait() }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    condition.unlock()
  }

  /// To be called when it has become true.
  func wake() {
    if sleepers.load(ordering: .sequentiallyConsistent) == 0 { return }
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }
}
