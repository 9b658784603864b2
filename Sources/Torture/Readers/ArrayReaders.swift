import Formats
import Foundation
import Layers
import Tensors
import Training

/// Readers of files with arrays: IDX, gzip, safetensors, npy, npz, weights and checkpoints.
enum ArrayReaders {
  static func all() throws -> [ReaderSubject] {
    try [idx(), gzip(), safetensors(), npy(), npz(), weights(), checkpoints()]
  }

  private static func idx() throws -> ReaderSubject {
    let images = IDXImages(count: 3, height: 5, width: 4, pixels: (0..<60).map { UInt8($0 * 4) })
    return ReaderSubject(
      name: "IDX",
      good: try [
        written(".idx") { try IDXFile.write(labels: [3, 1, 4, 1, 5], to: $0) },
        written(".idx") { try IDXFile.write(images, to: $0) },
        written(".gz") { try IDXFile.write(images, to: $0) },
        written(".gz") { try IDXFile.write(labels: [9, 2, 6], to: $0) },
      ],
      inside: { bytes, _ in
        guard Gzip.isGzip(bytes), let plain = try? Gzip.unpacked(bytes) else { return nil }
        return .init(core: plain) { Gzip.packed($0, level: 1) }
      }
    ) { path in
      var reading = Reading()
      do {
        let images = try IDXFile.readImages(path)
        reading.add(images.pixels)
        for number in [images.count, images.height, images.width, try IDXFile.imageCount(path)] {
          reading.add(number)
        }
      } catch {
        // One of the two it may be; what is neither is refused by both.
        reading.add(try IDXFile.readLabels(path))
        reading.add(try IDXFile.labelCount(path))
      }
      return reading
    }
  }

  private static func gzip() throws -> ReaderSubject {
    let text = Array(String(repeating: "Nothing lost, nobody let in. ", count: 20).utf8)
    var random = RandomStream(seed: 5)
    let noise = (0..<700).map { _ in UInt8(random.integer(below: 256)) }
    // A file's name in the header, as the gzip program writes it.
    let packed = Gzip.packed(Array("abc".utf8))
    let head: [UInt8] = packed[..<3] + [packed[3] | 8] + packed[4..<10]
    let named = head + Array("a.txt\0".utf8) + packed[10...]
    return ReaderSubject(
      name: "gzip", ending: ".gz", good: [Gzip.packed(text), Gzip.packed(noise), named, Gzip.packed([])],
      isChecked: true
    ) { path in
      Reading(try Gzip.read(path, limit: 16 << 20))
    }
  }

  private static func arrays() -> NamedArrays {
    var arrays = NamedArrays(metadata: ["format": "pt", "notes": "é"])
    arrays["conv1.weight"] = StoredArray(Tensor((0..<8).map { Float($0) / 3 }, shape: [2, 2, 2]))
    arrays["conv1.bias"] = StoredArray(Tensor([0.5, -1], shape: [2]))
    arrays["steps"] = StoredArray(IntTensor([7], shape: []))
    arrays["mask"] = StoredArray(MaskTensor([true, false, true], shape: [3]))
    arrays["e\u{301}"] = StoredArray([1.5, 2.5], shape: [2])
    arrays["é"] = StoredArray([1, 2, 3] as [UInt8], shape: [3])
    return arrays
  }

  /// Every number of every array; an array that cannot be read is refused by itself.
  private static func numbers(_ array: StoredArray) throws -> Reading {
    var reading = Reading("\(array.scalarType) \(array.shape)")
    switch array.scalarType {
    case .bool: reading.add(try array.maskTensor.scalars.map { $0 ? 1 : 0 })
    case .float16, .bfloat16, .float32, .float64:
      _ = try array.tensor
      for number in try array.doubles { reading.add(Int(bitPattern: UInt(number.bitPattern))) }
    default: for number in try array.intTensor.scalars { reading.add(number) }
    }
    return reading
  }

