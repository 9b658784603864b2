import Chapter12OptimizingModels
import Engine
import Foundation
import Testing

/// Chapter 12's pruning: the plain code, held to the engine's, and the smaller networks that it makes.
@Suite struct PruningChapterTests {
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var stream = RandomStream(seed: seed)
    return (0..<count).map { _ in stream.normal() }
  }

  /// Section 12.1's numbers.
  @Test func theLeastWeightsGo() {
    #expect(magnitudeMask([3.0, -1, 0.5, -4, 2], amount: 0.4) == [true, false, false, true, true])
    // Among equals the first go first; what is gone counts as gone.
    #expect(magnitudeMask([2.0, -2, 2], amount: 1 / 3) == [false, true, true])
    #expect(
      magnitudeMask([9.0, 1, 2, 3], amount: 0.5, within: [false, true, true, true])
        == [false, false, true, true])
    #expect(magnitudeMask([1.0, 2], amount: 0) == [true, true])
    #expect(magnitudeMask([1.0, 2], amount: 1) == [false, false])
  }

  @Test func theMaskIsTheEngines() {
    for (seed, amount) in [(1, 0.3), (2, 0.5), (3, 0.955)] as [(UInt64, Double)] {
      let weights = numbers(101, seed: seed).map { ($0 * 4).rounded() / 4 }
      let engine = magnitudeMask(of: Tensor(weights), amount: amount).scalars.map { $0 != 0 }
      #expect(magnitudeMask(weights, amount: amount) == engine)
    }
  }

  @Test func thresholdAndQualityAreTwoSidesOfOneThing() {
    // Mean 1 and deviation 3.
    #expect(thresholdMask([4.0, -2], quality: 1) == [true, false])
    #expect(thresholdMask([4.0, -2], quality: 0.6) == [true, true])
    let weights = numbers(200, seed: 4)
    for amount in [0.08, 0.5, 0.9] {
      let q: Float = quality(of: weights, amount: amount)
      #expect(thresholdMask(weights, quality: q.nextUp * 1.000001) == magnitudeMask(weights, amount: amount))
    }
    #expect(quality(of: [3.0, 4], amount: 0) == 0)
  }

  /// A layer with large weights does not push the others out.
  @Test func eachLayerIsMeasuredByItsOwnDeviation() {
    let small = Tensor(numbers(400, seed: 5)) * 0.01
    let large = Tensor(numbers(100, seed: 6))
    let masks = qualityMasks(of: [small, large], amount: 0.5)
    let kept = masks.map { Double($0.sum()) / Double($0.count) }
    #expect(abs(kept[0] - 0.5) < 0.1 && abs(kept[1] - 0.5) < 0.15)
    #expect(masks.reduce(0) { $0 + Int($1.sum()) } == 250)
    // What is at zero goes first, and the deviation is that of the others.
    let again = qualityMasks(of: zip([small, large], masks).map { $0 * $1 }, amount: 0.75)
    for (old, new) in zip(masks, again) {
      #expect(zip(old.scalars, new.scalars).allSatisfy { $0 >= $1 })
    }
    #expect(again.reduce(0) { $0 + Int($1.sum()) } == 125)
  }

  @Test func schedules() {
    let geometric = (0...3).map { PruningSchedule.geometric.sparsity(after: $0, of: 3, to: 0.875) }
    for (s, expected) in zip(geometric, [0, 0.5, 0.75, 0.875]) { #expect(abs(s - expected) < 1e-12) }
    // Zhu and Gupta's: half of the way, an eighth is left to do.
    let cubic = PruningSchedule.cubic.sparsity(after: 5, of: 10, to: 0.8)
    #expect(abs(cubic - 0.7) < 1e-12)
    for schedule in PruningSchedule.allCases {
      let all = (0...7).map { schedule.sparsity(after: $0, of: 7, to: 0.9, from: 0.2) }
      #expect(abs(all[0] - 0.2) < 1e-12 && abs(all[7] - 0.9) < 1e-12)
      #expect(all == all.sorted())
    }
  }

  @Test func rewoundAndClipped() {
    #expect(rewound(to: [1.0, 2, 3], mask: [true, false, true]) == [1, 0, 3])
    #expect(clipped([0.5, -0.7, 0.1], to: 0.25) == [0.25, -0.25, 0.1])
  }

  @Test func sparseRowsMultiplyAsTheFullMatrix() {
    var stream = RandomStream(seed: 7)
    let full = stream.normal(shape: [6, 9])
    var pruned = full * magnitudeMask(of: full, amount: 0.7)
    // A row without anything.
    for d in 0..<9 { pruned[2, d] = 0 }
    let x = stream.normal(shape: [3, 9])
    let rows = SparseRows(pruned)
    let y = rows.product(x)
    let expected = matmul(x, pruned.transposed())
    #expect(y.shape == [3, 6])
    for (a, b) in zip(y.scalars, expected.scalars) { #expect(abs(a - b) < 1e-5) }
    #expect(rows.values.count == pruned.scalars.count { $0 != 0 })
    #expect(rows.starts.first == 0 && rows.starts.last == rows.values.count)
    // By hand.
    let small = SparseRows(Tensor([[0, 2, 0], [0, 0, 0], [-1, 0, 3]]))
    #expect(small.values == [2, -1, 3] && small.columns == [1, 0, 2] && small.starts == [0, 1, 1, 3])
    #expect(small.product(Tensor([[1, 10, 100]])) == Tensor([[20, 0, 299]]))
    #expect(small.byteCount == 4 * 3 + 4 * 3 + 8 * 4)
  }

  @Test func packedWeightsComeBack() {
    let packed = PackedWeight(Tensor([[0, 0.5, 0], [-1, 0, 0.2]]))
    #expect(packed.bits == [0b10_1010] && packed.values == [127, -127, 25])
    let back = packed.unpacked()
    #expect(back[0, 0] == 0 && back[0, 1] == 0.5 && back[1, 0] == -1 && abs(back[1, 2] - 0.2) < 1 / 254)
    #expect(packed.byteCount == 1 + 3 + 8)
    var stream = RandomStream(seed: 8)
    let weight = stream.normal(shape: [5, 3, 3])
    let pruned = weight * magnitudeMask(of: weight, amount: 0.6)
    let rounded = PackedWeight(pruned).unpacked()
    #expect(rounded.shape == [5, 3, 3])
    // What is left is what a quantized tensor with a scale for each row makes of it.
    let other = QuantizedTensor(pruned, axis: 0, range: -127...127).dequantized()
    for (a, b) in zip(rounded.scalars, other.scalars) { #expect(abs(a - b) < 1e-6) }
  }

  /// A unit without weights leaves no trace: without it the network answers the same.
  @Test func aSmallerPerceptronAnswersTheSame() {
    let model = withRandomSource(RandomSource(seed: 9)) { Perceptron(hidden: (8, 6)) }
    func clear(_ layer: Linear, _ rows: [Int]) {
      layer.weight.update { weight in
        for o in rows { for d in 0..<weight.shape[1] { weight[o, d] = 0 } }
      }
      layer.bias!.update { bias in for o in rows { bias[o] = 0 } }
    }
    clear(model.fc1, [0, 3])
    clear(model.fc2, [4])
    let smaller = model.withoutUnits(0.25)
    // A quarter of 6 is 1.5, which rounds to 2: one that matters goes too.
    #expect(smaller.fc1.weight.shape == [6, 784] && smaller.fc2.weight.shape == [4, 6])
    let one = withRandomSource(RandomSource(seed: 9)) { Perceptron(hidden: (8, 8)) }
    clear(one.fc1, [0, 3])
    clear(one.fc2, [4, 7])
    let images = Variable(ImageSet.generatedDigits(count: 5, seed: 1).batch(Array(0..<5)).images)
    let (a, b) = (one(images).value, one.withoutUnits(0.25)(images).value)
    for (a, b) in zip(a.scalars, b.scalars) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func aSmallerCNNAnswersTheSame() {
    let model = withRandomSource(RandomSource(seed: 10)) { SizedCNN(filters: (4, 8), hidden: 12) }
    func clear(_ parameter: Parameter, _ rows: [Int]) {
      let width = parameter.value.count / parameter.shape[0]
      var scalars = parameter.value.scalars
      for o in rows { for i in o * width..<(o + 1) * width { scalars[i] = 0 } }
      parameter.value = Tensor(scalars, shape: parameter.shape)
    }
    for (layer, rows) in [(model.conv1.weight, [2]), (model.conv1.bias!, [2])] { clear(layer, rows) }
    for (layer, rows) in [(model.conv2.weight, [0, 5]), (model.conv2.bias!, [0, 5])] { clear(layer, rows) }
    for (layer, rows) in [(model.fc1.weight, [1, 7, 11]), (model.fc1.bias!, [1, 7, 11])] {
      clear(layer, rows)
    }
    let smaller = model.withoutFilters(0.25, units: 0.25)
    #expect(smaller.conv1.weight.shape == [3, 1, 5, 5] && smaller.conv2.weight.shape == [6, 3, 5, 5])
    #expect(smaller.fc1.weight.shape == [9, 294] && smaller.fc2.weight.shape == [10, 9])
    let images = Variable(ImageSet.generatedDigits(count: 5, seed: 2).batch(Array(0..<5)).images)
    for (a, b) in zip(model(images).value.scalars, smaller(images).value.scalars) {
      #expect(abs(a - b) < 1e-5)
    }
    #expect(smaller.flops == 2 * (75 * 784 + 450 * 196 + 294 * 9 + 90))
  }

  /// With the article's sizes it is chapter 7's network.
  @Test func theArticlesSizes() {
    let model = SizedCNN(filters: (32, 64), hidden: 128)
    #expect(model.parameterCount == 454_922)
    #expect(Perceptron().parameterCount == 266_610)
    #expect(keptChannels(of: .zeros([3, 2]), 1) == [0])
  }

  @Test func prunedWeightsStayAtZeroWhileTheOthersLearn() throws {
    let data = ImageData.generatedDigits(training: 120, validation: 0, test: 10, seed: 3)
    let model = withRandomSource(RandomSource(seed: 11)) { Perceptron(hidden: (12, 8)) }
    let task = ImageClassification<Perceptron>(data)
    try train(model, on: task, TrainingSettings(epochs: 1, batchSize: 30))
    let pruning = Pruning()
    let masks = qualityMasks(of: model.weights.map(\.value), amount: 0.8)
    for (weight, mask) in zip(model.weights, masks) { pruning.add(weight, mask: mask) }
    let before = model.fc1.weight.value
    var seen = 0
    try train(model, on: task, TrainingSettings(epochs: 2, batchSize: 30), holding: pruning) { seen += $0 }
    #expect(seen == 240)
    for (weight, mask) in zip(model.weights, masks) {
      #expect(zip(weight.value.scalars, mask.scalars).allSatisfy { $1 != 0 || $0 == 0 })
    }
    #expect(before != model.fc1.weight.value)
    try train(model, on: task, TrainingSettings(epochs: 1, batchSize: 30), clippedTo: 0.01)
    #expect(model.parameters.allSatisfy { $0.value.scalars.allSatisfy { abs($0) <= 0.01 } })
  }

  @Test func aPackedFileIsAsSmallAsItSays() throws {
    let model = withRandomSource(RandomSource(seed: 12)) { SizedCNN(filters: (2, 3), hidden: 4) }
    for weight in model.weights { weight.value = weight.value * magnitudeMask(of: weight.value, amount: 0.5) }
    let path = NSTemporaryDirectory() + "packed-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.writePacked(to: path)
    let arrays = try SafeTensors.read(path)
    let bytes = try arrays.names.reduce(0) { $0 + (try arrays.array($1)).bytes.count }
    let biases = 4 * (2 + 3 + 4 + 10)
    #expect(bytes == biases + model.weights.reduce(0) { $0 + PackedWeight($1.value).byteCount })
    #expect(try arrays.array("fc1.weight_bits").count == (4 * 147 + 7) / 8)
  }
}
