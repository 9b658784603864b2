import ArgumentParser
import Foundation
import Workbench

/// `torture write-again`: the process that writes version after version, until it is killed.
struct WriteAgain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write-again", abstract: "Write versions, in a process that may be killed.",
    shouldDisplay: false)

  /// What stands where in the shared numbers.
  enum Place: Int { case begun, completed }

  @Option var writer: String
  @Option var folder: String
  @Option var numbers: String
  @Option var from: Int
  @Option var to: Int
  /// Another user to become first: one whom permissions hold.
  @Option var user: UInt32?
  /// The most bytes that a file may have; beyond that writing fails, as on a full disk.
  @Option var most: Int?

  func run() throws {
    let shared = try SharedNumbers(numbers)
    if let user, setgid(user) != 0 || setuid(user) != 0 {
      throw Fault("this process cannot become user \(user)")
    }
    if let most {
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit()
      limit.rlim_cur = rlim_t(most)
      limit.rlim_max = rlim_t(most)
      #if os(Linux)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #else
        setrlimit(RLIMIT_FSIZE, &limit)
      #endif
    }
    let subject = try Self.subject(writer)
    for version in from..<to {
      shared[Place.begun.rawValue] = version
      try subject.write(version, folder)
      shared[Place.completed.rawValue] = version
    }
  }

  static func subject(_ name: String) throws -> WriterSubject {
    guard let subject = (WriterSubject.all + BrokenWriters.all).first(where: { $0.name == name }) else {
      throw ValidationError("there is no writer '\(name)'")
    }
    return subject
  }
}
