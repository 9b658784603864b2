import Engine
import Foundation
import Testing

/// One name means one thing: what can be done with a `Tensor` and with a `Variable` is written in the same way. This is
/// the table; the page "Your own model in five minutes" shows it.
@Suite struct NameTests {
  /// An expression, and what it is for both.
  struct Row: Sendable {
    let text: String
    let tensor: @Sendable (Tensor, Tensor) -> Tensor
    let variable: @Sendable (Variable, Variable) -> Variable

    init(
      _ text: String, _ tensor: @escaping @Sendable (Tensor, Tensor) -> Tensor,
      _ variable: @escaping @Sendable (Variable, Variable) -> Variable
    ) {
      (self.text, self.tensor, self.variable) = (text, tensor, variable)
    }
  }

  static let mask = MaskTensor([true, false, true, true, false, false], shape: [2, 3])
  static let places = IntTensor([2, 0, 1, 1], shape: [2, 2])

  static let rows: [Row] = [
    Row("x + y", { $0 + $1 }, { $0 + $1 }),
    Row("x - y", { $0 - $1 }, { $0 - $1 }),
    Row("x * y", { $0 * $1 }, { $0 * $1 }),
    Row("x / y", { $0 / $1 }, { $0 / $1 }),
    Row("-x", { x, _ in -x }, { x, _ in -x }),
    Row("2 * x + 1", { x, _ in 2 * x + 1 }, { x, _ in 2 * x + 1 }),
    Row("abs(x)", { x, _ in abs(x) }, { x, _ in abs(x) }),
    Row("exp(x)", { x, _ in exp(x) }, { x, _ in exp(x) }),
    Row("log(x)", { x, _ in log(x) }, { x, _ in log(x) }),
    Row("sqrt(x)", { x, _ in sqrt(x) }, { x, _ in sqrt(x) }),
    Row("pow(x, 3)", { x, _ in pow(x, 3) }, { x, _ in pow(x, 3) }),
    Row("clamp(x, to: 0...1)", { x, _ in clamp(x, to: 0...1) }, { x, _ in clamp(x, to: 0...1) }),
    Row("tanh(x)", { x, _ in tanh(x) }, { x, _ in tanh(x) }),
    Row("sigmoid(x)", { x, _ in sigmoid(x) }, { x, _ in sigmoid(x) }),
    Row("erf(x)", { x, _ in erf(x) }, { x, _ in erf(x) }),
    Row("relu(x)", { x, _ in relu(x) }, { x, _ in relu(x) }),
    Row(
      "leakyReLU(x, slope: 0.1)", { x, _ in leakyReLU(x, slope: 0.1) }, { x, _ in leakyReLU(x, slope: 0.1) }),
    Row("elu(x, alpha: 0.5)", { x, _ in elu(x, alpha: 0.5) }, { x, _ in elu(x, alpha: 0.5) }),
    Row("gelu(x)", { x, _ in gelu(x) }, { x, _ in gelu(x) }),
    Row(
      "gelu(x, tanhApproximation: true)", { x, _ in gelu(x, tanhApproximation: true) },
      { x, _ in gelu(x, tanhApproximation: true) }),
    Row("silu(x)", { x, _ in silu(x) }, { x, _ in silu(x) }),
    Row("softplus(x, beta: 2)", { x, _ in softplus(x, beta: 2) }, { x, _ in softplus(x, beta: 2) }),
    Row("softmax(x, axis: 0)", { x, _ in softmax(x, axis: 0) }, { x, _ in softmax(x, axis: 0) }),
    Row("logSoftmax(x)", { x, _ in logSoftmax(x) }, { x, _ in logSoftmax(x) }),
    Row(
      "matmul(x, y, transposeB: true)", { matmul($0, $1, transposeB: true) },
      { matmul($0, $1, transposeB: true) }),
    Row("x.sum()", { x, _ in Tensor(x.sum()) }, { x, _ in x.sum() }),
    Row("x.mean()", { x, _ in Tensor(x.mean()) }, { x, _ in x.mean() }),
    Row("x.sum(axis: 0)", { x, _ in x.sum(axis: 0) }, { x, _ in x.sum(axis: 0) }),
    Row(
      "x.sum(axes: [0, 1], keepingAxes: true)", { x, _ in x.sum(axes: [0, 1], keepingAxes: true) },
      { x, _ in x.sum(axes: [0, 1], keepingAxes: true) }),
    Row("x.mean(axis: 1)", { x, _ in x.mean(axis: 1) }, { x, _ in x.mean(axis: 1) }),
    Row("x.mean(axes: [0, 1])", { x, _ in x.mean(axes: [0, 1]) }, { x, _ in x.mean(axes: [0, 1]) }),
    Row("x.variance(axis: 1)", { x, _ in x.variance(axis: 1) }, { x, _ in x.variance(axis: 1) }),
    Row(
      "x.standardDeviation(axis: 1)", { x, _ in x.standardDeviation(axis: 1) },
      { x, _ in x.standardDeviation(axis: 1) }),
    Row("x.maximum(axis: 1)", { x, _ in x.maximum(axis: 1).values }, { x, _ in x.maximum(axis: 1) }),
    Row("x.minimum(axis: 1)", { x, _ in x.minimum(axis: 1).values }, { x, _ in x.minimum(axis: 1) }),
    Row("x.reshaped([3, -1])", { x, _ in x.reshaped([3, -1]) }, { x, _ in x.reshaped([3, -1]) }),
    Row("x.flattened(from: 1)", { x, _ in x.flattened(from: 1) }, { x, _ in x.flattened(from: 1) }),
    Row("x.permuted([1, 0])", { x, _ in x.permuted([1, 0]) }, { x, _ in x.permuted([1, 0]) }),
    Row("x.transposed()", { x, _ in x.transposed() }, { x, _ in x.transposed() }),
    Row("x.expandingAxis(1)", { x, _ in x.expandingAxis(1) }, { x, _ in x.expandingAxis(1) }),
    Row(
      "x.broadcast(to: [4, 2, 3])", { x, _ in x.broadcast(to: [4, 2, 3]) },
      { x, _ in x.broadcast(to: [4, 2, 3]) }),
    Row(
      "x.sliced(1..<3, axis: 1)", { x, _ in x.sliced(1..<3, axis: 1) }, { x, _ in x.sliced(1..<3, axis: 1) }),
    Row("x.selected(-1, axis: 1)", { x, _ in x.selected(-1, axis: 1) }, { x, _ in x.selected(-1, axis: 1) }),
    Row(
      "x.split(into: 3, axis: 1)", { x, _ in x.split(into: 3, axis: 1)[2] },
      { x, _ in x.split(into: 3, axis: 1)[2] }),
    Row(
      "x.split(sizes: [1, 2], axis: 1)", { x, _ in x.split(sizes: [1, 2], axis: 1)[1] },
      { x, _ in x.split(sizes: [1, 2], axis: 1)[1] }),
    Row(
      "concatenate([x, y], axis: 1)", { concatenate([$0, $1], axis: 1) }, { concatenate([$0, $1], axis: 1) }),
    Row("stack([x, y])", { stack([$0, $1]) }, { stack([$0, $1]) }),
    Row(
      "x.selecting([2, 0], axis: 1)", { x, _ in x.selecting([2, 0], axis: 1) },
      { x, _ in x.selecting([2, 0], axis: 1) }),
    Row(
      "x.gathered(places, axis: 1)", { x, _ in x.gathered(places, axis: 1) },
      { x, _ in x.gathered(places, axis: 1) }),
    Row(
      "x.replacing(with: y, where: mask)", { $0.replacing(with: $1, where: mask) },
      { $0.replacing(with: $1, where: mask) }),
    Row(
      "x.replacing(with: 0, where: mask)", { x, _ in x.replacing(with: 0, where: mask) },
      { x, _ in x.replacing(with: 0, where: mask) }),
  ]

