import Foundation

/// A few whole numbers in a file that two processes have in memory: what one has noted there is there also when it has been
/// killed the moment after.
///
/// One process writes and the other reads; a number of eight bytes is written whole.
final class SharedNumbers {
  static let count = 16
  private let numbers: UnsafeMutablePointer<Int64>

  init(_ path: String) throws {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    defer { if file >= 0 { close(file) } }
    let bytes = Self.count * 8
    guard file >= 0, ftruncate(file, off_t(bytes)) == 0,
      let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
    else {
      throw Fault("\(path): the numbers of a child cannot be shared: \(String(cString: strerror(errno)))")
    }
    numbers = memory.assumingMemoryBound(to: Int64.self)
  }

  deinit { munmap(numbers, Self.count * 8) }

  subscript(place: Int) -> Int {
    get { Int(numbers[place]) }
    set { numbers[place] = Int64(newValue) }
  }
}
