import Tensors

/// When each stage of a pipeline works on which microbatch: found by playing it through, not by a formula.
///
/// A stage can take a microbatch forward once the stage before is done with it, and back once the stage after is. The way
/// back takes twice as long as the way forward.
///
/// - Source: Huang and others, "GPipe: efficient training of giant neural networks using pipeline parallelism", 2019;
///   Narayanan and others, "PipeDream: generalized pipeline parallelism for DNN training", SOSP 2019 (one forward, one
///   back).
/// - Book: section 11.6.
public struct PipelineSchedule: Sendable, Equatable {
  /// In which order a stage takes its work.
  public enum Order: Sendable, CaseIterable {
    /// All microbatches forward, then all back: GPipe.
    case allForward
    /// As soon as there is one to take back, one forward and one back in turn.
    case oneForwardOneBack
  }

  /// A piece of work of one stage.
  public struct Work: Sendable, Equatable {
    /// From 0.
    public let microbatch: Int
    public let isBack: Bool
    /// When it begins and ends; a way forward takes 1.
    public let start, end: Double
  }

  /// For each stage its work, in order.
  public let stages: [[Work]]

  /// - Parameters:
  ///   - stages: `p`, at least 1, or this traps.
  ///   - microbatches: `m`, at least 1, or this traps.
  ///   - back: How long the way back takes; the way forward takes 1.
  public init(stages p: Int, microbatches m: Int, order: Order, back: Double = 2) {
    if p < 1 || m < 1 { trap("PipelineSchedule: stages and microbatches are needed, given \(p) and \(m)") }
    let orders = (0..<p).map { Self.order(order, stage: $0, of: p, m) }
    var done = [[Work]](repeating: [], count: p)
    // When each microbatch is through with a stage.
    var forward = [[Double?]](repeating: .init(repeating: nil, count: m), count: p)
    var backward = forward
    var isMoving = true
    while isMoving {
      isMoving = false
      for stage in 0..<p {
        while done[stage].count < orders[stage].count {
          let (microbatch, isBack) = orders[stage][done[stage].count]
          let ready =
            isBack
            ? (stage == p - 1 ? forward[stage][microbatch] : backward[stage + 1][microbatch])
            : (stage == 0 ? 0 : forward[stage - 1][microbatch])
          guard let ready else { break }
          let start = max(ready, done[stage].last?.end ?? 0)
          let end = start + (isBack ? back : 1)
          done[stage].append(Work(microbatch: microbatch, isBack: isBack, start: start, end: end))
          if isBack { backward[stage][microbatch] = end } else { forward[stage][microbatch] = end }
          isMoving = true
        }
      }
    }
    self.stages = done
  }

  private static func order(_ order: Order, stage: Int, of p: Int, _ m: Int) -> [(Int, isBack: Bool)] {
    let ahead = order == .allForward ? m : min(m, p - stage)
    var work = (0..<ahead).map { ($0, isBack: false) }
    for microbatch in 0..<m {
      work.append((microbatch, isBack: true))
      if ahead + microbatch < m { work.append((ahead + microbatch, isBack: false)) }
    }
    return work
  }

  /// When the last piece of work is done.
  public var end: Double { stages.flatMap { $0 }.map(\.end).max() ?? 0 }

  /// Waiting over working: `(p − 1) / m` for either order.
  public var bubble: Double {
    let work = stages[0].reduce(0) { $0 + $1.end - $1.start }
    return end / work - 1
  }

  /// The most microbatches that wait in a stage at once for their way back: what its activations are kept of.
  public func waiting(in stage: Int) -> Int {
    var (now, most) = (0, 0)
    for work in stages[stage] {
      now += work.isBack ? -1 : 1
      most = max(most, now)
    }
    return most
  }
}