  /// The same numbers, whichever it is: to the bit, or to rounding where a variable computes its gradient along.
  @Test func bothGiveTheSame() {
    var stream = RandomStream(seed: 3)
    let (x, y) = (stream.uniform(0.1..<2, shape: [2, 3]), stream.normal(shape: [2, 3]))
    for row in Self.rows {
      let (ours, theirs) = (row.tensor(x, y), row.variable(Variable(x), Variable(y, requiresGradient: true)))
      #expect(ours.isClose(to: theirs.value, relative: 1e-6), "\(row.text)")
    }
  }

  /// The page lists exactly these, in this order.
  @Test func thePageShowsTheTable() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "Book/your-own-model.md"), encoding: .utf8)
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("| operation |") })
    let shown = lines[(start + 2)...].prefix { $0.hasPrefix("|") }.flatMap { line in
      // Of the two columns, the second: each name between backticks.
      line.split(separator: "|")[1].matches(of: #/`([^`]+)`/#).map { String($0.1) }
    }
    #expect(shown == Self.rows.map(\.text))
  }

  /// A method of `Variable` that is missing in the table would be a second dialect in the making.
  @Test func theTableIsComplete() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    // What only a variable has, because it is about gradients, or a network's layer with weights.
    let variablesOnly: Set = [
      "backward", "clearGradient", "retainGradient", "detached", "scaledDotProductAttentionWithWeights",
      "scaledDotProductAttention", "multiHeadAttention", "avgPool2d", "adaptiveAvgPool2d", "batchNorm",
      "conv1d",
      "convTranspose2d", "dropout", "embedding", "gru", "groupNorm", "lstm", "layerNorm", "rmsNorm", "linear",
      "maxPool2d", "rnn", "rotary", "globalAvgPool2d", "globalMaxPool2d", "conv2d",
      "fakeQuantize",
    ]
    let listed = Set(Self.rows.compactMap { $0.text.firstMatch(of: #/(\w+)\(/#).map { String($0.1) } })
    var found: Set<String> = []
    for folder in ["Autograd/Primitives", "Autograd/Composites"] {
      let path = root.appending(path: "Sources/\(folder)")
      for file in try FileManager.default.contentsOfDirectory(atPath: path.path) {
        let text = try String(contentsOf: path.appending(path: file), encoding: .utf8)
        for match in text.matches(of: #/public func (\w+)/#) { found.insert(String(match.1)) }
      }
    }
    #expect(found.count > 40)
    #expect(found.subtracting(listed).subtracting(variablesOnly) == [])
  }
}
