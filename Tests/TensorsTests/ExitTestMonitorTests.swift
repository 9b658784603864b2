import Foundation
import Testing

/// The library that runs these tests waits for exit tests in a thread of its own, and asks without pause while any child
/// process of another kind has ended and not been asked for. Those of other tests are, for minutes: whoever started them
/// waits for its turn, as a long exit test holds the threads that tests share. So the thread took a whole core, a fifth of
/// the time of all tests. At the lowest priority, it takes what nobody else wants.
@Suite struct ExitTestMonitorTests {
  #if os(Linux)
    @Test func theMonitorGivesWay() async throws {
      // In a thread, for the tests' own tasks may wait long for their turn.
      let (gaveWay, end) = AsyncStream.makeStream(of: Bool.self)
      Thread.detachNewThread {
        end.yield(Self.giveWay(minutes: 30))
        end.finish()
      }
      await #expect(processExitsWith: .success) { exit(0) }  // the first exit test starts the monitor
      for await gaveWay in gaveWay {
        #expect(gaveWay, "no thread is named as the monitor of exit tests was")
      }
    }

    /// Looks for the thread until it is there; even the first exit test may wait for minutes.
    private static func giveWay(minutes: Int) -> Bool {
      for _ in 0..<minutes * 240 {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        for thread in threads {
          let name = try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)
          guard let name, name.hasPrefix("SWT ExT"), let thread = UInt32(thread) else { continue }
          return setpriority(__priority_which_t(PRIO_PROCESS.rawValue), thread, 19) == 0
        }
        usleep(250_000)
      }
      return false
    }
  #endif
}
