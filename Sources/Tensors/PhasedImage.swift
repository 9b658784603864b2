internal import CKernels

/// Where the windows of a convolution see an image. With a stride of two, say, the places that a tap sees as its window
/// moves on lie two apart; so the even columns of the padded image are kept in one plane and the odd ones in another, and
/// so the rows. Then what a tap sees lies side by side whatever the stride. Planes that no tap sees are left out.
struct PhasedLayout {
  let g: ConvolutionGeometry
  /// Of one plane.
  let height: Int
  let width: Int
  /// Of each channel: at most `stride.height * stride.width`.
  let planes: Int
  /// The number of the plane that holds a row and a column, by what is left of them when they are divided by the stride;
  /// below 0 where none does.
  private let numbers: [Int32]
  /// Where a window's taps lie from its place on, channel by channel.
  let taps: [Int]

  init(_ g: ConvolutionGeometry) {
    self.g = g
    let (down, right) = (g.stride.height, g.stride.width)
    height = (g.height + 2 * g.padding.height + down - 1) / down
    width = (g.width + 2 * g.padding.width + right - 1) / right
    var (numbers, planes) = ([Int32](repeating: -1, count: down * right), 0)
    for a in 0..<g.kernel.height {
      for b in 0..<g.kernel.width {
        let phase = a * g.dilation.height % down * right + b * g.dilation.width % right
        if numbers[phase] >= 0 { continue }
        numbers[phase] = Int32(planes)
        planes += 1
      }
    }
    let (plane, row) = (height * width, width)
    taps = (0..<g.inChannels / g.groups).flatMap { c in
      (0..<g.kernel.height).flatMap { a in
        (0..<g.kernel.width).map { b -> Int in
          let (i, j) = (a * g.dilation.height, b * g.dilation.width)
          let number = c * planes + Int(numbers[i % down * right + j % right])
          return number * plane + i / down * row + j / right
        }
      }
    }
    (self.numbers, self.planes) = (numbers, planes)
  }

  /// No window reaches outside, none overlaps, and the planes are the image itself.
  var isTheImage: Bool {
    g.kernel == Size2d(1, 1) && g.stride == Size2d(1, 1) && g.padding == Size2d(0, 0)
  }

  /// Floats of all planes of a group of an image.
  var count: Int { g.inChannels / g.groups * planes * height * width }

  func withWindows(_ body: (CKWindows) -> Void) {
    taps.withUnsafeBufferPointer { taps in
      body(
        CKWindows(
          output_width: g.outputWidth, row: width, tap_count: taps.count,
          taps: UnsafeRawPointer(taps.baseAddress!).assumingMemoryBound(to: Int.self)))
    }
  }

  private func withPlanes(_ body: (UnsafePointer<CKPlanes>) -> Void) {
    numbers.withUnsafeBufferPointer { numbers in
      var layout = CKPlanes(
        channels: g.inChannels / g.groups, height: g.height, width: g.width, down: g.stride.height,
        right: g.stride.width, above: g.padding.height, left: g.padding.width, planes: self.planes,
        plane_height: height, plane_width: width, number: numbers.baseAddress!)
      body(&layout)
    }
  }

  /// The planes of one group of an image; what is padding stays as it is.
  func split(_ image: UnsafePointer<Float>, into planes: UnsafeMutablePointer<Float>) {
    withPlanes { ck_split_planes($0, image, planes) }
  }

  /// The group of an image that the planes, without the padding, make; zero where there is no plane.
  func join(_ planes: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
    withPlanes { ck_join_planes($0, planes, image) }
  }
}
