// Published networks that read images, each described by the numbers in its paper.

extension ModelDescription {
  /// LeNet-5 as published: maps are averaged with a factor and a bias to learn, each filter of the second convolution
  /// sees some of the maps only, and the ten patterns that the last layer compares with are drawn by hand.
  ///
  /// - Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998, II.B.
  public static let leNet5 = ModelDescription(
    "LeNet-5", year: 1998, input: [1, 32, 32],
    [
      .convolution(1, 6, kernel: 5), .activation,
      .subsampling(channels: 6, kernel: 2), .activation,
      .partialConvolution(inputs: [3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 6], kernel: 5), .activation,
      .subsampling(channels: 16, kernel: 2), .activation,
      .convolution(16, 120, kernel: 5), .activation,
      .flatten, .linear(120, 84), .activation,
      .borrowed(.linear(84, 10, bias: false)),
    ])

  /// LeNet-5 as it is usually written today: plain pooling, all filters see all maps, a linear layer at the end.
  public static let leNet5Today = ModelDescription(
    "LeNet-5, as written today", year: 1998, input: [1, 32, 32],
    [
      .convolution(1, 6, kernel: 5), .activation, .pooling(kernel: 2, stride: 2),
      .convolution(6, 16, kernel: 5), .activation, .pooling(kernel: 2, stride: 2),
      .flatten, .linear(400, 120), .activation, .linear(120, 84), .activation, .linear(84, 10),
    ])

  /// AlexNet as published, cut in two for two devices: three convolutions see only their own half's maps.
  ///
  /// The paper says 224×224; only with 227×227 do its own sizes come out.
  ///
  /// - Source: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", 2012.
  public static let alexNet = ModelDescription(
    "AlexNet", year: 2012, input: [3, 227, 227],
    [
      .convolution(3, 96, kernel: 11, stride: 4), .activation, .pooling(kernel: 3, stride: 2),
      .convolution(96, 256, kernel: 5, padding: 2, groups: 2), .activation, .pooling(kernel: 3, stride: 2),
      .convolution(256, 384, kernel: 3, padding: 1), .activation,
      .convolution(384, 384, kernel: 3, padding: 1, groups: 2), .activation,
      .convolution(384, 256, kernel: 3, padding: 1, groups: 2), .activation, .pooling(kernel: 3, stride: 2),
      .flatten, .linear(9216, 4096), .activation, .linear(4096, 4096), .activation, .linear(4096, 1000),
    ])

  /// AlexNet in one piece.
  ///
  /// - Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014; as in torchvision.
  public static let alexNetOnePiece = ModelDescription(
    "AlexNet, in one piece", year: 2014, input: [3, 224, 224],
    [
      .convolution(3, 64, kernel: 11, stride: 4, padding: 2), .activation, .pooling(kernel: 3, stride: 2),
      .convolution(64, 192, kernel: 5, padding: 2), .activation, .pooling(kernel: 3, stride: 2),
      .convolution(192, 384, kernel: 3, padding: 1), .activation,
      .convolution(384, 256, kernel: 3, padding: 1), .activation,
      .convolution(256, 256, kernel: 3, padding: 1), .activation, .pooling(kernel: 3, stride: 2),
      .flatten, .linear(9216, 4096), .activation, .linear(4096, 4096), .activation, .linear(4096, 1000),
    ])

