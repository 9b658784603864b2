import Autograd
import Layers
import Tensors
import Testing

/// Layers at the edges of what numbers can be: paddings of NaN, huge rows, empty batches.
@Suite struct NumericEdgeTests {
  /// Padding beyond a sequence's length may hold anything: neither results nor gradients see it.
  @Test(arguments: [false, true])
  func paddingReachesNoGradient(_ batchFirst: Bool) {
    let (inputs, hidden) = (2, 3)
    func gradients(_ layer: RecurrentLayer, padding: Float, _ run: (Variable) -> Variable) -> [Tensor] {
      var x = Tensor(repeating: 0.5, shape: batchFirst ? [3, 4, inputs] : [4, 3, inputs])
      for t in 2..<4 {
        for d in 0..<inputs { if batchFirst { x[0, t, d] = padding } else { x[t, 0, d] = padding } }
      }
      for parameter in layer.parameters { parameter.clearGradient() }
      let input = Variable(x, requiresGradient: true)
      let y = run(input)
      y.sum().backward()
      return [y.value, input.gradient!] + layer.parameters.map { $0.gradient! }
    }
    let lengths = [2, 4, 3]
    let lstm = LSTM(inputSize: inputs, hiddenSize: hidden, batchFirst: batchFirst)
    let gru = GRU(inputSize: inputs, hiddenSize: hidden, batchFirst: batchFirst)
    let rnn = RNN(inputSize: inputs, hiddenSize: hidden, batchFirst: batchFirst)
    for bad in [Float.nan, .infinity] {
      #expect(
        gradients(lstm, padding: bad) { lstm($0, lengths: lengths).output }
          == gradients(lstm, padding: 0) { lstm($0, lengths: lengths).output })
      #expect(
        gradients(gru, padding: bad) { gru($0, lengths: lengths).output }
          == gradients(gru, padding: 0) { gru($0, lengths: lengths).output })
      #expect(
        gradients(rnn, padding: bad) { rnn($0, lengths: lengths).output }
          == gradients(rnn, padding: 0) { rnn($0, lengths: lengths).output })
    }
  }

  /// The recurrence is cut by the work alone: the same bits with any number of threads.
  @Test func recurrenceHasTheSameBitsWithAnyNumberOfThreads() {
    let layer = LSTM(inputSize: 24, hiddenSize: 40, batchFirst: true)
    let x = Variable(layer.parameters[0].value.reshaped([1, 160, 24]).broadcast(to: [71, 160, 24]))
    let before = Parallel.threads
    defer { Parallel.threads = before }
    var first: [[UInt32]] = []
    for threads in [1, 2, 3, 4] {
      Parallel.threads = threads
      for parameter in layer.parameters { parameter.clearGradient() }
      let y = layer(x).output
      (y * y).sum().backward()
      let all = ([y.value] + layer.parameters.map { $0.gradient! }).map { $0.scalars.map(\.bitPattern) }
      if first.isEmpty { first = all }
      #expect(all == first, "\(threads) threads")
    }
  }

  /// Squares beyond single precision: PyTorch gives NaN, exact arithmetic this.
  @Test func layerNormOfVeryLargeRows() {
    let y = LayerNorm(4)(Variable(Tensor([1e20, -1e20, 2e20, 0], shape: [1, 4]))).value.scalars
    for (a, b) in zip(y, [0.4472136, -1.3416408, 1.3416408, -0.4472136] as [Float]) {
      #expect(abs(a - b) < 1e-6)
    }
  }

  /// PyTorch 2.15: an empty result, and the running mean and variance as they were.
  /// All numbers of a channel the same: nothing is left of them, however large they are and however their mean is rounded.
  @Test(arguments: [0.1, 12_345.678, 1e9, 3.3e12] as [Float]) func normsOfAConstantChannel(_ value: Float) {
    let x = Variable(Tensor(repeating: value, shape: [3, 2, 31, 33]))
    let (y, mean, variance) = batchNorm(x)
    #expect(y.value.scalars.allSatisfy { $0 == 0 })
    #expect(mean.scalars == [value, value])
    #expect(variance.scalars.allSatisfy { $0 >= 0 })
    #expect(groupNorm(x, groups: 1).value.scalars.allSatisfy { $0 == 0 })
  }

  @Test func normsDoNotHideWhatIsNoNumber() {
    var x = Tensor(repeating: 1, shape: [2, 2, 3, 3])
    x[0, 1, 2, 2] = .nan
    let (y, _, variance) = batchNorm(Variable(x))
    #expect(variance.scalars[0] == 0 && variance.scalars[1].isNaN)
    #expect(y.value[0, 0, 0, 0] == 0 && y.value[1, 1, 0, 0].isNaN)
  }

  @Test func batchNormOfAnEmptyBatch() {
    let layer = BatchNorm2d(features: 2)
    layer.train()
    let x = Variable(Tensor.zeros([0, 2, 2, 2]), requiresGradient: true)
    let y = layer(x)
    #expect(y.shape == [0, 2, 2, 2])
    y.sum().backward()
    #expect(layer.weight!.gradient == Tensor.zeros([2]))
    #expect(layer.runningMean.value == Tensor([0, 0]) && layer.runningVar.value == Tensor([1, 1]))
  }

  /// PyTorch 2.15: 0 at a limit, and at NaN.
  @Test func gradientOfClampAtItsEdges() {
    let x = Variable(Tensor([0, 1, -1, 2, 0.5, .nan]), requiresGradient: true)
    clamp(x, to: 0...1).sum().backward()
    #expect(x.gradient == Tensor([0, 0, 0, 0, 1, 0]))
  }
}
