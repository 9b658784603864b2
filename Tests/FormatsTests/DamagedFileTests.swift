import Foundation
import Tensors
import Testing

@testable import Formats

/// Two thousand times, a good file is damaged at random and read. It must be read or refused with a `FileError`; a trap
/// would end the test run, and more memory than `mostMemory` fails.
@Suite struct DamagedFileTests {
  static let mostMemory = 256 << 20

  /// Changes up to four bytes, often to telling values, and now and then cuts the end off or adds to it.
  func damage(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<random.integer(below: 5) where !bytes.isEmpty {
      // The beginning is where headers are.
      let reach = random.integer(below: 2) == 0 ? min(bytes.count, 200) : bytes.count
      let place = random.integer(below: reach)
      switch random.integer(below: 4) {
      case 0: bytes[place] ^= 1 << UInt8(random.integer(below: 8))
      case 1: bytes[place] = [0, 0xFF, 0x7F, 0x80][random.integer(below: 4)]
      case 2: bytes[place] = UInt8(ascii: "0") + UInt8(random.integer(below: 10))
      default: bytes[place] = UInt8(random.integer(below: 256))
      }
    }
    switch random.integer(below: 6) {
    case 0: bytes.removeLast(random.integer(below: bytes.count + 1))
    case 1: bytes += (0..<random.integer(below: 20)).map { UInt8($0) }
    default: break
    }
    return bytes
  }

  @Test func areReadOrRefused() throws {
    let folder = try TemporaryFolder()
    let npy = ["f4", "cube-fortran-big-endian", "version2", "version3", "fields", "b1"].map { "\($0).npy" }
    let npz = ["stored.npz", "compressed.npz"]
    let tensors = ["every-type", "cross-entropy-mean", "sdpa-mask", "nothing"].map { "\($0).safetensors" }

    func readNumbers(_ array: StoredArray) throws {
      switch array.scalarType {
      case .bool: _ = try array.maskTensor
      case .float16, .bfloat16, .float32, .float64: _ = (try array.tensor, try array.doubles)
      default: _ = try array.intTensor
      }
    }
    func readNumbers(_ arrays: NamedArrays) throws {
      for name in arrays.names { try readNumbers(arrays.array(name)) }
    }
    var subjects: [(bytes: [UInt8], read: (String) throws -> Void)] = []
    for name in npy { subjects.append((try contents(fixture(name)), { try readNumbers(NPYFile.read($0)) })) }
    for name in npz { subjects.append((try contents(fixture(name)), { try readNumbers(NPZFile.read($0)) })) }
    for name in tensors {
      subjects.append((try contents(fixture(name)), { try readNumbers(SafeTensors.read($0)) }))
    }
    let (images, labels) = (IDXFileTests.images, IDXFileTests.labels)
    for images in [images, Gzip.packed(images)] {
      subjects.append((images, { _ = try IDXFile.readImages($0) }))
    }
    for labels in [labels, Gzip.packed(labels)] {
      subjects.append((labels, { _ = try IDXFile.readLabels($0) }))
    }
    subjects.append((Gzip.packed(GzipTests.sample(5000)), { _ = try Gzip.read($0) }))
    subjects.append((Array("\u{FEFF}a\tb\r\nc\té\n".utf8), { _ = try TSVFile.read($0) }))

    let before = Self.peakMemory()
    var random = RandomStream(seed: 2024)
    var (read, refused) = (0, 0)
    for round in 0..<2000 {
      let subject = subjects[round % subjects.count]
      // A new file each time: some file systems wait for the disk when one is overwritten.
      let path = try folder.file("f\(round)", damage(subject.bytes, &random))
      defer { unlink(path) }
      do {
        try subject.read(path)
        read += 1
      } catch let error as FileError {
        #expect(error.path == path && error.description.hasSuffix("\n") == false)
        refused += 1
      }
    }
    // Both must happen often, or the damage is too small or too great to show anything.
    #expect(read > 200 && refused > 1000, "\(read) read and \(refused) refused")
    #expect(Self.peakMemory() - before < Self.mostMemory)
  }

  /// The most memory this process has had, in bytes.
  static func peakMemory() -> Int {
    var usage = rusage()
    #if os(Linux)
      getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss << 10
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }
}
