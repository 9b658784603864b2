import CPeak
import Tensors

extension Peak {
  /// How fast memory gives and takes numbers, on all threads, in GB/s: the best of several tries.
  ///
  /// - Source: the triad of McCalpin's STREAM, "Memory bandwidth and machine balance in current high performance
  ///   computers", 1995.
  /// - Book: section 9.9.
  public static func bandwidth(seconds: Double = 0.3) -> Double {
    // 64 MB each: more than the caches of most processors hold.
    let count = 1 << 24
    let arrays = (0..<3).map { _ in
      let array = UnsafeMutablePointer<Float>.allocate(capacity: count)
      array.initialize(repeating: 1, count: count)
      return Int(bitPattern: array)
    }
    defer { for array in arrays { UnsafeMutablePointer<Float>(bitPattern: array)!.deallocate() } }
    let pieces = 4 * Parallel.threads
    let piece = count / pieces
    var best = 0.0
    let watch = Stopwatch()
    repeat {
      let once = Stopwatch()
      Parallel.forEach(pieces: pieces) { i in
        let parts = arrays.map { UnsafeMutablePointer<Float>(bitPattern: $0)! + i * piece }
        _ = memory_triad(Int64(piece), parts[0], parts[1], parts[2])
      }
      best = max(best, 12 * Double(piece * pieces) / once.seconds / 1e9)
    } while watch.seconds < seconds
    return best
  }
}
