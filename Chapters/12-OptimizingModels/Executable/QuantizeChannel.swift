import Chapter07TrainingACNN
import Engine
import Workbench

/// The article's CNN with a factor behind each convolution, one for each channel: what a batch norm would do there.
private final class ScaledCNN: Module, Layer {
  let network: CNN
  private let factors: [Tensor]

  /// The first filter of each convolution times `factor`, and the channel that it makes divided by it: the network
  /// computes what it did.
  init(_ network: CNN, by factor: Float) {
    self.network = network
    factors = [network.conv1, network.conv2].map { layer in
      let channels = layer.weight.shape[0]
      let scales = Tensor((0..<channels).map { $0 == 0 ? factor : 1 })
      layer.weight.value = layer.weight.value * scales.reshaped([channels, 1, 1, 1])
      layer.bias!.value = layer.bias!.value * scales
      return scales.map { 1 / $0 }.reshaped([1, channels, 1, 1])
    }
    super.init()
  }

  func callAsFunction(_ images: Variable) -> Variable {
    var x = maxPool2d(relu(network.conv1(images) * Variable(factors[0])), kernelSize: 2)
    x = maxPool2d(relu(network.conv2(x) * Variable(factors[1])), kernelSize: 2)
    return network.fc2(relu(network.fc1(x.flattened(from: 1))))
  }
}

extension Quantize {
  /// One channel with large weights: one scale for all takes the others' steps away, one for each row does not.
  func showLargeChannel(_ models: TrainedModels, _ experiment: inout Experiment) throws {
    let factors: [Float] = common.scale.of(
      quick: [1, 32], standard: [1, 4, 16, 32, 64, 128, 256, 512],
      full: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    var table = Table(
      "One channel of each convolution with weights k times as large",
      columns: [
        "k", "scale", "error, by theory", "error, measured", "points in use", "one scale for all",
        "one for each row",
      ])
    var (tensor, channel): ([Double], [Double]) = ([], [])
    for factor in factors {
      var (accuracies, cells): ([Double], [String]) = ([], [])
      for perChannel in [false, true] {
        let model = ScaledCNN(try models.copyOfCNN(), by: factor)
        let form = WeightForm(.symmetric, perChannel: perChannel)
        let weight = model.network.conv1.weight.value
        try model.roundWeights(form) { $0.contains("conv") }
        accuracies.append(models.accuracy(model))
        if perChannel { continue }
        // Of the other 31 channels: uniform over a step, while the weights are larger than a step.
        let others = weight.sliced(1..<weight.shape[0], axis: 0)
        let rounded = model.network.conv1.weight.integers!.quantized
        let left = rounded.dequantized().sliced(1..<weight.shape[0], axis: 0)
        let difference = left - others
        let error = Double((difference * difference).mean().squareRoot())
        let step = Double(rounded.quantization.scales[0])
        let size = Double((others * others).mean().squareRoot())
        let steps = Set(rounded.integers.scalars[(others.count / 31)...]).count
        cells = [
          "\(Int(factor))", significant(step, 3), percent(step / 12.squareRoot() / size),
          percent(error / size), "\(steps)",
        ]
        experiment.metrics["channel.\(Int(factor)).error"] = error / size
        experiment.metrics["channel.\(Int(factor)).theory"] = step / 12.squareRoot() / size
        experiment.metrics["channel.\(Int(factor)).steps"] = Double(steps)
      }
      table.add(cells + accuracies.map { percent($0, 2) })
      tensor.append(accuracies[0])
      channel.append(accuracies[1])
      experiment.metrics["channel.\(Int(factor)).tensor_accuracy"] = accuracies[0]
      experiment.metrics["channel.\(Int(factor)).channel_accuracy"] = accuracies[1]
    }
    experiment.show(
      table,
      note:
        "of the first convolution: its scale, and the error of the other channels' weights in percent of their size (theory: scale/√12); in floats all "
        + "of these networks are the same")
    let x = factors.map { Double($0) }
    try experiment.write(
      LineChart(
        title: "One channel with large weights",
        subtitle: "the article's CNN, its convolutions in eight bits, one channel of each times as large",
        x: Axis("times as large", isLogarithmic: true), y: Axis("digits read", unit: "%"),
        series: [
          Series("one scale for each row", x: x, y: channel.map { $0 * 100 }),
          Series("one scale for all", x: x, y: tensor.map { $0 * 100 }),
        ]),
      to: "large-channel.svg", "accuracy by the size of one channel")
  }
}
