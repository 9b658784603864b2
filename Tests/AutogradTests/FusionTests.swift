import Chapter02Convolution
import Tensors
import Testing

@testable import Autograd

/// Convolution, ReLU and pooling done in one pass are held to the three done one after the other.
@Suite struct FusionTests {
  struct Net {
    var stream = RandomStream(seed: 5)
    let x: Variable
    let w: Parameter
    let b: Parameter

    init(height: Int, width: Int, channels: Int = 3, filters: Int = 4, kernel: Int = 5) {
      x = Variable(stream.normal(shape: [5, channels, height, width]), requiresGradient: true)
      w = Parameter(stream.normal(deviation: 0.3, shape: [filters, channels, kernel, kernel]))
      b = Parameter(stream.normal(deviation: 0.3, shape: [filters]))
    }
  }

  /// Runs the three ops, reading each result (so that nothing can wait for the next) or only the last, and returns
  /// the output and the gradients for a random projection of it.
  func run(_ net: Net, reading: Bool) -> [Tensor] {
    for variable in [net.x, net.w, net.b] { variable.clearGradient() }
    let convolved = conv2d(net.x, net.w, bias: net.b, padding: 2)
    if reading { _ = convolved.value }
    let rectified = relu(convolved)
    if reading { _ = rectified.value }
    let pooled = maxPool2d(rectified, kernelSize: 2)
    #expect((pooled.deferred != nil) != reading, "only an unread convolution may be fused")
    var stream = RandomStream(seed: 9)
    pooled.backward(from: stream.normal(shape: pooled.shape))
    return [pooled.value, net.x.gradient!, net.w.gradient!, net.b.gradient!]
  }

  @Test(arguments: [(8, 8), (7, 9), (14, 14), (28, 28), (5, 12)])
  func fusedEqualsStepByStep(height: Int, width: Int) {
    let net = Net(height: height, width: width)
    let separate = run(net, reading: true)
    let fused = run(net, reading: false)
    for (name, pair) in zip(["y", "dx", "dw", "db"], zip(separate, fused)) {
      #expect(pair.0.shape == pair.1.shape)
      let worst = zip(pair.0.scalars, pair.1.scalars).map { abs($0 - $1) }.max()!
      #expect(worst <= 2e-4, "\(name) differs by \(worst)")
    }
  }

  @Test func fusedForwardEqualsSevenLoopsInDouble() {
    let net = Net(height: 13, width: 10)
    let geometry = ConvolutionGeometry(
      input: net.x.shape, weight: net.w.shape, stride: Size2d(1, 1), padding: Size2d(2, 2))
    let plain = crossCorrelate2d(
      net.x.value.scalars.map(Double.init), with: net.w.value.scalars.map(Double.init),
      bias: net.b.value.scalars.map(Double.init), geometry)
    let pooled = maxPool2d(relu(conv2d(net.x, net.w, bias: net.b, padding: 2)), kernelSize: 2).value
    for n in 0..<5 {
      for o in 0..<4 {
        for i in 0..<6 {
          for j in 0..<5 {
            let cells = [(0, 0), (0, 1), (1, 0), (1, 1)].map { a, b in
              plain[((n * 4 + o) * 13 + 2 * i + a) * 10 + 2 * j + b]
            }
            #expect(abs(Double(pooled[n, o, i, j]) - max(0, cells.max()!)) < 1e-5)
          }
        }
      }
    }
  }

  @Test func aReadConvolutionKeepsItsOwnGradient() {
    let net = Net(height: 8, width: 8)
    let convolved = conv2d(net.x, net.w, bias: net.b, padding: 2)
    convolved.retainGradient()
    let pooled = maxPool2d(relu(convolved), kernelSize: 2)
    pooled.backward(from: Tensor.ones(pooled.shape))
    let gradient = convolved.gradient!
    #expect(gradient.shape == convolved.shape)
    #expect(gradient.scalars.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(gradient.sum() == Float(pooled.value.scalars.count { $0 > 0 }))
  }

  @Test func aLaterChangeOfTheWeightsDoesNotReachBack() {
    let net = Net(height: 8, width: 8)
    let before = relu(conv2d(net.x, net.w, padding: 2))
    let expected = relu(conv2d(net.x, net.w, padding: 2)).value
    net.w.update { $0 = Tensor.zeros($0.shape) }
    #expect(before.value == expected)
  }

  @Test func sameBitsWithAnyNumberOfThreads() {
    let net = Net(height: 28, width: 28)
    let threads = Parallel.threads
    defer { Parallel.threads = threads }
    let results = [1, 2, 3].map { count in
      Parallel.threads = count
      return run(net, reading: false)
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test func aNaNIsNotLostInPooling() {
    let net = Net(height: 8, width: 8)
    var x = net.x.value
    x[0, 0, 3, 3] = .nan
    let pooled = maxPool2d(relu(conv2d(Variable(x), net.w, padding: 2)), kernelSize: 2).value
    #expect(pooled.rows(0..<1).scalars.contains { $0.isNaN })
    #expect(!pooled.rows(1..<5).scalars.contains { $0.isNaN })
  }
}
