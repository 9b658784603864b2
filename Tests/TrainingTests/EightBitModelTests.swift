import Engine
import Foundation
import Testing

/// Whole models whose weights are in eight bits.
@Suite struct EightBitModelTests {
  final class Mixed: Module, Layer {
    let conv = Conv2d(inChannels: 1, outChannels: 6, kernelSize: 3, padding: 1)
    let norm = LayerNorm(6)
    let lstm = LSTM(inputSize: 6, hiddenSize: 10, layers: 2, batchFirst: true, bidirectional: true)
    let attention = MultiHeadAttention(dimension: 20, heads: 2)
    let fc = Linear(inFeatures: 20, outFeatures: 5)

    func callAsFunction(_ images: Variable) -> Variable {
      let n = images.shape[0]
      let maps = conv(images).reshaped([n, 6, -1]).permuted([0, 2, 1])
      let states = lstm(norm(maps)).output
      return fc(attention(states).mean(axis: 1))
    }
  }

  private func model(seed: UInt64) -> Mixed {
    let model = withRandomSource(RandomSource(seed: seed)) { Mixed() }
    model.evaluate()
    return model
  }

  private let images: Tensor = {
    var stream = RandomStream(seed: 4)
    return stream.normal(mean: 0.3, shape: [3, 1, 5, 4])
  }()

  private let path = NSTemporaryDirectory() + "eight-bits-\(UUID().uuidString).safetensors"

  private let rounded = [
    "conv.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.weight_ih_l0_reverse",
    "lstm.weight_hh_l0_reverse", "lstm.weight_ih_l1", "lstm.weight_hh_l1", "lstm.weight_ih_l1_reverse",
    "lstm.weight_hh_l1_reverse", "attention.in_proj_weight", "attention.out_proj.weight", "fc.weight",
  ]

  @Test(arguments: [WeightForm(), WeightForm(.affine), WeightForm(.symmetric, perChannel: false)])
  func theModelsCodeStaysAsItIs(_ form: WeightForm) throws {
    let model = model(seed: 1)
    let before = model(Variable(images)).value
    let bytes = model.parameterBytes
    #expect(try model.roundWeights(form) == rounded)
    let after = model(Variable(images)).value
    let difference = (after - before).map { abs($0) }.extremes().max
    #expect(difference > 0 && difference < 0.02)
    #expect(model.parameterBytes < bytes)
    // Once more changes nothing: the numbers are on the grid already.
    if form == WeightForm() {
      try model.roundWeights(form)
      #expect((model(Variable(images)).value - after).map { abs($0) }.extremes().max < 1e-5)
    }
  }

