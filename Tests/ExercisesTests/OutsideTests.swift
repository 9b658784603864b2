import Foundation
import Subprocess
import Testing

@testable import ExerciseKit

/// What is public can be used by a package that depends on this one.
@Suite struct OutsideTests {
  /// One type of a stranger's for each public protocol of the engine.
  private static let source = """
    import Engine

    final class SignDescent: Optimizer {
      struct Settings: OptimizerSettings {
        var learningRate: Double
        var momentum: Double?
      }
      var groups: [ParameterGroup<Settings>]
      var memory: OptimizerMemory

      init(_ parameters: [Parameter], learningRate: Double) {
        groups = [ParameterGroup(parameters, Settings(learningRate: learningRate, momentum: nil))]
        memory = OptimizerMemory(for: groups, "SignDescent")
      }
      func slots(for settings: Settings) -> [MemorySlot] { [MemorySlot(name: "sum")] }
      func step() {
        changeParameters { settings, piece in
          for i in 0..<piece.count where piece.gradient[i] != 0 {
            piece.memory[0][i] += piece.gradient[i]
            piece.weights[i] -= Float(settings.learningRate) * (piece.gradient[i] > 0 ? 1 : -1)
          }
        }
      }
    }

    final class Doubled: Module, Layer {
      func callAsFunction(_ x: Variable) -> Variable { 2 * x }
    }

    final class Kept: Module, ArrayKeeping {
      var table = Tensor([1])
      var keptArrays: [KeptArray] { [KeptArray("table", table, as: .int8)] }
      func take(_ arrays: [String: Tensor]) { table = arrays["table"]! }
    }

    final class Shelf: ArrayTaking {
      var arrays: [String: Tensor] = [:]
      func take(_ arrays: [String: Tensor]) { self.arrays = arrays }
    }

    final class Matrix: Module, EightBitLayer {
      let weight = Parameter(Tensor.zeros([2, 3]))
      var roundableWeights: [EightBitWeight] { [EightBitWeight("weight", weight)] }
    }

    final class Coarse: WeightRounding {
      func input(_ x: Variable) -> Variable { x }
      func weight(_ weight: Variable) -> Variable { 0.5 * weight }
    }

    final class Nobody: StepPartner {
      var complete = 0
      func gradientIsComplete(of parameter: Parameter) { complete += 1 }
      func combine(_ figures: StepFigures, gradientsOf parameters: [Parameter]) throws -> StepFigures { figures }
      func step(_ optimizer: any Optimizer) throws { optimizer.step() }
    }

    struct Halving: Schedule {
      func learningRate(at step: Int, base: Double) -> Double { base / Double(1 << step) }
    }

    struct Side: Size2dConvertible { var asSize2d: Size2d { Size2d(1, 2) } }

    struct Negative: AugmentationStep {
      func changed(_ image: Tensor, random: inout RandomStream) -> Tensor { 1 - image }
    }

    struct OneBar: Chart {
      var drawing: Drawing {
        var drawing = Drawing(width: 200, height: 40, title: "one bar")
        drawing.add(.fill(Box(x: 80, y: 10, width: 110, height: 20), .ink))
        drawing.add(Drawing.Label(text: "digits", x: 72, y: 25, anchor: .end))
        return drawing
      }
    }

    struct Fit: TrainingTask {
      var exampleCount: Int { 4 }
      func batch(_ places: ArraySlice<Int>, epoch: Int) -> Tensor { Tensor(places.map { Float($0) }) }
      func step(_ model: Doubled, on batch: Tensor) -> TrainingStep {
        TrainingStep(loss: model(Variable(batch)).mean(), examples: batch.count)
      }
      var identity: [(name: String, value: String)] { [] }
    }

    struct Sorting: ClassificationTask {
      typealias Model = Doubled
      typealias Input = Tensor
      var classCount: Int { 2 }
      var exampleCount: Int { 4 }
      var identity: [(name: String, value: String)] { [] }
      func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<Tensor> { validationBatch(places) }
      func validationBatch(_ places: ArraySlice<Int>) -> Labelled<Tensor> {
        Labelled(Tensor.zeros([places.count, 2]), IntTensor(places.map { $0 % 2 }))
      }
      func logits(_ model: Doubled, _ input: Tensor) -> Variable { model(Variable(input)) }
    }
    """

  private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test func aStrangersTypesConformToEveryProtocolOfTheEngine() async throws {
    // A protocol that is added must be tried here too.
    for floor in ["Tensors", "Formats", "Autograd", "Layers", "Datasets", "Training", "Pictures"] {
      let folder = root.appending(path: "Sources/\(floor)")
      for case let file as URL in FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)!
      where file.pathExtension == "swift" {
        for found in try String(contentsOf: file, encoding: .utf8).matches(of: /(?m)^public protocol (\w+)/) {
          #expect(Self.source.contains(try Regex(": (\\w+, )?\(found.1) \\{")), "\(found.1)")
        }
      }
    }

    let folder = FileManager.default.temporaryDirectory.appending(path: "outside-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "Stranger.swift")
    try Self.source.write(to: file, atomically: true, encoding: .utf8)
    let toolchain = try Toolchain(root: root)
    let result = try await Subprocess.run(
      .path(.init(toolchain.compiler.path)),
      arguments: .init(
        ["-typecheck", "-package-name", "stranger"]
          + toolchain.arguments(module: "Stranger", isOptimized: false)
          + [file.path]),
      output: .discarded, error: .string(limit: 1 << 20))
    #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
  }
}
