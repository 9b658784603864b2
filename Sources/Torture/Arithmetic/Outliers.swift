import Engine
import Foundation
import NumberText

/// One number that is 10² to 10⁹ times the others, in each fast kernel, against the same formula in double precision.
///
/// A sum's error is measured by the sum of its summands' absolute values: no result may suffer from a number that its own
/// formula never sees.
struct Outliers {
  /// The worst that was found for one kernel.
  struct Line {
    var kernel: String
    var part: String
    /// The largest error of the engine's, and of plain loops', as a share of the sum of absolute values.
    var engine = 0.0
    var plain = 0.0
    /// The outlier it was with.
    var size = 0.0
    /// How many times the plain loops' error is allowed, and that error is taken to be at least half a last place.
    var isTooFar: Bool { !(engine <= 4 * max(plain, 0x1p-24)) }
  }

  static let sizes: [Float] = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
  private(set) var lines: [Line] = []
  private(set) var cases = 0

  init(seed: UInt64) {
    var stream = RandomStream(seed: seed, stream: 31)
    for method in [ConvolutionMethod.direct, .transforms, .windows] {
      convolution("convolution 5×5, \(method)", method, [2, 3, 20, 20], [8, 3, 5, 5], 2, &stream)
    }
    convolution("convolution 3×3, transforms", .transforms, [1, 8, 26, 26], [16, 8, 3, 3], 1, &stream)
    convolution("convolution 7×7, transforms", .transforms, [1, 4, 24, 24], [8, 4, 7, 7], 3, &stream)
    convolution("convolution 3×3, stride 2", nil, [2, 4, 15, 15], [8, 4, 3, 3], 1, stride: 2, &stream)
    convolution("depthwise 3×3", nil, [2, 8, 14, 14], [8, 1, 3, 3], 1, groups: 8, &stream)
    linear(&stream)
    sums(&stream)
    pooling(&stream)
    rows(&stream)
    elements(&stream)
    recurrent("LSTM", gates: 4, SequenceLoops.lstm, SequenceLoops.lstm, &stream)
    recurrent("GRU", gates: 3, SequenceLoops.gru, SequenceLoops.gru, &stream)
    attention(&stream)
  }

  /// Notes the errors of one case, where they are the worst of their kernel.
  private mutating func note(
    _ kernel: String, _ part: String, size: Float, engine: [Float], plain: [Float], exact: [Double],
    by sums: [Double]
  ) {
    cases += 1
    func worst(_ numbers: [Float]) -> Double {
      if numbers.count != exact.count { return .infinity }
      return zip(numbers, zip(exact, sums)).reduce(0) { most, next in
        let (number, (exact, sum)) = next
        if sum == 0 { return Double(number) == exact ? most : .infinity }
        let error = abs(Double(number) - exact) / sum
        return error.isNaN ? .infinity : max(most, error)
      }
    }
    let line = Line(
      kernel: kernel, part: part, engine: worst(engine), plain: worst(plain), size: Double(size))
    guard let place = lines.firstIndex(where: { $0.kernel == kernel && $0.part == part }) else {
      lines.append(line)
      return
    }
    let (old, new) = (lines[place], line)
    if new.engine / max(new.plain, 0x1p-24) > old.engine / max(old.plain, 0x1p-24) { lines[place] = new }
  }

  private func spoiled(_ tensor: Tensor, _ size: Float, _ stream: inout RandomStream) -> Tensor {
    var scalars = tensor.scalars
    scalars[stream.integer(below: scalars.count)] = stream.integer(below: 2) == 0 ? size : -size
    return Tensor(scalars, shape: tensor.shape)
  }

  private func doubles(_ tensor: Tensor) -> [Double] { tensor.scalars.map { Double($0) } }
  private func sizes(_ tensor: Tensor) -> [Double] { tensor.scalars.map { Double(abs($0)) } }

