/// One axis of a window that slides over pixels: how many cells it has, and where it goes.
///
/// - PyTorch: `kernel_size`, `stride`, `padding` and `dilation` of one axis.
/// - Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.
/// - Book: section 2.4.
public struct SlidingWindow: Sendable, Equatable {
  /// `K`
  public let cells: Int
  /// `s`: pixels from one place to the next.
  public let stride: Int
  /// `p`: zeros before the first pixel, and behind the last.
  public let padding: Int
  /// `d`: pixels from one cell to the next.
  public let dilation: Int

  /// Traps when a size makes no sense.
  @inlinable
  public init(_ cells: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
    if cells < 1 || stride < 1 || padding < 0 || dilation < 1 {
      fatalError("SlidingWindow: \(cells) cells, stride \(stride), padding \(padding), dilation \(dilation)")
    }
    self.cells = cells
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// Pixels from the first cell to the last, both counted: `d (K − 1) + 1`.
  public var span: Int { dilation * (cells - 1) + 1 }

  /// In how many places the window fits on a row of pixels: `⌊(H + 2p − d (K − 1) − 1) / s⌋ + 1`, or 0.
  public func places(on pixels: Int) -> Int {
    let room = pixels + 2 * padding - span
    return room < 0 ? 0 : room / stride + 1
  }

  /// The pixel under a cell: `i s + a d − p`. Below 0, and behind the last pixel, lie the zeros of the padding.
  @inlinable
  public func pixel(under cell: Int, at place: Int) -> Int {
    place * stride + cell * dilation - padding
  }

  /// The padding with which a window of stride 1 has as many places as there are pixels: `d (K − 1) / 2`.
  ///
  /// Nil when that is no whole number.
  ///
  /// - PyTorch: `padding="same"`, which pads unevenly instead.
  public var paddingThatKeepsTheSize: Int? { (span - 1).isMultiple(of: 2) ? (span - 1) / 2 : nil }
}
