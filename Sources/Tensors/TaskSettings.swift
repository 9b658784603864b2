/// What holds for a task and for the threads that help it, beside its `RandomSource`.
package enum TaskSettings {
  /// Whether ops remember their history.
  @TaskLocal package static var recordsGradients = true

  /// The stretch of a computation that is under way, and is to be forgotten and computed again.
  @TaskLocal package static var segment = Segment()

  /// Where such a stretch begins, and whether this is the second time.
  package struct Segment: Equatable, Sendable {
    /// Variables with smaller numbers were made before it.
    package var firstNumber: UInt64
    /// Whether it was computed before: what layers measure has been measured then.
    package var isRecomputed: Bool

    package init(firstNumber: UInt64 = 0, isRecomputed: Bool = false) {
      (self.firstNumber, self.isRecomputed) = (firstNumber, isRecomputed)
    }
  }

  /// The settings of the task that runs this, for `body` on another thread.
  static func carried(_ body: @escaping @Sendable (Int) -> Void) -> @Sendable (Int) -> Void {
    let (records, source, segment) = (recordsGradients, RandomSource.current, segment)
    return { worker in
      // The task's own thread has them already, and most tasks change nothing.
      if records == recordsGradients && source === RandomSource.current && segment == Self.segment {
        return body(worker)
      }
      $recordsGradients.withValue(records) {
        $segment.withValue(segment) {
          RandomSource.$current.withValue(source) { body(worker) }
        }
      }
    }
  }
}
