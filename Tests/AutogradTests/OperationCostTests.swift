import Autograd
import Engine
import Foundation
import Testing

/// Every op states what it costs, and summaries count by it.
@Suite struct OperationCostTests {
  typealias Operation = OperationTrace.Operation

  static func normal(_ shape: [Int]) -> Variable {
    Variable(PrimitiveTests.normal(shape), requiresGradient: true)
  }

  static func recurrent(gates: Int, layers: Int = 1) -> [[RecurrentParameters]] {
    (0..<layers).map { layer in
      (0..<2).map { _ in
        RecurrentParameters(
          inputHidden: normal([gates * 3, layer == 0 ? 5 : 6]), hiddenHidden: normal([gates * 3, 3]))
      }
    }
  }

  /// Ops that `PrimitiveTests` has no case of: they are tested by themselves.
  static let others: [@Sendable () -> Void] = [
    { _ = maxPool2d(relu(conv2d(normal([2, 3, 6, 6]), normal([4, 3, 3, 3]))), kernelSize: 2).value },
    { _ = maxPool2d(normal([2, 3, 6, 6]), kernelSize: 3).value },
    { _ = gelu(linear(normal([2, 3]), normal([4, 3]))).value },
    {
      let weight = Parameter(normal([4, 3]).value)
      weight.keep(IntegerWeight(QuantizedTensor(weight.value, axis: 0)))
      _ = linear(normal([2, 3]), weight)
    },
    { _ = fakeQuantize(normal([2, 3]), Quantization(scales: [0.1], zeroPoints: [3])) },
    { _ = normal([2, 3]).flattened(from: 0) },
    { _ = rnn(normal([7, 2, 5]), layers: recurrent(gates: 1)) },
    { _ = gru(normal([7, 2, 5]), layers: recurrent(gates: 3)) },
    { _ = lstm(normal([7, 2, 5]), layers: recurrent(gates: 4)) },
    { _ = crossEntropy(normal([2, 3]), IntTensor([0, 2])) },
    { _ = squaredError(normal([2, 3]), .zeros([2, 3])) },
    { _ = absoluteError(normal([2, 3]), .zeros([2, 3])) },
    { _ = huberLoss(normal([2, 3]), .zeros([2, 3])) },
    { _ = binaryCrossEntropy(normal([2, 3]), .zeros([2, 3])) },
    { _ = klDivergence(normal([2, 3]), .zeros([2, 3])) },
    {
      _ = distillationLoss(
        student: normal([2, 3]), teacher: PrimitiveTests.normal([2, 3], seed: 2), target: IntTensor([0, 2]))
    },
  ]

  static func everything() -> [Operation] {
    OperationTrace.record {
      for test in PrimitiveTests.cases {
        _ = test.op(test.inputs.map { Variable($0, requiresGradient: true) }).value
      }
      for run in others { run() }
    }
  }

  @Test func everyOpThatRunsStatesItsCost() {
    let silent = Set(Self.everything().filter { $0.cost == nil }.map(\.name))
    #expect(silent == [])
  }

  /// The list above is complete: each name of an op that stands in the sources was run.
  @Test func everyOpOfTheSourcesWasRun() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let ran = Set(Self.everything().map(\.name))
    var names: Set<String> = []
    for folder in ["Autograd/Primitives", "Autograd/Composites", "Training/Losses"] {
      let path = root.appending(path: "Sources/\(folder)")
      for file in try FileManager.default.contentsOfDirectory(atPath: path.path) {
        let text = try String(contentsOf: path.appending(path: file), encoding: .utf8)
        for match in text.matches(
          of: #/(?:op: |static let \w+ = (?:\w+ \+ )?\[|RecurrentOp\(\s*name: |pointwiseLoss\(\s*)"([^"]+)"/#)
        {
          names.insert(String(match.1))
        }
      }
    }
    #expect(names.count > 50, "the search finds hardly any")
    #expect(names.subtracting(ran) == [])
  }

  static func count(_ body: () -> Void) -> [String: Int] {
    Dictionary(
      OperationTrace.record(body).map { ($0.name, $0.floatingPointOperations ?? -1) }, uniquingKeysWith: +)
  }

