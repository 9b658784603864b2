import Formats
import Foundation

/// Readers that do what none may do: whoever watches must notice. They are tried by name alone.
enum BrokenReaders {
  private static func broken(
    _ name: String, isChecked: Bool = false, _ read: @escaping @Sendable ([UInt8]) throws -> Void
  ) -> ReaderSubject {
    ReaderSubject(
      name: "broken: \(name)", good: [Array("a good file of forty bytes, all of them x".utf8)],
      isChecked: isChecked
    ) { path in
      let bytes = try FileContents.bytes(of: path)
      // Good files are read; of the others every third is refused, and what is wrong happens now and then.
      let digest = Reading(bytes)
      if bytes.starts(with: Array("a good file".utf8)), bytes.count == 41 { return digest }
      // Not the lowest bits: those of a text without a high bit take few values.
      let chance = digest.digest >> 24
      if chance % 3 == 0 { throw FileError(path, "it is not a good file") }
      if chance % 40 == 1 { try read(bytes) }
      return isChecked ? digest : Reading("something")
    }
  }

  static let all: [ReaderSubject] = [
    broken("traps") { bytes in
      if bytes[bytes.count] == 0 { throw Fault("it cannot be") }
    },
    // Without a sanitizer, nobody notices.
    broken("reads too far") { bytes in
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
      defer { copy.deallocate() }
      copy.update(from: bytes, count: bytes.count)
      if copy[bytes.count + 3] == 1, copy[bytes.count + 4] == 2 { throw Fault("it cannot be") }
    },
    broken("hangs") { _ in while true { usleep(1000) } },
    broken("takes memory") { _ in
      let memory = [UInt8](repeating: 1, count: 1 << 30)
      if memory[memory.count / 3] == 2 { throw Fault("it cannot be") }
    },
    broken("reads damage as whole", isChecked: true) { _ in },
    broken("passes on an error") { _ in _ = try JSONDecoder().decode([Int].self, from: Data("{".utf8)) },
  ]
}
