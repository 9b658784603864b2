import Engine

/// Two convolutions, and a linear layer on the mean of each map: images of any size will do.
final class ShapeNet: Module, Layer {
  let conv1 = Conv2d(inChannels: 1, outChannels: 8, kernelSize: 5, padding: 2)
  let conv2 = Conv2d(inChannels: 8, outChannels: 16, kernelSize: 5, padding: 2)
  let classes: Linear

  init(classCount: Int) {
    classes = Linear(inFeatures: 16, outFeatures: classCount)
  }

  /// `[N, 1, H, W]` → logits, `[N, classCount]`
  func callAsFunction(_ images: Variable) -> Variable {
    var x = maxPool2d(relu(conv1(images)), kernelSize: 2)
    x = maxPool2d(relu(conv2(x)), kernelSize: 2)
    return classes(globalAvgPool2d(x))
  }
}