  private mutating func convolution(
    _ name: String, _ method: ConvolutionMethod?, _ input: [Int], _ weight: [Int], _ padding: Int,
    stride: Int = 1,
    groups: Int = 1, _ stream: inout RandomStream
  ) {
    let g = ConvolutionGeometry(
      input: input, weight: weight, stride: Size2d(stride, stride), padding: Size2d(padding, padding),
      groups: groups)
    let w = stream.normal(deviation: 0.2, shape: weight)
    for size in Self.sizes {
      for isMostlyZero in [false, true] {
        var x = stream.normal(shape: input)
        if isMostlyZero { x = x * Tensor(x.scalars.map { abs($0) > 1.5 ? 1 : 0 }, shape: input) }
        x = spoiled(x, size, &stream)
        let dy = spoiled(stream.normal(shape: g.outputShape), size, &stream)
        let engine = ConvolutionMethod.$forced.withValue(method) {
          let d = convolveBackward(
            g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: false)
          return [convolve(g, x, w, nil), d.dx!, d.dw!]
        }
        let plain = Loops.convolution(g, x: x.scalars, w: w.scalars, dy: dy.scalars)
        let exact = Loops.convolution(g, x: doubles(x), w: doubles(w), dy: doubles(dy))
        let sums = Loops.convolution(g, x: sizes(x), w: sizes(w), dy: sizes(dy))
        for (i, part) in ["y", "dx", "dw"].enumerated() {
          note(
            name, part, size: size, engine: engine[i].scalars, plain: plain[i], exact: exact[i], by: sums[i])
        }
      }
    }
  }

  private mutating func linear(_ stream: inout RandomStream) {
    for (n, d, o) in [(17, 64, 33), (1, 300, 10), (64, 33, 65)] {
      let w = stream.normal(deviation: 0.1, shape: [o, d])
      for size in Self.sizes {
        let x = spoiled(stream.normal(shape: [n, d]), size, &stream)
        let dy = spoiled(stream.normal(shape: [n, o]), size, &stream)
        let (a, b) = (Variable(x, requiresGradient: true), Variable(w, requiresGradient: true))
        let y = Engine.linear(a, b)
        let gradients = gradients(of: y, withRespectTo: [a, b], from: dy)
        let engine = [y.value] + gradients
        let plain = Loops.linear(n, d, o, x: x.scalars, w: w.scalars, dy: dy.scalars)
        let exact = Loops.linear(n, d, o, x: doubles(x), w: doubles(w), dy: doubles(dy))
        let sums = Loops.linear(n, d, o, x: sizes(x), w: sizes(w), dy: sizes(dy))
        for (i, part) in ["y", "dx", "dw"].enumerated() {
          note(
            "linear", part, size: size, engine: engine[i].scalars, plain: plain[i], exact: exact[i],
            by: sums[i])
        }
      }
    }
  }

  private func gradients(of y: Variable, withRespectTo inputs: [Variable], from dy: Tensor) -> [Tensor] {
    for input in inputs { input.retainGradient() }
    y.backward(from: dy)
    return inputs.map { $0.gradient! }
  }

  /// Sums over all, along an axis, and running ones.
  private mutating func sums(_ stream: inout RandomStream) {
    for size in Self.sizes {
      let x = spoiled(stream.normal(shape: [37, 111]), size, &stream)
      let rows = (0..<37).map { row in x.scalars[row * 111..<(row + 1) * 111] }
      func each(_ body: (ArraySlice<Float>) -> Float) -> [Float] { rows.map(body) }
      let exact = rows.map { $0.reduce(0.0) { $0 + Double($1) } }
      let by = rows.map { $0.reduce(0.0) { $0 + Double(abs($1)) } }
      note(
        "sum along an axis", "y", size: size, engine: x.sum(axis: 1).scalars, plain: each { $0.reduce(0, +) },
        exact: exact,
        by: by)
      note(
        "sum of all", "y", size: size, engine: [x.sum()], plain: [x.scalars.reduce(0, +)],
        exact: [exact.reduce(0, +)],
        by: [by.reduce(0, +)])
      var (running, sum, sizes, total) = ([Double](), 0.0, [Double](), 0.0)
      var (plain, plainSum) = ([Float](), Float(0))
      for number in x.scalars {
        sum += Double(number)
        total += Double(abs(number))
        plainSum += number
        running.append(sum)
        sizes.append(total)
        plain.append(plainSum)
      }
      note(
        "running sum", "y", size: size, engine: x.flattened().cumulativeSum(axis: 0).scalars, plain: plain,
        exact: running,
        by: sizes)
    }
  }

