import ArgumentParser
import Chapter02Convolution
import Chapter07TrainingACNN
import Engine
import Workbench

struct NetworkSizes: ChapterExperiment {
  static let name = "sizes"
  static let summary = "Stacks of 3×3 against one large filter, and VGG and ResNet counted from their layers."
  static let details = """
    Nothing is trained. Each network is made with all its weights, and counted; VGG-16 takes about a gigabyte meanwhile, \
    and is left out with --quick.

    EXAMPLES
      train-cnn sizes
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    print("What small filters, and many of them, come to\n")
    showStacks(&experiment)
    showNetworks(&experiment)
  }

  /// One layer with a large window, and as many layers of 3×3 as see the same.
  private func showStacks(_ experiment: inout Experiment) {
    let channels = 64
    var table = Table(
      "The same receptive field, from one layer and from layers of 3×3, \(channels) channels",
      columns: [
        "receptive field", "one layer", "parameters", "layers of 3×3", "parameters", "ratio", "ReLUs",
      ])
    for size in [3, 5, 7, 9, 11] {
      let one = [convolution(channels, size)]
      let stack = (0..<(size - 1) / 2).map { _ in convolution(channels, 3) }
      let (single, several) = (parameters(one), parameters(stack))
      let fields = [one, stack].map { receptiveField(windows(of: $0)) }
      if fields != [size, size] { fatalError("sizes: receptive fields of \(fields) where \(size) is meant") }
      table.add(
        "\(fields[1])×\(fields[1])", "\(size)×\(size)", grouped(single), "\(stack.count)", grouped(several),
        fixed(Double(several) / Double(single), 2), "\(stack.count)")
      experiment.metrics["one_\(size)_parameters"] = Double(single)
      experiment.metrics["stack_\(size)_parameters"] = Double(several)
    }
    experiment.show(table, note: "Counted from the engine's layers, biases included.")
  }

  private func showNetworks(_ experiment: inout Experiment) {
    var table = Table(
      "Published networks, made of the engine's layers",
      columns: [
        "network", "layers", "in convolutions", "in linear layers", "together", "published", "agreement",
        "receptive field",
      ])
    for network in PublishedNetwork.all where !(common.quick && network.isLarge) {
      let model = withRandomSource(RandomSource(seed: common.seed)) { network.make() }
      let (linear, counted) = (parameters(layers(Linear.self, in: model)), model.parameterCount)
      let weighted = weightedLayers(model)
      let field = receptiveField(windows(of: model))
      table.add(
        network.name, "\(weighted)", grouped(counted - linear), grouped(linear), grouped(counted),
        grouped(network.published), counted == network.published ? "exact" : "differs", "\(field)")
      experiment.metrics["\(network.key)_parameters"] = Double(counted)
      experiment.metrics["\(network.key)_linear_parameters"] = Double(linear)
      experiment.metrics["\(network.key)_published"] = Double(network.published)
      experiment.metrics["\(network.key)_layers"] = Double(weighted)
      experiment.metrics["\(network.key)_receptive_field"] = Double(field)
    }
    experiment.show(
      table,
      note:
        "Batch norms count with the convolutions; layers are those with weights, on the way through the blocks."
    )
  }
}

/// A network that others have counted too.
private struct PublishedNetwork: Sendable {
  let key: String
  let name: String
  /// As torchvision's documentation of its models says.
  let published: Int
  var isLarge = false
  let make: @Sendable () -> any Layer

  static let all = [
    PublishedNetwork(key: "vgg16", name: "VGG-16", published: 138_357_544, isLarge: true) { VGG() },
    PublishedNetwork(key: "resnet18", name: "ResNet-18", published: 11_689_512) { ResNet.eighteen() },
    PublishedNetwork(key: "resnet50", name: "ResNet-50", published: 25_557_032) { ResNet.fifty() },
  ]
}

private func convolution(_ channels: Int, _ size: Int) -> any Layer {
  Conv2d(inChannels: channels, outChannels: channels, kernelSize: size, padding: size / 2)
}

private func parameters(_ layers: [any Layer]) -> Int { layers.reduce(0) { $0 + $1.parameterCount } }

/// All layers of a kind within a network.
private func layers<Kind: Layer>(_ kind: Kind.Type, in model: Module) -> [Kind] {
  model.allModules.compactMap { $0.module as? Kind }
}

/// The convolutions and linear layers on the way through the blocks; those on the way around are not counted.
private func weightedLayers(_ model: Module) -> Int {
  layers(Conv2d.self, in: model).count + layers(Linear.self, in: model).count
    - layers(ResNetBlock.self, in: model).count { $0.downsample != nil }
}

/// The windows from the image to the last maps, by the way through the blocks, which is the longest.
private func windows(of model: any Layer) -> [SlidingWindow] {
  switch model {
  case let vgg as VGG: windows(of: vgg.features.layers)
  case let net as ResNet:
    windows(of: [net.conv1, MaxPool2d(kernelSize: 3, stride: 2, padding: 1)])
      + windows(of: layers(ResNetBlock.self, in: net))
  case let block as ResNetBlock: windows(of: [block.conv1, block.conv2] + (block.conv3.map { [$0] } ?? []))
  case let conv as Conv2d:
    [SlidingWindow(conv.weight.shape[2], stride: conv.stride.height, padding: conv.padding.height)]
  case let pool as MaxPool2d:
    [SlidingWindow(pool.kernelSize.height, stride: pool.stride.height, padding: pool.padding.height)]
  default: []
  }
}

private func windows(of layers: [any Layer]) -> [SlidingWindow] { layers.flatMap { windows(of: $0) } }

private func receptiveField(_ windows: [SlidingWindow]) -> Int {
  ReceptiveField.behind(each: windows).last?.size ?? 1
}
