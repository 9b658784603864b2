import Chapter01BigAndSmall
import Chapter07TrainingACNN
import Engine
import Testing

/// The networks of sections 7.8 to 7.10.
@Suite struct DeepNetworkTests {
  private func made<Network>(_ seed: UInt64 = 1, _ make: () -> Network) -> Network {
    withRandomSource(RandomSource(seed: seed), make)
  }

  private func images(_ shape: [Int]) -> Variable {
    var random = RandomStream(seed: 76)
    return Variable(random.normal(shape: shape))
  }

  /// Without dropout and norms it is the article's network, number by number.
  @Test func nothingAddedIsTheArticlesNetwork() {
    let (article, same) = (made { CNN() }, made { RegularizedCNN() })
    #expect(same.namedParameters.map(\.name) == article.namedParameters.map(\.name))
    let x = images([2, 1, 28, 28])
    #expect(same(x).value == article(x).value)
    // With norms the first weights are the same too: runs of one seed can be compared.
    let normed = made { RegularizedCNN(isNormed: true) }
    #expect(normed.fc1.weight.value == article.fc1.weight.value)
    #expect(normed.parameterCount == article.parameterCount + 2 * (32 + 64 + 128))
    #expect(normed(x).value != article(x).value)
  }

  @Test func dropoutOnlyInTraining() {
    let model = made { RegularizedCNN(dropout: 0.5) }
    let x = images([2, 1, 28, 28])
    #expect(model(x).value != model(x).value)
    model.evaluate()
    #expect(model(x).value == model(x).value)
  }

  @Test(arguments: DeepDesign.allCases) func aDeepNetworkRuns(_ design: DeepDesign) {
    let model = made { DeepCNN(convolutions: 6, channels: 4, design: design) }
    let x = images([3, 1, 28, 28])
    #expect(model(x).shape == [3, 10])
    #expect(model.features(x).map(\.shape) == Array(repeating: [3, 4, 7, 7], count: 4))
    let convolutions = 6 * (4 * 4 * 9 + (design.isNormed ? 2 * 4 : 4))
    #expect(model.parameterCount == 4 * 25 + 4 + convolutions + 4 * 49 * 10 + 10)
  }

  /// Where the convolutions give nothing, a skip lets everything through, and without it nothing comes.
  @Test func aSkipLeadsAroundTheConvolutions() {
    for design in [DeepDesign.plain, .skips] {
      let model = made { DeepCNN(convolutions: 4, channels: 3, design: design) }
      for block in model.blocks {
        for layer in [block.conv1, block.conv2] {
          layer.weight.value = .zeros(layer.weight.shape)
          layer.bias!.value = .zeros([3])
        }
      }
      let features = model.features(images([2, 1, 28, 28]))
      if design.hasSkips {
        #expect(features.allSatisfy { $0.value == features[0].value })
        #expect(features[0].value.scalars.contains { $0 > 0 })
      } else {
        #expect(features.dropFirst().allSatisfy { $0.value.scalars.allSatisfy { $0 == 0 } })
      }
    }
  }

  @Test func whatCannotBeBuilt() async throws {
    let odd = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DeepCNN(convolutions: 3, design: .plain)
    }
    #expect(
      String(decoding: odd.standardErrorContent, as: UTF8.self).contains(
        "the number of convolutions must be even, given 3"))
    let side = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = VGG(groups: [[2], [2], [2]], side: 28)
    }
    #expect(
      String(decoding: side.standardErrorContent, as: UTF8.self).contains(
        "a side of 28 cannot be halved 3 times"))
    let groups = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ResNet(blocks: [1, 1], isBottleneck: false)
    }
    #expect(
      String(decoding: groups.standardErrorContent, as: UTF8.self).contains("there are four groups of blocks")
    )
  }

  /// What the layers hold is what chapter 1 counts from the description, and what torchvision's documentation says.
  @Test func resNetsAreAsLargeAsPublished() {
    #expect(ResNet.eighteen().parameterCount == 11_689_512)
    #expect(ModelDescription.resNet18.parameters == 11_689_512)
    #expect(ResNet.fifty().parameterCount == ModelDescription.resNet50.parameters)
  }

  @Test func namesAreTorchvisions() {
    let net = ResNet(blocks: [1, 1, 1, 2], isBottleneck: true, width: 2, classes: 3)
    let names = Set(net.state.map(\.name))
    for name in [
      "conv1.weight", "bn1.running_mean", "layer1.0.conv3.weight", "layer1.0.downsample.0.weight",
      "layer2.0.downsample.1.running_var", "layer4.1.bn2.weight", "fc.bias",
    ] {
      #expect(names.contains(name), "\(name)")
    }
    #expect(!names.contains("layer4.1.downsample.0.weight") && !names.contains("conv1.bias"))
    let vgg = VGG(groups: [[2, 2], [3]], side: 8, hidden: 5, classes: 4)
    let layers = ["features.0", "features.2", "features.5", "classifier.0", "classifier.3", "classifier.6"]
    #expect(vgg.namedParameters.map(\.name) == layers.flatMap { ["\($0).weight", "\($0).bias"] })
    let counts: [Int] = [27 * 2 + 2, 18 * 2 + 2, 18 * 3 + 3, 12 * 5 + 5, 5 * 5 + 5, 5 * 4 + 4]
    #expect(vgg.parameterCount == counts.reduce(0, +))
  }

  @Test(arguments: [false, true]) func smallOnesRun(isBottleneck: Bool) {
    let net = made { ResNet(blocks: [1, 2, 1, 1], isBottleneck: isBottleneck, width: 4, classes: 5) }
    let y = net(images([2, 3, 64, 64]))
    #expect(y.shape == [2, 5] && y.value.scalars.allSatisfy(\.isFinite))
    y.sum().backward()
    #expect(net.parameters.allSatisfy { $0.gradient != nil })
    let vgg = made { VGG(groups: [[4], [6, 6]], side: 16, hidden: 10, classes: 3) }
    #expect(vgg(images([2, 3, 16, 16])).shape == [2, 3])
  }
}
