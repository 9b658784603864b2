import Chapter04FullyConnected
import Engine
import Testing

/// Chapter 4's layers and the engine agree: exactly on whole numbers, elsewhere to rounding; every element.
@Suite struct FullyConnectedTests {
  private func wholeNumbers(_ stream: inout RandomStream, _ shape: [Int]) -> Tensor {
    stream.normal(shape: shape).map { ($0 * 3).rounded() }
  }

  @Test(arguments: [(1, 1, 1), (3, 4, 2), (5, 7, 11)])
  func linearLayers(n: Int, inputs: Int, outputs: Int) throws {
    var stream = RandomStream(seed: 41)
    let (x, w) = (wholeNumbers(&stream, [n, inputs]), wholeNumbers(&stream, [outputs, inputs]))
    let (b, dy) = (wholeNumbers(&stream, [outputs]), wholeNumbers(&stream, [n, outputs]))
    let variables = [x, w, b].map { Parameter($0) }
    let expected = linear(variables[0], variables[1], bias: variables[2])
    expected.backward(from: dy)

    let y = linear(Matrix<Float>(x), weight: Matrix(w), bias: b.scalars)
    #expect(y.tensor == expected.value)
    let (dx, dw, db) = linearBackward(Matrix<Float>(dy), input: Matrix(x), weight: Matrix(w))
    #expect(dx.tensor == variables[0].gradient)
    #expect(dw.tensor == variables[1].gradient)
    #expect(Tensor(db) == variables[2].gradient)
  }

  @Test(arguments: Activation.allCases) func activations(activation: Activation) throws {
    var stream = RandomStream(seed: 42)
    var x = stream.normal(deviation: 3, shape: [6, 5])
    x[0, 0] = 0
    x[0, 1] = 200
    x[0, 2] = -200
    let dy = stream.normal(shape: [6, 5])
    let variable = Parameter(x)
    let expected =
      switch activation {
      case .relu: relu(variable)
      case .sigmoid: sigmoid(variable)
      case .tanh: tanh(variable)
      }
    expected.backward(from: dy)

    let y = activation(Matrix<Float>(x))
    #expect(y.tensor.isClose(to: expected.value, absolute: 1e-6))
    let dx = activation.backward(Matrix<Float>(dy), output: y)
    #expect(dx.tensor.isClose(to: try #require(variable.gradient), absolute: 2e-6))
    // In Double the slope is that of small differences.
    let h = 1e-6
    for v in x.scalars.map(Double.init) where v != 0 {
      let slope = (activation(v + h) - activation(v - h)) / (2 * h)
      #expect(abs(activation.slope(atOutput: activation(v)) - slope) < 1e-7)
    }
  }

  @Test(arguments: [1, 40, 1000] as [Float]) func softmaxAndCrossEntropy(scale: Float) throws {
    var stream = RandomStream(seed: 43)
    let x = stream.normal(deviation: scale, shape: [7, 5])
    let t = (0..<7).map { _ in stream.integer(below: 5) }
    let variable = Parameter(x)
    let loss = crossEntropy(variable, IntTensor(t))
    loss.backward()

    let y = softmax(Matrix<Float>(x))
    #expect(y.tensor.isClose(to: x.softmax(), relative: 1e-4, absolute: 1e-6))
    #expect(y.scalars.allSatisfy { $0.isFinite })
    #expect(abs(crossEntropy(Matrix<Float>(x), t) - loss.scalar) <= 2e-6 * max(1, loss.scalar))
    let dx = crossEntropyGradient(Matrix<Float>(x), t)
    #expect(dx.tensor.isClose(to: try #require(variable.gradient), relative: 1e-4, absolute: 1e-6))
  }

  @Test func crossEntropyOfTheBook() {
    let x = Matrix<Double>([0, 0, Double.log(3)], rows: 1, columns: 3)
    #expect(abs(crossEntropy(x, [2]) - Double.log(5 / 3)) < 1e-15)
    #expect(abs(crossEntropy(x, [0]) - Double.log(5)) < 1e-15)
    let dx = crossEntropyGradient(x, [2]).scalars
    #expect(zip(dx, [0.2, 0.2, -0.4]).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(crossEntropy(Matrix<Float>([0, 110], rows: 1, columns: 2), [0]) == 110)
  }