  @Test func countsByHand() {
    let count = Self.count
    let x = Self.normal
    // A product and a sum for each weight and result; without a bias a sum less.
    #expect(count { _ = linear(x([4, 3]), x([5, 3]), bias: x([5])) } == ["linear": 4 * 5 * 6])
    #expect(count { _ = linear(x([2, 4, 3]), x([5, 3])) } == ["linear": 2 * 4 * 5 * 5])
    #expect(
      count { _ = conv2d(x([2, 4, 6, 7]), x([6, 2, 3, 3]), bias: x([6]), groups: 2) }
        == ["conv2d": 2 * 6 * 4 * 5 * 2 * 2 * 9])
    #expect(count { _ = conv2d(x([1, 3, 5, 5]), x([2, 3, 5, 5])) } == ["conv2d": 2 * (2 * 75 - 1)])
    // Each of 2·4·3·3 pixels paints filters of 2×2 into 3 channels of its group.
    #expect(
      count { _ = convTranspose2d(x([2, 4, 3, 3]), x([4, 3, 2, 2]), groups: 2) }
        == ["convTranspose2d": 2 * 36 * 2 * 12])
    #expect(count { _ = matmul(x([2, 3]), x([3, 4])) } == ["matmul": 8 * 5])
    #expect(
      count { _ = matmul(x([3, 2]), x([4, 3]), transposeA: true, transposeB: true) } == ["matmul": 8 * 5])
    #expect(count { _ = matmul(x([7, 2, 3]), x([3, 4])) } == ["matmul": 7 * 8 * 5])
    #expect(
      count { _ = scaledDotProductAttention(x([2, 3, 4, 5]), x([2, 3, 6, 5]), x([2, 3, 6, 8])) }
        == ["attention": 2 * (2 * 3 * 4 * 6) * (5 + 8)])
    // Two layers of two directions, 14 steps of a sequence: [12, 5] and [12, 3], then [12, 6] and [12, 3].
    #expect(
      count { _ = lstm(x([7, 2, 5]), layers: Self.recurrent(gates: 4, layers: 2)) }
        == ["lstm": 2 * 14 * 2 * (12 * 8 + 12 * 9)])
    #expect(count { _ = x([2, 3, 4]).sum(axis: 1) } == ["sum": 24])
    #expect(count { _ = x([2, 3, 4]).maximum(axis: 1) } == ["maximum": 24])
    #expect(count { _ = x([2, 3]) + x([4, 1, 3]) } == ["+": 24])
    #expect(count { _ = maxPool2d(x([2, 3, 4, 4]), kernelSize: 2) } == ["maxPool2d": 96])
    #expect(
      count { _ = x([2, 3]).transposed().reshaped([6]).sliced(0..<4, axis: 0) }.values.allSatisfy { $0 == 0 })
    #expect(count { _ = crossEntropy(x([4, 10]), IntTensor([0, 2, 4, 6])) } == ["crossEntropy": 40])
  }

  /// What is done in one pass is listed and counted as if it were done op by op.
  @Test func opsInOnePassCountAsByThemselves() {
    func names(reading: Bool) -> [String] {
      func read(_ x: Variable) -> Variable {
        if reading { _ = x.value }
        return x
      }
      let x = Self.normal
      return OperationTrace.record {
        let maps = read(relu(read(conv2d(x([2, 3, 6, 6]), x([4, 3, 3, 3]), bias: x([4])))))
        _ = read(maxPool2d(maps, kernelSize: 2))
        _ = read(gelu(read(linear(x([2, 3]), x([4, 3])))))
        _ = read(x([2, 4]) + read(linear(x([2, 3]), x([4, 3]))))
      }.map { "\($0.name) \($0.outputShape) \($0.floatingPointOperations ?? -1)" }
    }
    #expect(names(reading: false) == names(reading: true))
    #expect(names(reading: false).count == 7)
    let x = Self.normal
    #expect(
      maxPool2d(relu(conv2d(x([1, 1, 6, 6]), x([1, 1, 3, 3]))), kernelSize: 2).op
        == "conv2d + relu + maxPool2d")
  }

  /// A recurrent op with gradients is one op as well, although it makes several variables.
  @Test func recurrentOpsAreListedOnce() {
    for body in [{ _ = lstm(Self.normal([7, 2, 5]), layers: Self.recurrent(gates: 4)) }] {
      let (with, without) = (OperationTrace.record(body), withoutGradients { OperationTrace.record(body) })
      #expect(with.map(\.name) == ["lstm"] && without.map(\.name) == ["lstm"])
      #expect(with[0].outputShape == [7, 2, 6] && with[0].outputShape == without[0].outputShape)
      #expect(with[0].floatingPointOperations == without[0].floatingPointOperations)
    }
  }

  /// A layer with an op of one's own.
  private final class Squares: Module, Layer {
    let linear = Linear(inFeatures: 3, outFeatures: 2)
    let cost: OperationCost?
    init(_ cost: OperationCost?) { self.cost = cost }
    func callAsFunction(_ x: Variable) -> Variable {
      let value = linear(x).value
      return Variable(value * value, op: "square", cost: cost, inputs: [x]) { dy in [2 * value * dy] }
    }
  }

  @Test func anOpOfOnesOwnIsCountedByWhatItStates() {
    let stated = Squares(.perResult(7)).summary(inputShape: [4, 3])
    #expect(stated.rows.map(\.operations) == [48, 56] && stated.operations == 104 && stated.uncounted == [])
    let silent = Squares(nil).summary(inputShape: [4, 3])
    #expect(silent.operations == 48 && silent.uncounted == ["square"])
    #expect(
      silent.description == """
        layer   op      output  parameters  FLOPs  memory
        ─────────────────────────────────────────────────
        linear  linear  [4, 2]           8     48    32 B
                square  [4, 2]                  ?    32 B
        ─────────────────────────────────────────────────
        total                            8     48    64 B
        FLOPs without those of square
        """)
  }
}
