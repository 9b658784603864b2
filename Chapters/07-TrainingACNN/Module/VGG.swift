import Engine

/// VGG: convolutions of 3×3 in five groups, each with a max-pooling behind it, and three linear layers.
///
/// Its parameters are named as torchvision's are (`features.0.weight`, …, `classifier.6.bias`), so its weights fit.
///
/// - Shape: `[N, 3, S, S]` → `[N, classes]`, with `S` the side.
/// - PyTorch: `torchvision.models.vgg16()`.
/// - Source: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015.
/// - Book: section 7.10.
public final class VGG: Module, Layer {
  /// The convolutions with their ReLUs, and the poolings.
  public let features: Sequential
  /// The linear layers with their ReLUs and dropouts.
  public let classifier: Sequential

  /// - Parameters:
  ///   - groups: For each group, the number of filters of its convolutions. By default those of VGG-16.
  ///   - side: Height and width of the images; must be halved as often as there are groups, or this traps.
  ///   - hidden: The width of the first two linear layers.
  ///   - classes: How many classes there are.
  public init(
    groups: [[Int]] = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]],
    side: Int = 224, hidden: Int = 4096, classes: Int = 1000
  ) {
    if side % (1 << groups.count) != 0 {
      trap("VGG: a side of \(side) cannot be halved \(groups.count) times")
    }
    var layers: [any Layer] = []
    var channels = 3
    for group in groups {
      for filters in group {
        layers += [Conv2d(inChannels: channels, outChannels: filters, kernelSize: 3, padding: 1), ReLU()]
        channels = filters
      }
      layers.append(MaxPool2d(kernelSize: 2))
    }
    features = Sequential(layers)
    let places = (side >> groups.count) * (side >> groups.count)
    classifier = Sequential(
      Linear(inFeatures: channels * places, outFeatures: hidden), ReLU(), Dropout(),
      Linear(inFeatures: hidden, outFeatures: hidden), ReLU(), Dropout(),
      Linear(inFeatures: hidden, outFeatures: classes))
  }

  /// - Parameter images: `[N, 3, S, S]`
  public func callAsFunction(_ images: Variable) -> Variable {
    classifier(features(images).flattened(from: 1))
  }
}