  @Test func whatIsSavedIsReadBack() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (saved, other) = (model(seed: 1), model(seed: 2))
    let calibration = Calibration(of: saved)
    calibration.watch { _ = saved(Variable(images)).value }
    try saved.roundWeights(inputs: calibration.inputs())
    try saved.writeWeights(to: path)
    let file = try SafeTensors.read(path)
    #expect(try file.array("lstm.weight_hh_l1_reverse").scalarType == .int8)
    #expect(try file.array("lstm.weight_hh_l1_reverse_scale").shape == [40])
    #expect(try file.array("fc.weight_input_zero_point").scalarType == .uint8)
    #expect(try file.array("norm.weight").scalarType == .float32)
    // Rounded alike, only with numbers of its own.
    let mine = Calibration(of: other)
    mine.watch { _ = other(Variable(images)).value }
    try other.roundWeights(inputs: mine.inputs())
    #expect(other(Variable(images)).value != saved(Variable(images)).value)
    try other.readWeights(from: path)
    #expect(other(Variable(images)).value == saved(Variable(images)).value)
  }

  /// One in floats says what is missing, and stays as it was.
  @Test func aModelInFloatsRefusesTheFile() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (saved, other) = (model(seed: 1), model(seed: 2))
    let before = other(Variable(images)).value
    try saved.roundWeights()
    try saved.writeWeights(to: path)
    let error = #expect(throws: FileError.self) { try other.readWeights(from: path) }
    #expect(error?.advice?.contains("attention.in_proj_weight_scale") == true)
    #expect(other(Variable(images)).value == before)
  }

  @Test func aNewValueBringsFloatsBack() throws {
    let model = model(seed: 1)
    try model.roundWeights { $0 == "fc.weight" }
    let weight = model.fc.weight
    #expect(weight.integers != nil && !weight.requiresGradient && model.conv.weight.integers == nil)
    let widened = weight.value
    weight.value = widened
    #expect(weight.integers == nil && weight.requiresGradient && weight.value == widened)
    try model.roundWeights { $0 == "fc.weight" }
    weight.update { $0 = $0 * 2 }
    #expect(weight.value == widened * 2 && weight.integers == nil)
  }

  @Test func gradientsGoThroughToTheInput() throws {
    let layer = withRandomSource(RandomSource(seed: 3)) { Linear(inFeatures: 6, outFeatures: 4) }
    try layer.roundWeights()
    var stream = RandomStream(seed: 1)
    let x = Variable(stream.normal(shape: [2, 6]), requiresGradient: true)
    let dy = stream.normal(shape: [2, 4])
    layer(x).backward(from: dy)
    #expect((x.gradient! - matmul(dy, layer.weight.value)).map { abs($0) }.extremes().max < 1e-6)
    #expect(layer.bias!.gradient == dy.sum(axis: 0))
    #expect(layer.weight.gradient == nil)
    let conv = withRandomSource(RandomSource(seed: 3)) {
      Conv2d(inChannels: 2, outChannels: 3, kernelSize: 2)
    }
    try conv.roundWeights()
    let image = Variable(stream.normal(shape: [1, 2, 4, 4]), requiresGradient: true)
    let up = stream.normal(shape: [1, 3, 3, 3])
    conv(image).backward(from: up)
    let other = Variable(image.value, requiresGradient: true)
    conv2d(other, Variable(conv.weight.value), bias: conv.bias).backward(from: up)
    #expect((image.gradient! - other.gradient!).map { abs($0) }.extremes().max < 1e-5)
  }

  /// Convolution, ReLU and pooling in one pass give what the three give one by one, forward and backward.
  @Test func joinedOpsAreTheSame() throws {
    var stream = RandomStream(seed: 5)
    let conv = withRandomSource(RandomSource(seed: 3)) {
      Conv2d(inChannels: 3, outChannels: 18, kernelSize: 3, padding: 1)
    }
    try conv.roundWeights()
    let images = stream.normal(shape: [2, 3, 7, 10])
    func run(_ joined: Bool) -> (Tensor, Tensor) {
      let x = Variable(images, requiresGradient: true)
      let maps = conv(x)
      if !joined { maps.retainGradient() }
      let y = maxPool2d(relu(maps), kernelSize: 2)
      let values = y.value
      y.backward(from: values.map { $0 - 0.3 })
      return (values, x.gradient!)
    }
    let (a, b) = (run(true), run(false))
    #expect((a.0 - b.0).map { abs($0) }.extremes().max < 1e-5)
    #expect((a.1 - b.1).map { abs($0) }.extremes().max < 1e-4)
    #expect(a.0.extremes().max > 0.1)
  }

  @Test func aModelWithoutSuchLayersSaysSo() {
    final class Norms: Module { let norm = LayerNorm(4) }
    let error = #expect(throws: NoEightBitForm.self) { try Norms().roundWeights() }
    #expect(
      error?.description.hasPrefix("Norms has no layer with a form in eight bits: one of Linear, Conv2d")
        == true)
    #expect(error?.description.contains("\n") == false)
    #expect(throws: NoEightBitForm.self) {
      try Conv2d(inChannels: 4, outChannels: 4, kernelSize: 3, groups: 4).roundWeights()
    }
  }

  /// Weights that two layers share are rounded once, and the table of an embedding gives its rows.
  @Test func tiedWeightsAreRoundedOnce() throws {
    final class Tied: Module {
      let tokens = Embedding(count: 9, dimension: 6)
      func logits(_ ids: IntTensor) -> Variable { linear(tokens(ids), tokens.weight) }
    }
    let model = withRandomSource(RandomSource(seed: 3)) { Tied() }
    let ids = IntTensor([3, 0, 8], shape: [1, 3])
    let before = model.logits(ids).value
    #expect(try model.roundWeights() == ["tokens.weight"])
    #expect(model.tokens(ids).value.row(0).reshaped([3, 6]).row(2) == model.tokens.weight.value.row(8))
    #expect((model.logits(ids).value - before).map { abs($0) }.extremes().max < 0.1)
  }

  // MARK: recurrent layers

  /// Every step rounds its input and its state anew: the same steps, one by one, with numbers that were rounded before.
  @Test(arguments: [false, true]) func stepsAreThoseOfRoundedNumbers(_ isGRU: Bool) throws {
    var stream = RandomStream(seed: 11)
    let (hidden, width, steps, batch) = (19, 7, 5, 3)
    let x = stream.normal(shape: [steps, batch, width])
    let layer: RecurrentLayer = withRandomSource(RandomSource(seed: 2)) {
      isGRU ? GRU(inputSize: width, hiddenSize: hidden) : LSTM(inputSize: width, hiddenSize: hidden)
    }
    try layer.roundWeights()
    let p = layer.directions[0][0]
    func rows(_ x: Tensor) -> Tensor {
      concatenate(
        (0..<batch).map {
          QuantizedTensor(x.row($0), .affine, range: 0...255).dequantized().reshaped([1, x.shape[1]])
        }, axis: 0)
    }
    func gates(_ v: Tensor, _ weight: Variable, _ bias: Variable?) -> [Tensor] {
      let all = matmul(rows(v), weight.value, transposeB: true) + bias!.value
      return (0..<all.shape[1] / hidden).map { all.sliced($0 * hidden..<($0 + 1) * hidden, axis: 1) }
    }
    var (h, c) = (Tensor.zeros([batch, hidden]), Tensor.zeros([batch, hidden]))
    for t in 0..<steps {
      let a = gates(x.selected(t, axis: 0), p.inputHidden, p.inputBias)
      let b = gates(h, p.hiddenHidden, p.hiddenBias)
      if isGRU {
        let (r, z) = ((a[0] + b[0]).sigmoid(), (a[1] + b[1]).sigmoid())
        let n = (a[2] + r * b[2]).tanh()
        h = n + z * (h - n)
      } else {
        let (i, f) = ((a[0] + b[0]).sigmoid(), (a[1] + b[1]).sigmoid())
        c = f * c + i * (a[2] + b[2]).tanh()
        h = (a[3] + b[3]).sigmoid() * c.tanh()
      }
    }
    let last =
      isGRU
      ? (layer as! GRU)(Variable(x)).hidden.value : (layer as! LSTM)(Variable(x)).hidden.value
    // A number on the border between two whole numbers may fall to the other side, a step of 1/255.
    #expect((last.reshaped([batch, hidden]) - h).map { abs($0) }.extremes().max < 2e-3)
  }

  /// One sequence, whose steps are taken together, and many, with ends of their own.
  @Test func batchesOfOneAndOfMany() throws {
    var stream = RandomStream(seed: 12)
    let lstm = withRandomSource(RandomSource(seed: 2)) {
      LSTM(inputSize: 7, hiddenSize: 24, layers: 2, batchFirst: true, bidirectional: true)
    }
    try lstm.roundWeights()
    let x = stream.normal(shape: [37, 13, 7])
    let lengths = (0..<37).map { 1 + $0 % 13 }
    let all = withoutGradients { lstm(Variable(x), lengths: lengths) }
    for n in [0, 5, 12, 36] {
      let one = withoutGradients {
        lstm(Variable(x.sliced(n..<n + 1, axis: 0).sliced(0..<lengths[n], axis: 1)))
      }
      let mine = all.output.value.sliced(n..<n + 1, axis: 0).sliced(0..<lengths[n], axis: 1)
      #expect((mine - one.output.value).map { abs($0) }.extremes().max < 1e-6)
    }
  }

  // MARK: calibration and training

  @Test func calibrationSeesWhatGoesIn() throws {
    let model = model(seed: 1)
    let calibration = Calibration(of: model)
    #expect(calibration.sample("conv.weight") == nil)
    calibration.watch { _ = model(Variable(images)).value }
    let (low, high) = images.extremes()
    let input = calibration.inputs()["conv.weight"]!
    #expect(input == Quantization(fitting: Tensor([low, high]), .affine, range: 0...255))
    #expect(model.conv.weight.rounding == nil)
    let before = model(Variable(images)).value
    try model.roundWeights(inputs: calibration.inputs())
    #expect((model(Variable(images)).value - before).map { abs($0) }.extremes().max < 0.02)
    #expect(model.conv.weight.integers?.input == input)
  }

  @Test func rangesCanBeCutOff() {
    var numbers = [Float](repeating: 0, count: 1_000)
    for i in 0..<1_000 { numbers[i] = Float(i - 500) / 500 }
    numbers[999] = 100
    let x = Tensor(numbers)
    let whole = Quantization(fitting: x, .symmetric, range: -127...127, fit: .range)
    #expect(whole.scales == [100 / Float(127)])
    let most = Quantization(fitting: x, .symmetric, range: -127...127, fit: .percentile(0.999))
    #expect(most.scales == [1 / Float(127)])
    func error(_ form: Quantization) -> Float {
      let d = QuantizedTensor(x, form).dequantized() - x
      return (d * d).sum()
    }
    // The one large number is worth more than all the others' fractions: the least square error keeps most of it.
    let least = Quantization(fitting: x, .symmetric, range: -127...127, fit: .leastError)
    #expect(error(least) <= error(whole) && error(least) < error(most))
    // Evenly spread numbers with rare large ones: cutting pays.
    var stream = RandomStream(seed: 1)
    let bell = stream.normal(shape: [20_000])
    let narrow = Quantization(fitting: bell, .symmetric, range: -7...7, fit: .leastError)
    #expect(narrow.scales[0] < 0.9 * Quantization(fitting: bell, .symmetric, range: -7...7).scales[0])
    let both = Quantization(
      fitting: Tensor([[1, 2], [30, -40]]), .affine, axis: 0, range: 0...255, fit: .percentile(1))
    #expect(both == Quantization(fitting: Tensor([[1, 2], [30, -40]]), .affine, axis: 0, range: 0...255))
  }

  @Test func roundedTrainingShowsWhatEightBitsLeave() throws {
    let layer = withRandomSource(RandomSource(seed: 3)) { Linear(inFeatures: 6, outFeatures: 4) }
    var stream = RandomStream(seed: 1)
    let x = stream.normal(shape: [5, 6])
    let rounding = RoundedTraining(of: layer, bits: 4)
    layer.train()
    let y = layer(Variable(x))
    let seen = QuantizedTensor(layer.weight.value, axis: 0, range: -7...7).dequantized()
    let ends = x.extremes()
    let input = QuantizedTensor(
      x, Quantization(fitting: Tensor([ends.min, ends.max]), .affine, range: 0...15))
    let expected = matmul(input.dequantized(), seen, transposeB: true) + layer.bias!.value
    #expect((y.value - expected).map { abs($0) }.extremes().max < 1e-5)
    let dy = stream.normal(shape: [5, 4])
    y.backward(from: dy)
    let straight = matmul(dy, input.dequantized(), transposeA: true)
    #expect((layer.weight.gradient! - straight).map { abs($0) }.extremes().max < 1e-4)
    // In evaluation the range stands still.
    let before = rounding.inputs
    layer.evaluate()
    _ = layer(Variable(x * 10)).value
    #expect(rounding.inputs == before)
    layer.train()
    _ = layer(Variable(x * 10)).value
    #expect(rounding.inputs != before)
    rounding.end()
    #expect(layer.weight.rounding == nil)
  }

  @Test func wrongFormsTrap() async {
    await #expect(processExitsWith: .failure) {
      Parameter(Tensor.zeros([2, 3])).keep(IntegerWeight(QuantizedTensor(Tensor.zeros([3, 2]), axis: 0)))
    }
    await #expect(processExitsWith: .failure) {
      _ = IntegerWeight(QuantizedTensor(Tensor.zeros([3, 2]), axis: 1))
    }
    await #expect(processExitsWith: .failure) {
      _ = Quantization(fitting: Tensor([1]), fit: .percentile(0))
    }
    await #expect(processExitsWith: .failure) {
      let layer = Linear(inFeatures: 2, outFeatures: 2)
      layer.roundableWeights[0].round(
        by: Quantization(fitting: layer.weight.value),
        input: Quantization(scales: [1], zeroPoints: [0], range: 0...15))
    }
  }
}
