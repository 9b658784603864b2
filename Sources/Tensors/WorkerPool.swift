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
  private let helpers = Mutex<[Helper]>([])
  /// Helpers that have not finished their share of the job.
  private let running = Atomic<Int>(0)
  private let end = Lookout()

  private typealias Job = @Sendable (_ worker: Int) -> Void

  /// A thread that helps, and where it looks out for work. Each has a place of its own: a job for two leaves those
  /// asleep that came for a job for sixteen.
  private final class Helper: Sendable {
    /// How often it was called.
    let calls = Atomic<Int>(0)
    let begin = Lookout()
  }

  /// Calls `body` with `0..<workers`, each on a thread of its own, the first on this one, and returns when all are done.
  ///
  /// While the threads are busy with another call, or for it, this thread does it all by itself.
  func run(workers: Int, _ body: @escaping @Sendable (_ worker: Int) -> Void) {
    let wanted = workers - 1
    if wanted < 1 || isTaken.exchange(true, ordering: .acquiring) {
      for worker in 0..<workers { body(worker) }
      return
    }
    let helpers = helpers(upTo: wanted)
    job.withLock { $0 = body }
    running.store(wanted, ordering: .relaxed)
    for helper in helpers.prefix(wanted) {
      helper.calls.add(1, ordering: .sequentiallyConsistent)
      helper.begin.wake()
    }
    body(0)
    end.wait { running.load(ordering: .acquiring) == 0 }
    job.withLock { $0 = nil }
    isTaken.store(false, ordering: .releasing)
  }

  /// All helpers there are: `wanted` or more.
  private func helpers(upTo wanted: Int) -> [Helper] {
    helpers.withLock { helpers in
      while helpers.count < wanted {
        let helper = Helper()
        helpers.append(helper)
        let worker = helpers.count
        let thread = Thread { [unowned self] in
          // On Linux a name that is given from outside is not the system's.
          Thread.current.name = "engine \(worker)"
          help(as: worker, helper)
        }
        thread.stackSize = 8 << 20
        thread.start()
      }
      return helpers
    }
  }

  private func help(as worker: Int, _ helper: Helper) {
    var answered = 0
    while true {
      helper.begin.wait { helper.calls.load(ordering: .sequentiallyConsistent) != answered }
      answered += 1
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
