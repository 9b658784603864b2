import Foundation

/// The seconds that this thread has worked so far: what it waited for others does not count, so that a busy machine
/// disturbs a measurement little. On a quiet one it is the time that passes.
func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
