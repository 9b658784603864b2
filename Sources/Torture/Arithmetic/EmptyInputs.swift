import ArgumentParser
import Engine
import Foundation
import Workbench

/// Every op with inputs that have no number, or one: a result of the right kind, or a trap that names the op. A trap of
/// Swift's own ("Index out of range") would mean that nobody has thought of it.
enum EmptyInputs {
  /// An op, for an input of any shape.
  struct Op: Sendable {
    let name: String
    let call: @Sendable (Variable) -> Variable

    init(_ name: String, _ call: @escaping @Sendable (Variable) -> Variable) {
      (self.name, self.call) = (name, call)
    }
  }

  /// No number by each of the axes, one number, one step, one example.
  static let shapes: [[Int]] = [
    [], [0], [1], [0, 3], [3, 0], [1, 1], [0, 0], [1, 3], [0, 2, 3], [2, 0, 3], [2, 3, 0], [1, 1, 1],
    [0, 2, 4, 4], [2, 0, 4, 4],
    [2, 2, 0, 4], [2, 2, 4, 0], [1, 2, 1, 1], [1, 2, 4, 4],
  ]

  private static func parameter(_ shape: Int...) -> Variable {
    var stream = RandomStream(seed: 3)
    return Variable(stream.normal(shape: shape), requiresGradient: true)
  }

  static let ops: [Op] = elementwise + shaped + layered

  private static let elementwise: [Op] = [
    Op("x + x") { $0 + $0 }, Op("x - x") { $0 - $0 }, Op("x * x") { $0 * $0 }, Op("x / x") { $0 / $0 },
    Op("-x") { -$0 },
    Op("2 * x + 1") { 2 * $0 + 1 }, Op("abs") { abs($0) }, Op("exp") { exp($0) }, Op("log") { log($0) },
    Op("sqrt") { sqrt($0) },
    Op("pow") { pow($0, 3) }, Op("clamp") { clamp($0, to: 0...1) }, Op("tanh") { tanh($0) },
    Op("sigmoid") { sigmoid($0) },
    Op("erf") { erf($0) }, Op("relu") { relu($0) }, Op("leakyReLU") { leakyReLU($0) }, Op("elu") { elu($0) },
    Op("gelu") { gelu($0) }, Op("gelu by tanh") { gelu($0, tanhApproximation: true) },
    Op("silu") { silu($0) },
    Op("softplus") { softplus($0) }, Op("dropout") { dropout($0, probability: 0.5, isTraining: true) },
    Op("fakeQuantize") { fakeQuantize($0, Quantization(scales: [0.1], zeroPoints: [0])) },
    Op("replacing") { x in
      x.replacing(with: 0, where: MaskTensor(Array(repeating: true, count: x.value.count), shape: x.shape))
    },
  ]

  private static let shaped: [Op] = [
    Op("sum") { $0.sum() }, Op("mean") { $0.mean() }, Op("sum of the first axis") { $0.sum(axis: 0) },
    Op("mean of the last axis") { $0.mean(axis: -1) },
    Op("sum of all axes") { $0.sum(axes: Array($0.shape.indices)) },
    Op("maximum") { $0.maximum(axis: -1) }, Op("minimum") { $0.minimum(axis: 0) },
    Op("variance") { $0.variance(axis: -1) },
    Op("standardDeviation") { $0.standardDeviation(axis: 0) }, Op("softmax") { softmax($0) },
    Op("softmax of the first axis") { softmax($0, axis: 0) }, Op("logSoftmax") { logSoftmax($0) },
    Op("flattened") { $0.flattened() }, Op("reshaped") { $0.reshaped([-1]) },
    Op("expandingAxis") { $0.expandingAxis(0) },
    Op("transposed") { $0.transposed() }, Op("permuted") { $0.permuted(Array($0.shape.indices.reversed())) },
    Op("broadcast") { $0.broadcast(to: [2] + $0.shape) }, Op("sliced") { $0.sliced(0..<1, axis: 0) },
    Op("sliced to nothing") { $0.sliced(0..<0, axis: 0) }, Op("selected") { $0.selected(-1, axis: -1) },
    Op("selecting") { $0.selecting([0], axis: 0) }, Op("selecting none") { $0.selecting([], axis: 0) },
    Op("gathered") { x in
      x.gathered(IntTensor(Array(repeating: 0, count: x.value.count), shape: x.shape), axis: -1)
    },
    Op("split") { $0.split(into: 1, axis: 0)[0] }, Op("concatenate") { concatenate([$0, $0]) },
    Op("stack") { stack([$0, $0]) },
    Op("matmul") { matmul($0, $0, transposeB: true) }, Op("rotary") { rotary($0) },
    Op("scaledDotProductAttention") { scaledDotProductAttention($0, $0, $0) },
    Op("scaledDotProductAttention, causal") { scaledDotProductAttention($0, $0, $0, isCausal: true) },
    Op("crossEntropy") { x in crossEntropy(x, IntTensor(Array(repeating: 0, count: x.shape.first ?? 0))) },
    Op("squaredError") { squaredError($0, $0.value) },
  ]

