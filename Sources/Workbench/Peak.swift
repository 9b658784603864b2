import CPeak
import Tensors

/// What the processor can do at most: multiplications and additions in registers, nothing else, on all threads.
///
/// - Book: section 2.6.
public enum Peak {
  /// In GFLOP/s, the best of several tries.
  public static func measure(seconds: Double = 0.3) -> Double {
    var best = 0.0
    let watch = Stopwatch()
    repeat { best = max(best, once()) } while watch.seconds < seconds
    return best
  }

  private static func once() -> Double {
    let threads = Parallel.threads
    let rounds: Int64 = 4_000_000
    let watch = Stopwatch()
    Parallel.forEach(pieces: threads) { _ in
      var sink: Float = 0
      _ = peak_multiply_add(rounds, &sink)
    }
    let seconds = watch.seconds
    var sink: Float = 0
    return peak_multiply_add(1, &sink) * Double(rounds) * Double(threads) / seconds / 1e9
  }
}
