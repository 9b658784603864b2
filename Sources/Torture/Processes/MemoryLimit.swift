import Foundation

/// How much memory a process may take, and has taken.
enum MemoryLimit {
  /// Lets this process have `bytes` more than it has now; beyond that an allocation fails, and the process ends.
  static func set(more bytes: Int) {
    #if os(Linux)
      let now = status("VmData:") ?? 0
      var limit = rlimit()
      limit.rlim_cur = rlim_t(now + bytes)
      limit.rlim_max = rlim_t(now + bytes)
      setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    #endif
  }

  /// The most memory that this process has held since `forget`, in bytes; 0 where the system does not tell.
  static var peak: Int { status("VmHWM:") ?? 0 }

  /// The memory that this process holds now, in bytes; 0 where the system does not tell.
  static var held: Int { status("VmRSS:") ?? 0 }

  /// From here on the peak is counted anew.
  static func forget() {
    #if os(Linux)
      let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
      if file >= 0 {
        _ = write(file, "5", 1)
        close(file)
      }
    #endif
  }

  private static func status(_ name: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
    return nil
  }
}