  /// VGG-16: thirteen convolutions of 3×3 and three linear layers.
  ///
  /// - Source: Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014.
  public static let vgg16: ModelDescription = {
    var parts: [Part] = []
    var channels = 3
    for (width, layers) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
      for _ in 0..<layers {
        parts += [.convolution(channels, width, kernel: 3, padding: 1), .activation]
        channels = width
      }
      parts.append(.pooling(kernel: 2, stride: 2))
    }
    parts += [
      .flatten, .linear(512 * 7 * 7, 4096), .activation, .linear(4096, 4096), .activation,
      .linear(4096, 1000),
    ]
    return ModelDescription("VGG-16", year: 2014, input: [3, 224, 224], parts)
  }()

  /// ResNet-18: blocks of two convolutions of 3×3.
  ///
  /// - Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015, table 1.
  public static let resNet18 = resNet("ResNet-18", blocks: [2, 2, 2, 2], expansion: 1) { i, width, stride in
    .row([
      normed(i, width, kernel: 3, stride: stride), .activation, normed(width, width, kernel: 3),
    ])
  }

  /// ResNet-50: blocks that narrow with a convolution of 1×1, look with one of 3×3, and widen again.
  ///
  /// A block that halves the image does so in its 3×3, as torchvision's and later papers' do; the first paper's do it
  /// in the first 1×1, which saves work.
  public static let resNet50 = resNet("ResNet-50", blocks: [3, 4, 6, 3], expansion: 4) { i, width, stride in
    .row([
      normed(i, width, kernel: 1), .activation, normed(width, width, kernel: 3, stride: stride), .activation,
      normed(width, 4 * width, kernel: 1),
    ])
  }

  private static func resNet(
    _ name: String, blocks: [Int], expansion: Int, body: (_ inputs: Int, _ width: Int, _ stride: Int) -> Part
  ) -> ModelDescription {
    var parts = [
      normed(3, 64, kernel: 7, stride: 2), .activation, .pooling(kernel: 3, stride: 2, padding: 1),
    ]
    var channels = 64
    for (stage, count) in blocks.enumerated() {
      let (width, outputs) = (64 << stage, 64 << stage * expansion)
      for block in 0..<count {
        let stride = stage > 0 && block == 0 ? 2 : 1
        let shortcut =
          channels == outputs && stride == 1 ? [] : [normed(channels, outputs, kernel: 1, stride: stride)]
        parts += [.residual([body(channels, width, stride)], shortcut: shortcut), .activation]
        channels = outputs
      }
    }
    parts += [.globalPooling, .flatten, .linear(channels, 1000)]
    return ModelDescription(name, year: 2015, input: [3, 224, 224], parts)
  }

  /// MobileNetV2: blocks that widen with 1×1, look at each channel alone with 3×3, and narrow again.
  ///
  /// - Source: Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: inverted residuals and linear bottlenecks", 2018,
  ///   table 2.
  public static let mobileNetV2: ModelDescription = {
    var parts = [normed(3, 32, kernel: 3, stride: 2), .activation]
    var channels = 32
    for (widening, outputs, count, firstStride) in [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
      (6, 320, 1, 1),
    ] {
      for block in 0..<count {
        let (wide, stride) = (channels * widening, block == 0 ? firstStride : 1)
        let body: [Part] =
          (widening == 1 ? [] : [normed(channels, wide, kernel: 1), .activation]) + [
            normed(wide, wide, kernel: 3, stride: stride, groups: wide), .activation,
            normed(wide, outputs, kernel: 1),
          ]
        parts.append(channels == outputs && stride == 1 ? .residual(body) : .row(body))
        channels = outputs
      }
    }
    parts += [
      normed(320, 1280, kernel: 1), .activation, .globalPooling, .flatten, .linear(1280, 1000),
    ]
    return ModelDescription("MobileNetV2", year: 2018, input: [3, 224, 224], parts)
  }()

  /// A convolution that keeps the size, but for its stride, and a batch norm instead of a bias.
  private static func normed(_ i: Int, _ o: Int, kernel: Int, stride: Int = 1, groups: Int = 1) -> Part {
    .row([
      .convolution(
        i, o, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false),
      .batchNorm(o),
    ])
  }

  /// ViT-B/16: the image in 14×14 patches, read like a text by the blocks of a Transformer.
  ///
  /// - Source: Dosovitskiy and others, "An image is worth 16x16 words", 2020, table 1.
  public static let vitB16 = ModelDescription(
    "ViT-B/16", year: 2020, input: [3, 224, 224],
    [.patches(size: 16), .linear(3 * 16 * 16, 768), .classToken(width: 768), .learned(197 * 768)]
      + repeated(12, .preNormBlock(width: 768, heads: 12, hidden: 3072))
      + [.layerNorm(768), .oneStep, .linear(768, 1000)])
}