  private static let layered: [Op] = [
    Op("linear") { x in linear(x, parameter(2, x.shape.last ?? 1), bias: parameter(2)) },
    Op("conv1d") { x in conv1d(x, parameter(2, x.shape.count > 1 ? x.shape[1] : 1, 3), padding: 1) },
    Op("conv2d") { x in conv2d(x, parameter(2, x.shape.count > 1 ? x.shape[1] : 1, 3, 3), padding: 1) },
    Op("conv2d, stride 2") { x in
      conv2d(x, parameter(2, x.shape.count > 1 ? x.shape[1] : 1, 3, 3), stride: 2, padding: 1)
    },
    Op("conv2d + relu + maxPool2d") { x in
      maxPool2d(
        relu(conv2d(x, parameter(2, x.shape.count > 1 ? x.shape[1] : 1, 3, 3), padding: 1)), kernelSize: 2)
    },
    Op("convTranspose2d") { x in
      convTranspose2d(x, parameter(x.shape.count > 1 ? x.shape[1] : 1, 2, 3, 3), padding: 1)
    },
    Op("maxPool2d") { maxPool2d($0, kernelSize: 2) }, Op("avgPool2d") { avgPool2d($0, kernelSize: 2) },
    Op("adaptiveAvgPool2d") { adaptiveAvgPool2d($0, outputSize: 2) },
    Op("globalAvgPool2d") { globalAvgPool2d($0) },
    Op("globalMaxPool2d") { globalMaxPool2d($0) }, Op("batchNorm") { batchNorm($0).output },
    Op("groupNorm") { groupNorm($0, groups: 1) },
    Op("layerNorm") { x in layerNorm(x, normalizedShape: Array(x.shape.suffix(1))) },
    Op("rmsNorm") { x in rmsNorm(x, normalizedShape: Array(x.shape.suffix(1))) },
    Op("embedding") { x in
      embedding(IntTensor(Array(repeating: 0, count: x.value.count), shape: x.shape), parameter(2, 3))
    },
    Op("rnn") { x in RNN(inputSize: x.shape.last ?? 1, hiddenSize: 2)(x).output },
    Op("gru") { x in GRU(inputSize: x.shape.last ?? 1, hiddenSize: 2)(x).output },
    Op("lstm") { x in LSTM(inputSize: x.shape.last ?? 1, hiddenSize: 2, bidirectional: true)(x).output },
    Op("MultiHeadAttention") { x in MultiHeadAttention(dimension: 4, heads: 2)(x) },
  ]

  /// How many calls there are.
  static var count: Int { ops.count * shapes.count }

  /// Call number `index`, forward and backward: false where what comes back has another shape than what went in.
  static func call(_ index: Int) -> Bool {
    let (op, shape) = (ops[index / shapes.count], shapes[index % shapes.count])
    var stream = RandomStream(seed: 1, stream: UInt64(index))
    let x = Variable(stream.normal(shape: shape), requiresGradient: true)
    x.retainGradient()
    let y = op.call(x)
    let value = y.value
    if value.count != value.shape.reduce(1, *) { return false }
    guard y.requiresGradient else { return true }
    y.backward(from: Tensor.ones(value.shape))
    return x.gradient.map { $0.shape == shape } ?? true
  }

  static func name(_ index: Int) -> String {
    "\(ops[index / shapes.count].name) of \(shapes[index % shapes.count])"
  }

  /// What came of all calls.
  struct Outcome {
    var computed = 0
    /// Ended by a message that names the op and a shape.
    var refused = 0
    var words: [String] = []
  }

  /// Calls each in a child, which is started anew after each trap.
  static func attempt(work: String) throws -> Outcome {
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    let shared = try SharedNumbers(work + "/empty-numbers")
    var outcome = Outcome()
    var next = 0
    while next < count {
      shared[0] = next
      let child = try Child(
        Child.thisProgram, ["call-empty", "--from", "\(next)", "--numbers", work + "/empty-numbers"],
        words: work + "/empty-words")
      var (place, since) = (-1, ContinuousClock.now)
      var isHung = false
      var end = child.wait(0.2)
      while end == nil {
        if shared[0] != place { (place, since) = (shared[0], .now) }
        if since.duration(to: .now) > .seconds(20) {
          (isHung, end) = (true, child.kill())
        } else {
          end = child.wait(0.2)
        }
      }
      if end == .exited(0) { break }
      let words = (try? String(contentsOfFile: work + "/empty-words", encoding: .utf8)) ?? ""
      let index = shared[0]
      if isHung {
        outcome.words.append("\(name(index)): it hangs")
      } else if words.firstMatch(of: /Fatal error: [A-Za-z0-9_.]+(?:\([^)]*\))?(?: \+ [A-Za-z0-9]+)*: ./)
        != nil,
        !words.contains("Fatal error: Index out"), !words.contains("Swift/")
      {
        outcome.refused += 1
      } else {
        outcome.words.append("\(name(index)): \(end.map { "\($0)" } ?? "") \(words.prefix(160))")
      }
      next = index + 1
    }
    outcome.computed = shared[1]
    if shared[2] > 0 {
      outcome.words.append("\(name(shared[3])): the gradient has another shape than the input")
    }
    return outcome
  }
}

/// `torture call-empty`: the process in which ops are called that may trap.
struct CallEmpty: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call-empty", abstract: "Call ops with empty inputs, in a process that may end.",
    shouldDisplay: false)

  @Option var from: Int
  @Option var numbers: String

  func run() throws {
    let shared = try SharedNumbers(numbers)
    for index in from..<EmptyInputs.count {
      shared[0] = index
      if EmptyInputs.call(index) {
        shared[1] += 1
      } else {
        (shared[2], shared[3]) = (shared[2] + 1, index)
      }
    }
  }
}
