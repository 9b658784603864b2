import Chapter09TrendsAndChallenges
import Engine
import Testing

/// Costs, the roof, and texts that are nearly the same.
@Suite struct CostAndDataTests {
  @Test func separableCountsByHand() {
    let full = ConvolutionCost.full(inChannels: 3, outChannels: 8, kernelSize: 5, places: 10)
    #expect(full == ConvolutionCost.full(inChannels: 3, outChannels: 8, kernelSize: 5, places: 10))
    #expect(full.weights == 600 && full.flops == 12_000)
    let apart = ConvolutionCost.separable(inChannels: 3, outChannels: 8, kernelSize: 5, places: 10)
    #expect(apart.weights == 75 + 24 && apart.flops == 1_980)
    #expect(abs(Double(apart.flops) / Double(full.flops) - (1.0 / 8 + 1.0 / 25)) < 1e-12)
  }

  @Test(arguments: [1, 4, 7]) func theNetworksHaveTheWeightsThatAreCounted(channels: Int) {
    for isSeparable in [false, true] {
      let network = SeparableCNN(channels: channels, isSeparable: isSeparable)
      let own = (network.depthwise?.weight.value.count ?? 0) + network.conv2.weight.value.count
      #expect(own == network.cost.weights)
      #expect(network(Variable(Tensor.zeros([2, 1, 28, 28]))).shape == [2, 10])
      let others = 26 * channels + 2 * channels + 2 * channels * 49 * 10 + 10
      #expect(network.parameterCount == others + own)
    }
  }

  /// Taken apart means: what a full convolution does whose weights are the products of the two.
  @Test func aSeparableConvolutionIsAFullOneOfProducts() {
    let network = withRandomSource(RandomSource(seed: 3)) { SeparableCNN(channels: 3, isSeparable: true) }
    var stream = RandomStream(seed: 4)
    let x = Variable(stream.normal(shape: [1, 3, 9, 9]))
    let (windows, mix) = (network.depthwise!.weight.value, network.conv2.weight.value)
    var products = Tensor.zeros([6, 3, 5, 5])
    for o in 0..<6 {
      for c in 0..<3 {
        for i in 0..<5 {
          for j in 0..<5 { products[o, c, i, j] = mix[o, c, 0, 0] * windows[c, 0, i, j] }
        }
      }
    }
    let full = conv2d(x, Variable(products), bias: network.conv2.bias, padding: 2).value
    #expect(network.conv2(network.depthwise!(x)).value.isClose(to: full, relative: 1e-4, absolute: 1e-5))
  }

  @Test func theRoof() {
    let roof = Roofline(peak: 100, bandwidth: 20)
    #expect(roof.ridge == 5)
    #expect(roof.attainable(1) == 20 && roof.attainable(5) == 100 && roof.attainable(50) == 100)
  }

  private func shingles(_ text: String, size: Int = 3) -> Set<UInt64> {
    MinHash.shingles(of: text.split(separator: " ").map(String.init), size: size)
  }

  @Test func jaccardByHand() {
    // the cat sat | cat sat down    and    the cat sat | cat sat up: one of three.
    #expect(MinHash.jaccard(shingles("the cat sat down"), shingles("the cat sat up")) == 1.0 / 3)
    #expect(MinHash.jaccard(shingles("a b c"), shingles("a b c")) == 1)
    #expect(MinHash.jaccard(shingles("a b c"), shingles("c b a")) == 0)
    #expect(shingles("a b").count == 1 && shingles("a b c d").count == 2)
    // Words are told apart: "ab c" is not "a bc".
    #expect(shingles("ab c", size: 2) != shingles("a bc", size: 2))
  }

  /// Sets of which is known how alike they are: the estimate lies within four of its standard deviations.
  @Test(arguments: [0, 10, 50, 90, 100]) func signaturesEstimateTheSimilarity(common: Int) {
    let a = Set((0..<100).map { UInt64($0) })
    let b = Set((100 - common..<200 - common).map { UInt64($0) })
    let exact = MinHash.jaccard(a, b)
    #expect(exact == Double(common) / Double(200 - common))
    let hashes = MinHash(count: 1_024, seed: 3)
    let estimate = MinHash.similarity(hashes.signature(of: a), hashes.signature(of: b))
    #expect(abs(estimate - exact) <= 4 * (exact * (1 - exact) / 1_024).squareRoot())
  }

  @Test func bandsFindWhatIsAlike() {
    var stream = RandomStream(seed: 5)
    // Forty texts of sixty shingles; 31 is 7 with five of them changed.
    var sets = (0..<40).map { _ in Set((0..<60).map { _ in stream.next() }) }
    sets[31] = Set(sets[7].sorted().dropFirst(5)).union((0..<5).map { _ in stream.next() })
    let signatures = sets.map { MinHash(count: 64, seed: 6).signature(of: $0) }
    let pairs = MinHash.candidates(signatures, rows: 4)
    #expect(pairs.count == 1 && pairs[0] == (7, 31))
    #expect(MinHash.candidates([signatures[3]], rows: 4).isEmpty)
  }
}
