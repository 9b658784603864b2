import Foundation
import Synchronization
import Tensors
import Testing

@testable import Autograd

/// What holds for a task holds for the threads that help it.
@Suite(.serialized) struct ParallelContextTests {
  /// Calls `body` on several threads, and makes sure that there were several.
  private func onHelpers(_ body: @escaping () -> Void) {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    Parallel.threads = 4
    // Another test may hold the threads; then this one does all by itself, and tries again.
    for _ in 0..<200 {
      let threads = Mutex<Set<ObjectIdentifier>>([])
      Parallel.forEach(pieces: 16) { _ in
        usleep(500)
        threads.withLock { _ = $0.insert(ObjectIdentifier(Thread.current)) }
        body()
      }
      if threads.withLock({ $0.count }) > 1 { return }
    }
    Issue.record("no other thread took part")
  }

  @Test func noGradientsAreRecorded() {
    let records = Atomic<Int>(0)
    withoutGradients {
      onHelpers {
        let x = Variable(Tensor([1]), requiresGradient: true)
        if (x * 2).requiresGradient { records.add(1, ordering: .relaxed) }
      }
    }
    #expect(records.load(ordering: .relaxed) == 0)
    // And afterwards they are, on the same threads.
    onHelpers {
      let x = Variable(Tensor([1]), requiresGradient: true)
      if !(x * 2).requiresGradient { records.add(1, ordering: .relaxed) }
    }
    #expect(records.load(ordering: .relaxed) == 0)
  }

  @Test func theRandomSourceIsTheTasks() {
    let others = Atomic<Int>(0)
    withRandomSource(RandomSource(seed: 77)) {
      onHelpers { if RandomSource.current.seed != 77 { others.add(1, ordering: .relaxed) } }
    }
    onHelpers { if RandomSource.current.seed != 0 { others.add(1, ordering: .relaxed) } }
    #expect(others.load(ordering: .relaxed) == 0)
  }
}
