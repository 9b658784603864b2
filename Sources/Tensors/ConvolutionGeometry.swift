/// The sizes of one convolution: what goes in, the windows, what comes out.
///
///     outputHeight = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1
///
/// - Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.
/// - Book: chapter 2.
public struct ConvolutionGeometry: Sendable, Equatable {
  /// N, the number of images.
  public let batch: Int
  /// C, the maps of an image.
  public let inChannels: Int
  /// H, of an image.
  public let height: Int
  /// W, of an image.
  public let width: Int
  /// O, the number of filters.
  public let outChannels: Int
  /// A filter's height and width.
  public let kernel: Size2d
  /// Steps from window to window.
  public let stride: Size2d
  /// Zeros added at either side.
  public let padding: Size2d
  /// The distance between neighbouring weights of a filter.
  public let dilation: Size2d
  /// Into how many parts the channels are split, each with filters of its own.
  public let groups: Int
  /// How many windows fit below each other.
  public let outputHeight: Int
  /// How many windows fit side by side.
  public let outputWidth: Int

  /// Traps when the shapes do not fit.
  ///
  /// - Parameters:
  ///   - input: `[N, C, H, W]`.
  ///   - weight: `[O, C / groups, KH, KW]`.
  ///   - bias: `[O]`, or nil where there is none.
  ///   - stride: Steps from window to window, 1 or more.
  ///   - padding: Zeros added at either side, 0 or more.
  ///   - dilation: The distance between neighbouring weights of a filter, 1 or more.
  ///   - groups: Into how many parts the channels are split; it must divide C and O.
  public init(
    input: [Int], weight: [Int], bias: [Int]? = nil, stride: Size2d = Size2d(1, 1),
    padding: Size2d = Size2d(0, 0), dilation: Size2d = Size2d(1, 1), groups: Int = 1
  ) {
    if input.count != 4 || weight.count != 4 {
      trap("conv2d: input [N, C, H, W] and weight [O, C/groups, KH, KW] are needed: \(input), \(weight)")
    }
    if groups < 1 || stride.height < 1 || stride.width < 1 || dilation.height < 1 || dilation.width < 1
      || padding.height < 0 || padding.width < 0
    {
      trap(
        "conv2d: stride \(stride), padding \(padding), dilation \(dilation), groups \(groups) make no sense")
    }
    if weight[1] * groups != input[1] || weight[0] % groups != 0 {
      trap("conv2d: channels differ: input \(input), weight \(weight), groups \(groups)")
    }
    if let bias, bias != [weight[0]] {
      trap("conv2d: bias \(bias) does not fit weight \(weight): [\(weight[0])] is needed")
    }
    batch = input[0]
    inChannels = input[1]
    height = input[2]
    width = input[3]
    outChannels = weight[0]
    kernel = Size2d(weight[2], weight[3])
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    outputHeight = Self.outputSize(height, weight[2], stride.height, padding.height, dilation.height)
    outputWidth = Self.outputSize(width, weight[3], stride.width, padding.width, dilation.width)
    if outputHeight < 1 || outputWidth < 1 {
      trap(
        "conv2d: the kernel is larger than the padded input: input \(input), weight \(weight), padding \(padding)"
      )
    }
  }

  static func outputSize(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
    let room = size + 2 * padding - dilation * (kernel - 1) - 1
    return room < 0 ? 0 : room / stride + 1
  }

  /// `[N, O, OH, OW]`
  public var outputShape: [Int] { [batch, outChannels, outputHeight, outputWidth] }

  /// `[N, C, H, W]`
  public var inputShape: [Int] { [batch, inChannels, height, width] }

  /// `[O, C / groups, KH, KW]`
  public var weightShape: [Int] { [outChannels, inChannels / groups, kernel.height, kernel.width] }

  /// Numbers in one image of the input, and of the output.
  var inputImage: Int { inChannels * height * width }
  var outputImage: Int { outChannels * outputHeight * outputWidth }

  /// The size of the matrix of windows of one image and one group: a row for each tap, a column for each place.
  var taps: Int { inChannels / groups * kernel.height * kernel.width }
  var places: Int { outputHeight * outputWidth }
}
