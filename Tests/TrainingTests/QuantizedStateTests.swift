import Engine
import Foundation
import Testing

/// Weights in eight bits are saved and loaded with the rest of a network.
@Suite struct QuantizedStateTests {
  final class Network: Module, Layer {
    let first: QuantizedLinear
    let second: Linear

    init(seed: UInt64, range: ClosedRange<Int> = -127...127) {
      let (a, b) = withRandomSource(RandomSource(seed: seed)) {
        (Linear(inFeatures: 3, outFeatures: 4), Linear(inFeatures: 4, outFeatures: 2))
      }
      first = QuantizedLinear(
        quantizedWeight: QuantizedTensor(
          a.weight.value, range.lowerBound < 0 ? .symmetric : .affine, axis: 0, range: range),
        bias: a.bias)
      second = b
      super.init()
    }

    func callAsFunction(_ x: Variable) -> Variable { second(relu(first(x))) }
  }

  private let path = NSTemporaryDirectory() + "quantized-\(UUID().uuidString).safetensors"
  private let x = Variable(Tensor([[1, -2, 3], [0.5, 0.25, -4]]))

  @Test func itsStateHasTheWholeNumbers() {
    let model = Network(seed: 1)
    #expect(
      model.state.map { "\($0.name) \($0.tensor.shape)" } == [
        "first.bias [4]", "first.weight [4, 3]", "first.weight_scale [4]", "first.weight_zero_point [4]",
        "second.weight [2, 4]", "second.bias [2]",
      ])
    #expect(model.state[1].tensor == Tensor(model.first.quantizedWeight.integers))
  }

  @Test(arguments: [-127...127, 0...255]) func filesHoldEightBits(_ range: ClosedRange<Int>) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (saved, model) = (Network(seed: 1, range: range), Network(seed: 2, range: range))
    try saved.writeWeights(to: path)
    let file = try SafeTensors.read(path)
    let type: ScalarType = range.lowerBound < 0 ? .int8 : .uint8
    #expect(try file.array("first.weight").scalarType == type)
    #expect(try file.array("first.weight_zero_point").scalarType == type)
    #expect(try file.array("first.weight").intTensor == saved.first.quantizedWeight.integers)
    #expect(try file.array("first.weight_scale").scalarType == .float32)
    #expect(model(x).value != saved(x).value)
    try model.readWeights(from: path)
    #expect(model.first.quantizedWeight == saved.first.quantizedWeight)
    #expect(model(x).value == saved(x).value)
  }

  @Test func checkpointsHoldThemToo() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (saved, model) = (Network(seed: 1), Network(seed: 2))
    let checkpoint = Checkpoint(
      saved, SGD(saved.parameters, learningRate: 1), position: DataPosition(seed: 1))
    try checkpoint.write(to: path)
    try Checkpoint(readingFrom: path).restore(model, SGD(model.parameters, learningRate: 1))
    #expect(model.first.quantizedWeight == saved.first.quantizedWeight)
  }

  @Test func numbersThatDoNotFitAreRefused() throws {
    let model = Network(seed: 1)
    let before = model.state.map(\.tensor)
    var state = model.state
    state[1].tensor[2, 1] = 0.5
    state[2].tensor[3] = 0
    state[3].tensor[0] = 128
    state[5].tensor[0] = 9
    let error = #expect(throws: StateMismatch.self) { try model.load(state) }
    #expect(
      error?.wrongNumbers == [
        "first.weight holds 0.5; whole numbers from -127 to 127 are needed",
        "first.weight_scale holds 0.0; numbers from 1e-45 to 3.4028235e+38 are needed",
        "first.weight_zero_point holds 128.0; whole numbers from -127 to 127 are needed",
      ])
    #expect(error?.description.contains("wrong numbers: first.weight holds 0.5") == true)
    #expect(model.state.map(\.tensor) == before, "nothing is changed")
    // Also where names may be missing; and what is missing stays as it was.
    #expect(throws: StateMismatch.self) { try model.load(state, strict: false) }
    let scale = Tensor([1, 2, 3, 4])
    try model.load([("first.weight_scale", scale)], strict: false)
    #expect(model.first.quantizedWeight.quantization.scales == [1, 2, 3, 4])
    #expect(model.state[1].tensor == before[1])
  }

  /// A file of a network in floats is none of one in eight bits, and the other way round.
  @Test func theOtherKindOfFileIsRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    final class Plain: Module {
      let first = Linear(inFeatures: 3, outFeatures: 4)
      let second = Linear(inFeatures: 4, outFeatures: 2)
    }
    let model = Network(seed: 1)
    try Plain().writeWeights(to: path)
    let error = #expect(throws: FileError.self) { try model.readWeights(from: path) }
    #expect(error?.advice?.contains("missing: first.weight_scale, first.weight_zero_point") == true)
    #expect(error?.advice?.contains("whole numbers from -127 to 127 are needed") == true)
    try model.writeWeights(to: path)
    #expect(throws: FileError.self) { try Plain().readWeights(from: path) }
  }

  /// One layer under two names, with a prefix.
  @Test func sharedLayersAreLoadedOnce() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    final class Tied: Module {
      let a: QuantizedLinear
      let b: QuantizedLinear
      init(seed: UInt64) {
        a = Network(seed: seed).first
        b = a
        super.init()
      }
    }
    let (saved, model) = (Tied(seed: 1), Tied(seed: 2))
    try saved.writeWeights(to: path)
    var arrays = NamedArrays()
    let file = try SafeTensors.read(path)
    for name in file.names where name.hasPrefix("b.") { arrays["module." + name] = try file.array(name) }
    try SafeTensors.write(arrays, to: path)
    try model.readWeights(from: path, prefix: "module.")
    #expect(model.a.quantizedWeight == saved.a.quantizedWeight)
  }
}
