internal import CKernels

/// Where the windows of a convolution see an image. With a stride of two, say, the places that a tap sees as its window
/// moves on lie two apart; so the even columns of the padded image are kept in one plane and the odd ones in another, and
/// so the rows. Then what a tap sees lies side by side whatever the stride.
struct PhasedLayout {
  let g: ConvolutionGeometry
  /// Of one plane, of which there are `stride.height * stride.width` for each channel.
  let height: Int
  let width: Int
  /// Where a window's taps lie from its place on, channel by channel.
  let taps: [Int]

  init(_ g: ConvolutionGeometry) {
    self.g = g
    let (down, right) = (g.stride.height, g.stride.width)
    height = (g.height + 2 * g.padding.height + down - 1) / down
    width = (g.width + 2 * g.padding.width + right - 1) / right
    let (plane, row) = (height * width, width)
    taps = (0..<g.inChannels / g.groups).flatMap { c in
      (0..<g.kernel.height).flatMap { a in
        (0..<g.kernel.width).map { b in
          let (i, j) = (a * g.dilation.height, b * g.dilation.width)
          let phase = (c * down + i % down) * right + j % right
          return phase * plane + i / down * row + j / right
        }
      }
    }
  }

  /// No window reaches outside, none overlaps, and the planes are the image itself.
  var isTheImage: Bool {
    g.kernel == Size2d(1, 1) && g.stride == Size2d(1, 1) && g.padding == Size2d(0, 0)
  }

  /// Floats of all planes of a group of an image.
  var count: Int { g.inChannels / g.groups * g.stride.height * g.stride.width * height * width }

  func withWindows(_ body: (CKWindows) -> Void) {
    taps.withUnsafeBufferPointer { taps in
      body(
        CKWindows(
          output_width: g.outputWidth, row: width, tap_count: taps.count,
          taps: UnsafeRawPointer(taps.baseAddress!).assumingMemoryBound(to: Int.self)))
    }
  }

  /// Calls `body` for each run of an image's row that lies side by side in a plane: where it begins in the planes and in
  /// the image, and how many numbers it has.
  private func forEachRun(_ body: (_ plane: Int, _ image: Int, _ count: Int) -> Void) {
    let (down, right) = (g.stride.height, g.stride.width)
    for c in 0..<g.inChannels / g.groups {
      for i in 0..<g.height {
        let row = i + g.padding.height
        for phase in 0..<min(right, g.width) {
          let column = phase + g.padding.width
          let plane = (c * down + row % down) * right + column % right
          body(
            plane * height * width + row / down * width + column / right,
            (c * g.height + i) * g.width + phase, (g.width - phase + right - 1) / right)
        }
      }
    }
  }

  /// The planes of one group of an image; what is padding stays as it is.
  func split(_ image: UnsafePointer<Float>, into planes: UnsafeMutablePointer<Float>) {
    forEachRun { ck_take_every(g.stride.width, image + $1, $2, planes + $0) }
  }

  /// Adds the planes, without the padding, to the group of an image.
  func add(_ planes: UnsafePointer<Float>, to image: UnsafeMutablePointer<Float>) {
    forEachRun { ck_add_to_every(g.stride.width, planes + $0, $2, image + $1) }
  }
}
