import Engine
import Foundation
import Testing

/// Files of weights that do not hold exactly what the network has.
@Suite struct WeightsFileTests {
  final class Network: Module {
    let first = Linear(inFeatures: 2, outFeatures: 3)
    let second = Linear(inFeatures: 3, outFeatures: 1)
  }

  private let path = NSTemporaryDirectory() + "weights-\(UUID().uuidString).safetensors"

  /// Writes the weights of `network` under other names, without those that become nil.
  private func write(_ network: Module, more: [String: StoredArray] = [:], naming: (String) -> String?) throws
  {
    var arrays = NamedArrays()
    for (name, tensor) in network.state {
      if let name = naming(name) { arrays[name] = StoredArray(tensor) }
    }
    for (name, array) in more { arrays[name] = array }
    try SafeTensors.write(arrays, to: path)
  }

  private func sameState(_ a: Module, _ b: Module) -> Bool {
    a.state.count == b.state.count
      && zip(a.state, b.state).allSatisfy { $0.name == $1.name && $0.tensor == $1.tensor }
  }

  @Test func aPrefixIsTakenAway() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (saved, model) = (Network(), Network())
    try write(saved, more: ["head.weight": StoredArray(Tensor(1))]) { "module." + $0 }
    try model.readWeights(from: path, prefix: "module.")
    #expect(sameState(saved, model))
    // Without it nothing fits, and the error says what would.
    try write(saved) { "module." + $0 }
    let error = #expect(throws: FileError.self) { try Network().readWeights(from: path) }
    #expect(error?.advice?.contains("missing: first.weight") == true)
    #expect(error?.advice?.contains("read it with the prefix \"module.\"") == true)
  }

  @Test func whatFitsIsTakenWhenNotStrict() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (saved, model) = (Network(), Network())
    let before = model.second.state[0].tensor
    try write(saved, more: ["extra": StoredArray(IntTensor([1]))]) {
      $0.hasPrefix("second.weight") ? nil : $0
    }
    #expect(throws: FileError.self) { try model.readWeights(from: path) }
    #expect(!sameState(saved, model))
    let rest = try model.readWeights(from: path, strict: false)
    #expect(rest.missing == ["second.weight"] && rest.unexpected == ["extra"])
    #expect(
      model.first.state[0].tensor == saved.first.state[0].tensor && model.second.state[0].tensor == before)
    // Another shape is a mistake in any case.
    try write(saved, more: ["first.bias": StoredArray(Tensor([1, 2]))]) { $0 }
    #expect(throws: FileError.self) { try model.readWeights(from: path, strict: false) }
  }

  /// Two layers that share their weights.
  final class Tied: Module {
    let encoder = Linear(inFeatures: 2, outFeatures: 2)
    let decoder: Linear
    override init() {
      decoder = encoder
      super.init()
    }
  }

  @Test func oneNameIsEnoughForTiedWeights() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let saved = Tied()
    for part in ["encoder", "decoder"] {
      let model = Tied()
      // As safetensors' save_model writes them.
      try write(saved) { $0.hasPrefix(part) ? $0 : nil }
      try model.readWeights(from: path)
      #expect(sameState(saved, model), "\(part)")
    }
    let model = Tied()
    try write(saved) { $0 }
    try model.readWeights(from: path)
    #expect(sameState(saved, model))
    // Two names, two values: none of them is right.
    try write(saved, more: ["decoder.bias": StoredArray(Tensor([7, 8]))]) { $0 }
    let error = #expect(throws: FileError.self) { try model.readWeights(from: path) }
    #expect(
      error?.advice?.contains("shared here, but with different numbers: decoder.bias and encoder.bias")
        == true)
  }

  /// Damage to any byte of a checkpoint shows.
  @Test func checkpointsCarryAChecksum() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = Network()
    let optimizer = SGD(model.parameters, learningRate: 0.1, momentum: 0.9)
    let checkpoint = Checkpoint(model, optimizer, position: DataPosition(seed: 1), notes: ["why": "test"])
    try checkpoint.write(to: path)
    #expect(try Checkpoint(readingFrom: path) == checkpoint)
    let good = try Array(Data(contentsOf: URL(filePath: path)))
    for place in good.indices {
      var bytes = good
      bytes[place] ^= 1 << UInt8(place % 8)
      try Data(bytes).write(to: URL(filePath: path))
      #expect(throws: FileError.self, "byte \(place)") { _ = try Checkpoint(readingFrom: path) }
    }
    var bytes = good
    bytes[good.count - 1] ^= 1
    try Data(bytes).write(to: URL(filePath: path))
    let error = #expect(throws: FileError.self) { _ = try Checkpoint(readingFrom: path) }
    #expect(error?.found == "the checkpoint does not match its checksum")
  }
}
