import Synchronization
import Tensors

/// Runs jobs side by side, one on each core: they have nothing to do with each other. Says how far it has come.
///
/// - Parameters:
///   - title: What is being done.
///   - jobs: Each says with `advance` when it has done some of its `steps`.
///   - steps: How many steps each job has, for the progress.
///   - unit: What the steps are.
///   - body: Does one job. It may be called on several threads at a time, so jobs must not share what they change.
/// - Returns: What the jobs came to, in their order.
public func sideBySide<Job: Sendable, Outcome: Sendable>(
  _ title: String, _ jobs: [Job], steps: Int, unit: String,
  _ body: @Sendable (_ job: Job, _ advance: (_ steps: Int) -> Void) throws -> Outcome
) throws -> [Outcome] {
  let progress = Progress(title, total: jobs.count * steps, unit: unit)
  let done = Mutex(0)
  let results = Mutex([Int: Result<Outcome, any Error>]())
  Parallel.forEach(pieces: jobs.count) { piece in
    var own = 0
    func advance(_ count: Int) {
      own += count
      done.withLock {
        $0 += count
        progress.update($0)
      }
    }
    let result = Result { try body(jobs[piece], advance) }
    // A job that ended early has done all of its steps.
    advance(steps - own)
    results.withLock { $0[piece] = result }
  }
  progress.finish()
  return try results.withLock { results in try jobs.indices.map { try results[$0]!.get() } }
}