  /// The engine's layers with the perceptron's weights.
  private func engineNetwork(_ p: MultilayerPerceptron<Double>) -> [Parameter] {
    p.layers.flatMap { [Parameter($0.weight.tensor), Parameter(Tensor($0.bias.map { Float($0) }))] }
  }

  @Test(arguments: Activation.allCases) func backPropagation(activation: Activation) throws {
    var stream = RandomStream(seed: 44)
    var network = MultilayerPerceptron<Double>(
      sizes: [6, 8, 5, 3], activation: activation, firstWeights: .xavier, from: &stream)
    for k in network.layers.indices {
      network.layers[k].bias = network.layers[k].bias.map { _ in Double(stream.uniform(-0.5..<0.5)) }
    }
    let x = stream.normal(shape: [9, 6])
    let t = (0..<9).map { _ in stream.integer(below: 3) }
    let (loss, gradients) = network.lossAndGradients(Matrix(x), t)
    #expect(network.parameterCount == 6 * 8 + 8 + 8 * 5 + 5 + 5 * 3 + 3)
    #expect(crossEntropy(network(Matrix(x)), t) == loss)

    // Against the engine: every gradient, whole.
    let parameters = engineNetwork(network)
    var y = Variable(x)
    for k in network.layers.indices {
      y = linear(y, parameters[2 * k], bias: parameters[2 * k + 1])
      if k + 1 < network.layers.count {
        y =
          switch activation {
          case .relu: relu(y)
          case .sigmoid: sigmoid(y)
          case .tanh: tanh(y)
          }
      }
    }
    let engineLoss = crossEntropy(y, IntTensor(t))
    engineLoss.backward()
    #expect(abs(Double(engineLoss.scalar) - loss) < 1e-6)
    for (k, layer) in gradients.enumerated() {
      #expect(
        layer.weight.tensor.isClose(
          to: try #require(parameters[2 * k].gradient), relative: 1e-4, absolute: 1e-6))
      #expect(
        Tensor(layer.bias.map { Float($0) }).isClose(
          to: try #require(parameters[2 * k + 1].gradient), relative: 1e-4, absolute: 1e-6))
    }

    // Against the tape, which knows nothing of layers: every gradient, to Double's rounding.
    let tape = network.lossAndGradientsByTape(Matrix(x), t)
    #expect(abs(tape.loss - loss) < 1e-14)
    for (a, b) in zip(tape.gradients, gradients) {
      #expect(zip(a.weight.scalars, b.weight.scalars).allSatisfy { abs($0 - $1) < 1e-14 })
      #expect(zip(a.bias, b.bias).allSatisfy { abs($0 - $1) < 1e-14 })
    }

    // Against small differences: every weight.
    let h = 1e-6
    for k in network.layers.indices {
      for i in network.layers[k].weight.scalars.indices {
        var (up, down) = (network, network)
        up.layers[k].weight.scalars[i] += h
        down.layers[k].weight.scalars[i] -= h
        let slope = (crossEntropy(up(Matrix(x)), t) - crossEntropy(down(Matrix(x)), t)) / (2 * h)
        #expect(abs(gradients[k].weight.scalars[i] - slope) < 1e-8)
      }
    }
  }

  @Test func oneStepOfLearningOfTheBook() {
    var network = MultilayerPerceptron<Double>(
      layers: [.init(weight: Matrix(rows: 2, columns: 2), bias: [0, 0])], activation: .relu)
    let x = Matrix([1.0, 2], rows: 1, columns: 2)
    let (loss, gradients) = network.lossAndGradients(x, [0])
    #expect(abs(loss - Double.log(2)) < 1e-15)
    #expect(gradients[0].weight.scalars == [-0.5, -1, 0.5, 1] && gradients[0].bias == [-0.5, 0.5])
    network.step(against: gradients, learningRate: 0.2)
    #expect(abs(network(x)[0, 0] - 0.6) < 1e-15 && abs(network(x)[0, 1] + 0.6) < 1e-15)
    #expect(abs(crossEntropy(network(x), [0]) - 0.2633) < 5e-5)
  }

  /// The rules' variances, in what is really drawn; and Xavier's numbers as the engine draws them.
  @Test func firstWeights() {
    for (rule, variance) in [
      (FirstWeights.normal(deviation: 0.3), 0.09), (.xavier, 2.0 / 500), (.he, 2.0 / 300),
    ] {
      var stream = RandomStream(seed: 45)
      let w = rule.draw(fanIn: 300, fanOut: 200, from: &stream)
      #expect(w.shape == [200, 300])
      // The mean square of 60,000 numbers is off by less than 1 % of it.
      let square = w.scalars.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(w.count)
      #expect(abs(square / variance - 1) < 0.03)
      #expect(abs(Double(w.mean())) < 0.02 * variance.squareRoot())
      #expect(abs(Double(rule.deviation(fanIn: 300, fanOut: 200)) - variance.squareRoot()) < 1e-7)
    }
    var stream = RandomSource(seed: 45).next()
    let ours = FirstWeights.xavier.draw(fanIn: 300, fanOut: 200, from: &stream)
    let engines = withRandomSource(RandomSource(seed: 45)) { Initial.xavierUniform(shape: [200, 300]) }
    #expect(ours.isClose(to: engines, relative: 1e-6, absolute: 1e-8))
    #expect(ours.extremes().max < (6 / Float(500)).squareRoot())
  }

  /// A perceptron does not mind shuffled pixels: with its first weights shuffled alike it learns the same.
  @Test func shuffledInputsAreLearnedAlike() {
    var stream = RandomStream(seed: 46)
    var network = MultilayerPerceptron<Double>(
      sizes: [12, 6, 3], activation: .relu, firstWeights: .he, from: &stream)
    let order = stream.permutation(12)
    func shuffled(_ m: Matrix<Double>) -> Matrix<Double> {
      var result = m
      for i in 0..<m.rows { for j in 0..<m.columns { result[i, j] = m[i, order[j]] } }
      return result
    }
    var other = network
    other.layers[0].weight = shuffled(network.layers[0].weight)
    let x = Matrix<Double>(stream.normal(shape: [20, 12]))
    let t = (0..<20).map { _ in stream.integer(below: 3) }
    let first = network.lossAndGradients(x, t).loss
    for _ in 0..<50 {
      network.step(against: network.lossAndGradients(x, t).gradients, learningRate: 0.1)
      other.step(against: other.lossAndGradients(shuffled(x), t).gradients, learningRate: 0.1)
    }
    let (a, b) = (network.lossAndGradients(x, t).loss, other.lossAndGradients(shuffled(x), t).loss)
    #expect(a < 0.8 * first)
    #expect(abs(a - b) < 1e-12)
  }

  @Test func pixelsInAnotherOrder() {
    let set = ImageSet.generatedDigits(count: 20, seed: 3)
    var stream = RandomStream(seed: 47)
    let order = stream.permutation(784)
    let data = ImageData(
      training: ImagePart(set, 0..<10), validation: ImagePart(set, 10..<15), test: ImagePart(set, 15..<20),
      source: "digits")
    let (plain, shuffled) = (data.test.batch(0..<5), data.withPixels(in: order).test.batch(0..<5))
    #expect(shuffled.labels == plain.labels)
    #expect(shuffled.images.flattened(from: 1) == plain.images.flattened(from: 1).selecting(order, axis: 1))
    #expect(shuffled.images != plain.images)
  }

  @Test func sizesThatDoNotFit() async throws {
    let result = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = linear(
          Matrix<Float>(rows: 2, columns: 3), weight: Matrix(rows: 4, columns: 5), bias: [0, 0, 0, 0])
      })
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self)
        .contains("linear: [2, 3] with a weight [4, 5] and 4 biases"))
  }
}
