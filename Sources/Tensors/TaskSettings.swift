/// What holds for a task and for the threads that help it, beside its `RandomSource`.
package enum TaskSettings {
  /// Whether ops remember their history.
  @TaskLocal package static var recordsGradients = true

  /// The settings of the task that runs this, for `body` on another thread.
  static func carried(_ body: @escaping @Sendable (Int) -> Void) -> @Sendable (Int) -> Void {
    let (records, source) = (recordsGradients, RandomSource.current)
    return { worker in
      // The task's own thread has them already, and most tasks change nothing.
      if records == recordsGradients && source === RandomSource.current { return body(worker) }
      $recordsGradients.withValue(records) {
        RandomSource.$current.withValue(source) { body(worker) }
      }
    }
  }
}