  private mutating func pooling(_ stream: inout RandomStream) {
    let g = ConvolutionGeometry(
      input: [2, 3, 12, 12], weight: [3, 1, 3, 3], stride: Size2d(3, 3), padding: Size2d(0, 0), groups: 3)
    let w = Tensor(repeating: 1 / 9, shape: [3, 1, 3, 3])
    for size in Self.sizes {
      let x = spoiled(stream.normal(shape: [2, 3, 12, 12]), size, &stream)
      let zero = [Float](repeating: 0, count: 2 * 3 * 16)
      let ninths = [Double](repeating: 1.0 / 9, count: 27)
      note(
        "average pooling", "y", size: size, engine: avgPool2d(Variable(x), kernelSize: 3).value.scalars,
        plain: Loops.convolution(g, x: x.scalars, w: w.scalars, dy: zero)[0],
        exact: Loops.convolution(g, x: doubles(x), w: ninths, dy: zero.map { Double($0) })[0],
        by: Loops.convolution(g, x: sizes(x), w: ninths, dy: zero.map { Double($0) })[0])
    }
  }

  /// Kernels that work on rows: of each row, the error is a share of its largest result.
  private mutating func rows(_ stream: inout RandomStream) {
    let (n, d) = (9, 96)
    func each<S: BinaryFloatingPoint>(_ x: [S], _ body: ([S]) -> [S]) -> [S] {
      (0..<n).flatMap { body(Array(x[$0 * d..<($0 + 1) * d])) }
    }
    func softmaxRow<S: BinaryFloatingPoint>(_ row: [S], _ exp: (S) -> S) -> [S] {
      let most = row.max()!
      let powers = row.map { exp($0 - most) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
    func normRow<S: BinaryFloatingPoint>(_ row: [S]) -> [S] {
      let mean = row.reduce(0, +) / S(d)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / S(d)
      return row.map { ($0 - mean) / (variance + S(1e-5 as Float)).squareRoot() }
    }
    func rootRow<S: BinaryFloatingPoint>(_ row: [S]) -> [S] {
      let square = row.reduce(0) { $0 + $1 * $1 } / S(d)
      return row.map { $0 / (square + S(1e-5 as Float)).squareRoot() }
    }
    func largest(_ numbers: [Double]) -> [Double] {
      each(numbers) { row in Array(repeating: max(row.map { abs($0) }.max()!, 1e-30), count: d) }
    }
    for size in Self.sizes {
      let x = spoiled(stream.normal(shape: [n, d]), size, &stream)
      let soft = each(doubles(x)) { softmaxRow($0) { Foundation.exp($0) } }
      note(
        "softmax", "y", size: size, engine: softmax(x).scalars,
        plain: each(x.scalars) { softmaxRow($0) { Foundation.exp($0) } }, exact: soft, by: largest(soft))
      let norm = each(doubles(x)) { normRow($0) }
      note(
        "layer norm", "y", size: size,
        engine: layerNorm(Variable(x), normalizedShape: [d]).value.scalars,
        plain: each(x.scalars) { normRow($0) }, exact: norm, by: largest(norm))
      let root = each(doubles(x)) { rootRow($0) }
      note(
        "RMS norm", "y", size: size,
        engine: rmsNorm(Variable(x), normalizedShape: [d], epsilon: 1e-5).value.scalars,
        plain: each(x.scalars) { rootRow($0) }, exact: root, by: largest(root))
    }
  }

  /// Kernels that work number by number: each number's error is a share of itself, where it is not below what a float holds.
  private mutating func elements(_ stream: inout RandomStream) {
    func gelu(_ x: Double) -> Double { 0.5 * x * (Foundation.erfc(-x / 2.0.squareRoot())) }
    let functions: [(name: String, engine: (Tensor) -> Tensor, exact: (Double) -> Double)] = [
      ("exp", { Engine.exp($0) }, { Foundation.exp($0) }),
      ("tanh", { Engine.tanh($0) }, { Foundation.tanh($0) }),
      ("sigmoid", { Engine.sigmoid($0) }, { 1 / (1 + Foundation.exp(-$0)) }),
      ("relu", { Engine.relu($0) }, { max($0, 0) }), ("GELU", { Engine.gelu($0) }, gelu),
      ("SiLU", { Engine.silu($0) }, { $0 / (1 + Foundation.exp(-$0)) }),
    ]
    for size in Self.sizes {
      let x = spoiled(spoiled(stream.normal(deviation: 2, shape: [257]), size, &stream), size, &stream)
      for function in functions {
        let exact = doubles(x).map(function.exact)
        // What a float cannot hold is an infinity in both.
        let held = exact.map { Float($0).isFinite ? $0 : Double(Float($0)) }
        let engine = function.engine(x).scalars
        let places = held.indices.filter { held[$0].isFinite || Double(engine[$0]) != held[$0] }
        // Two last places are granted: the plain error is that of one rounding of a polynomial's result.
        note(
          function.name, "y", size: size, engine: places.map { engine[$0] },
          plain: places.map { Float(held[$0]) * (1 + 0x1p-22) }, exact: places.map { held[$0] },
          by: places.map { max(abs(held[$0]), 1e-6) })
      }
    }
  }

  private mutating func recurrent(
    _ name: String, gates: Int,
    _ plain: (SequenceLoops.Lengths, [Float], [Float], [Float], [Float]) -> [[Float]],
    _ exact: (SequenceLoops.Lengths, [Bounded], [Bounded], [Bounded], [Bounded]) -> [[Bounded]],
    _ stream: inout RandomStream
  ) {
    let g = SequenceLoops.Lengths(steps: 6, batch: 5, width: 20, hidden: 24)
    let inputs = [
      stream.normal(shape: [g.steps, g.batch, g.width]),
      stream.normal(deviation: 0.2, shape: [gates * g.hidden, g.width]),
      stream.normal(deviation: 0.2, shape: [gates * g.hidden, g.hidden]),
    ]
    let dy = stream.normal(shape: [g.steps, g.batch, g.hidden])
    sequences(name, parts: ["y", "dx", "dW_ih", "dW_hh"], inputs, dy, &stream) { inputs in
      let cell = RecurrentParameters(inputHidden: inputs[1], hiddenHidden: inputs[2])
      return gates == 4 ? lstm(inputs[0], layers: [[cell]]).output : gru(inputs[0], layers: [[cell]]).output
    } plain: {
      plain(g, $0[0], $0[1], $0[2], $0[3])
    } exact: {
      exact(g, $0[0], $0[1], $0[2], $0[3])
    }
  }

  private mutating func attention(_ stream: inout RandomStream) {
    let (heads, steps, width) = (3, 21, 16)
    let inputs = (0..<3).map { _ in stream.normal(shape: [1, heads, steps, width]) }
    let dy = stream.normal(shape: [1, heads, steps, width])
    func loops<S: Elementary>(_ all: [[S]]) -> [[S]] {
      SequenceLoops.attention(
        heads: heads, steps: steps, width: width, q: all[0], k: all[1], v: all[2], dy: all[3])
    }
    sequences("attention", parts: ["y", "dq", "dk", "dv"], inputs, dy, &stream) {
      scaledDotProductAttention($0[0], $0[1], $0[2])
    } plain: {
      loops($0)
    } exact: {
      loops($0)
    }
  }

  /// With an outlier in one of the inputs after the other, and in the gradient that comes from above. An error is a
  /// share of what rounding can make of the formula itself: some gradients are differences of which little is left.
  private mutating func sequences(
    _ name: String, parts: [String], _ inputs: [Tensor], _ dy: Tensor, _ stream: inout RandomStream,
    engine: ([Variable]) -> Variable, plain: ([[Float]]) -> [[Float]], exact: ([[Bounded]]) -> [[Bounded]]
  ) {
    // Below this, a float's own range decides.
    let least = 1e-20
    for size in Self.sizes {
      for place in 0...inputs.count {
        var all = inputs + [dy]
        all[place] = spoiled(all[place], size, &stream)
        let variables = all.dropLast().map { Variable($0, requiresGradient: true) }
        let y = engine(variables)
        let results = [y.value] + gradients(of: y, withRespectTo: variables, from: all.last!)
        let plain = plain(all.map(\.scalars))
        let exact = exact(all.map { $0.scalars.map { Bounded($0) } })
        for (i, part) in parts.enumerated() {
          note(
            name, part, size: size, engine: results[i].scalars, plain: plain[i], exact: exact[i].map(\.value),
            by: exact[i].map { max($0.bound, least) })
        }
      }
    }
  }
}