  private static func numbers(_ arrays: NamedArrays) throws -> Reading {
    var reading = Reading()
    for (key, value) in arrays.metadata.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      reading.add(key)
      reading.add(value)
    }
    var failure: (any Error)?
    for name in arrays.names {
      do {
        reading.add(name)
        reading.add(Int(bitPattern: UInt(try numbers(arrays.array(name)).digest)))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return reading
  }

  /// The header of a safetensors file, which is JSON, with its length made right again.
  static func header(_ bytes: [UInt8], _: inout RandomStream) -> ReaderSubject.Inside? {
    guard bytes.count >= 8 else { return nil }
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length >= 0, length <= bytes.count - 8 else { return nil }
    return .init(core: Array(bytes[8..<8 + length])) { header in
      withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + bytes[(8 + length)...]
    }
  }

  private static func safetensors() throws -> ReaderSubject {
    ReaderSubject(
      name: "safetensors", ending: ".safetensors",
      good: try [
        written(".safetensors") { try SafeTensors.write(arrays(), to: $0) },
        written(".safetensors") {
          var one = NamedArrays()
          one["x"] = StoredArray(Tensor([1, 2], shape: [2]))
          try SafeTensors.write(one, to: $0)
        },
        written(".safetensors") { try SafeTensors.write(NamedArrays(), to: $0) },
      ],
      inside: { header($0, &$1) }
    ) { try numbers(SafeTensors.read($0)) }
  }

  private static func npy() throws -> ReaderSubject {
    func file(_ array: StoredArray) throws -> [UInt8] {
      try written(".npy") { try NPYFile.write(array, to: $0) }
    }
    let small = try file(StoredArray(Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])))
    let fortran = replaced(small, "False", "True ")
    return ReaderSubject(
      name: "npy", ending: ".npy",
      good: try [
        small, fortran, file(StoredArray([1, 2] as [Int8], shape: [2])),
        file(StoredArray(IntTensor([1, -2, 3], shape: [3, 1]))),
        file(StoredArray(MaskTensor([true], shape: []))),
        file(StoredArray([] as [Double], shape: [0, 4])),
      ],
      inside: { bytes, _ in
        // Version 1: two bytes of length, then a dictionary of Python.
        guard bytes.count > 10, bytes[6] == 1 else { return nil }
        let length = Int(bytes[8]) | Int(bytes[9]) << 8
        guard 10 + length <= bytes.count else { return nil }
        return .init(core: Array(bytes[10..<10 + length])) { header in
          let count = min(header.count, 65535)
          return Array(bytes[..<8]) + [UInt8(count & 0xFF), UInt8(count >> 8)] + header
            + bytes[(10 + length)...]
        }
      }
    ) { try numbers(NPYFile.read($0)) }
  }

  private static func replaced(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
    var bytes = bytes
    if let range = bytes.firstRange(of: Array(old.utf8)) {
      bytes.replaceSubrange(range, with: Array(new.utf8))
    }
    return bytes
  }

  private static func npz() throws -> ReaderSubject {
    let whole = try written(".npz") { try NPZFile.write(arrays(), to: $0) }
    let entry = try written(".npy") { try NPYFile.write(Tensor([1, 2, 3], shape: [3]), to: $0) }
    return ReaderSubject(
      name: "npz", ending: ".npz",
      good: [whole] + (try [[("a.npy", entry)], [("é.npy", entry), ("e\u{301}.npy", entry)]].map(zip)),
      isChecked: true,
      inside: { _, random in
        let name = ["a.npy", "b.npy", "e\u{301}.npy", "../c.npy"][random.integer(below: 4)]
        return .init(core: entry) { (try? zip([(name, $0)])) ?? [] }
      }
    ) { try numbers(NPZFile.read($0, limit: 16 << 20)) }
  }

  /// A zip file with these entries.
  static func zip(_ entries: [(String, [UInt8])]) throws -> [UInt8] {
    try written(".zip") {
      try ZipArchive.write(entries.map { ($0.0, [$0.1[...]]) }, to: $0, creatingFolders: false)
    }
  }

  final class Small: Module {
    let first = Linear(inFeatures: 2, outFeatures: 3)
    let norm = BatchNorm1d(features: 3)
    let second = Linear(inFeatures: 3, outFeatures: 2)
  }

  private static func weights() throws -> ReaderSubject {
    ReaderSubject(
      name: "weights", ending: ".safetensors",
      good: [
        try written(".safetensors") {
          try withRandomSource(RandomSource(seed: 1)) { Small() }.writeWeights(to: $0)
        }
      ],
      inside: { header($0, &$1) }
    ) { path in
      let model = withRandomSource(RandomSource(seed: 1)) { Small() }
      try model.readWeights(from: path)
      var reading = Reading()
      for (name, tensor) in model.state {
        reading.add(name)
        for number in tensor.scalars { reading.add(Int(number.bitPattern)) }
      }
      return reading
    }
  }

  private static func checkpoints() throws -> ReaderSubject {
    let model = withRandomSource(RandomSource(seed: 1)) { Small() }
    let adam = Adam(model.parameters, learningRate: 0.01)
    let checkpoint = Checkpoint(
      model, adam, randomSource: RandomSource(seed: 3), position: DataPosition(epoch: 2, batch: 7, seed: 9),
      notes: ["recipe": "small"], arrays: ["best": Tensor([1, 2], shape: [2])])
    return ReaderSubject(
      name: "checkpoint", ending: ".safetensors",
      good: [try written(".safetensors") { try checkpoint.write(to: $0) }],
      isChecked: true,
      inside: { bytes, random in
        guard let inner = header(bytes, &random) else { return nil }
        if random.integer(below: 2) == 0 { return .init(core: inner.core) { withChecksum(inner.close($0)) } }
        // The numbers themselves: settings that no optimiser has.
        let start = bytes.count - (bytes.count - 8 - inner.core.count)
        return .init(core: Array(bytes[start...])) { withChecksum(bytes[..<start] + $0) }
      }
    ) { path in
      let read = try Checkpoint(readingFrom: path)
      let model = withRandomSource(RandomSource(seed: 1)) { Small() }
      try read.restore(model, Adam(model.parameters, learningRate: 0.01))
      var reading = Reading("\(read.position) \(read.seed) \(read.streams)")
      for (name, tensor) in model.state
        + read.arrays.sorted(by: { $0.key < $1.key }).map({ ($0.key, $0.value) })
      {
        reading.add(name)
        for number in tensor.scalars { reading.add(Int(number.bitPattern)) }
      }
      for (key, note) in read.notes.sorted(by: { $0.key < $1.key }) { reading.add(key + note) }
      return reading
    }
  }

  /// The file with the checksum that belongs to it, where it can be read at all.
  private static func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
    let changed = try? written(".safetensors") { path in
      try AtomicFile.write(bytes, to: path)
      var file = try SafeTensors.read(path)
      file.metadata["checksum"] = try file.checksum(leavingOut: "checksum")
      try SafeTensors.write(file, to: path)
    }
    return changed ?? bytes
  }

  /// What `body` writes to a path.
  static func written(_ ending: String, _ body: (String) throws -> Void) throws -> [UInt8] {
    let path = NSTemporaryDirectory() + "torture-\(getpid())-\(UInt64.random(in: .min ... .max))\(ending)"
    defer { unlink(path) }
    try body(path)
    return try FileContents.bytes(of: path)
  }
}
