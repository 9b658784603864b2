/// Which pixels of a row a number depends on that lies behind a stack of windows.
///
///     r_l = r_{l−1} + d_l (K_l − 1) j_{l−1}        j_l = j_{l−1} s_l        first_l = first_{l−1} − p_l j_{l−1}
///
/// - Source: Araujo, Norris, Sim, "Computing receptive fields of convolutional neural networks", Distill, 2019.
/// - Book: section 2.8.
public struct ReceptiveField: Sendable, Equatable {
  /// `r`: how many pixels lie between the first and the last that a number depends on, both counted.
  public let size: Int
  /// `j`: how many pixels apart two neighbours look.
  public let jump: Int
  /// The first pixel of place 0; below 0 it lies in the padding.
  public let first: Int

  /// Before any layer a number is its own pixel.
  public static let onePixel = ReceptiveField(size: 1, jump: 1, first: 0)

  /// The field behind one layer more.
  public func behind(_ window: SlidingWindow) -> ReceptiveField {
    ReceptiveField(
      size: size + window.dilation * (window.cells - 1) * jump, jump: jump * window.stride,
      first: first - window.padding * jump)
  }

  /// The fields behind each of several layers.
  public static func behind(each layers: [SlidingWindow]) -> [ReceptiveField] {
    var field = onePixel
    return layers.map { layer in
      field = field.behind(layer)
      return field
    }
  }

  /// The pixels that the number in a place depends on, with those that lie in the padding.
  public func pixels(of place: Int) -> Range<Int> {
    let start = first + place * jump
    return start..<start + size
  }
}

/// In how many ways each pixel of the receptive field reaches the number behind it.
///
/// That is the weight of each pixel when all weights are 1. It is found from behind: the number itself is reached in one
/// way; a cell of the last window in as many ways as the place it belongs to, and so on to the pixels.
///
/// - Returns: As many numbers as the receptive field has pixels.
/// - Source: Luo, Li, Urtasun, Zemel, "Understanding the effective receptive field in deep convolutional neural
///   networks", NIPS 2016.
/// - Book: section 2.8.
public func waysToPixels(_ layers: [SlidingWindow]) -> [Double] {
  var ways = [1.0]
  for window in layers.reversed() {
    var before = [Double](repeating: 0, count: (ways.count - 1) * window.stride + window.span)
    for place in ways.indices {
      for cell in 0..<window.cells { before[place * window.stride + cell * window.dilation] += ways[place] }
    }
    ways = before
  }
  return ways
}
