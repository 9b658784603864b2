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
  let taps: WindowTaps

  /// - Parameter isCropped: Whether the planes end where the last windows do; then they cannot be joined.
  init(_ g: ConvolutionGeometry, isCropped: Bool = false) {
    self.g = g
    let (down, right) = (g.stride.height, g.stride.width)
    if isCropped {
      height = g.outputHeight + (g.kernel.height - 1) * g.dilation.height / down
      width = g.outputWidth + (g.kernel.width - 1) * g.dilation.width / right
    } else {
      height = (g.height + 2 * g.padding.height + down - 1) / down
      width = (g.width + 2 * g.padding.width + right - 1) / right
    }
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
    var (all, fresh) = ([Int](), [Int]())
    for c in 0..<g.inChannels / g.groups {
      for a in 0..<g.kernel.height {
        // In a row of a plane, a window's taps see nearly the same numbers: one in sixteen is fresh.
        var seen = [Int](repeating: -WindowTaps.line, count: right)
        for b in 0..<g.kernel.width {
          let (i, j) = (a * g.dilation.height, b * g.dilation.width)
          let number = c * planes + Int(numbers[i % down * right + j % right])
          all.append(number * plane + i / down * row + j / right)
          if j / right - seen[j % right] < WindowTaps.line { continue }
          seen[j % right] = j / right
          fresh.append(all.last!)
        }
      }
    }
    taps = WindowTaps(all, fresh: fresh)
    (self.numbers, self.planes) = (numbers, planes)
  }

  /// No window reaches outside, none overlaps, and the planes are the image itself.
  var isTheImage: Bool {
    g.kernel == Size2d(1, 1) && g.stride == Size2d(1, 1) && g.padding == Size2d(0, 0)
  }

  /// Floats of all planes of a group of an image.
  var count: Int { g.inChannels / g.groups * planes * height * width }

  func withWindows(_ body: (CKWindows) -> Void) {
    taps.withTaps {
      body(CKWindows(output_width: g.outputWidth, row: width, tap_count: taps.count, taps: $0.at))
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

  /// The number of the plane that holds the rows and the columns of a phase; below 0 where none does.
  func plane(row: Int, column: Int) -> Int { Int(numbers[row * g.stride.width + column]) }

  /// How far the window of each place begins from that of the first.
  var places: [Int] {
    (0..<g.outputHeight).flatMap { row in (0..<g.outputWidth).map { row * width + $0 } }
  }

  /// Zeros beside the image, for all images that are dealt out to these planes.
  func clearPadding(of planes: UnsafeMutablePointer<Float>) {
    withPlanes { ck_clear_padding($0, planes) }
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

/// Where a window's taps lie from its place on.
struct WindowTaps {
  /// Numbers in a line of the processor's cache.
  static let line = 16

  private let all: [Int]
  /// Those that see lines which no tap before them does.
  private let fresh: [Int]
  var count: Int { all.count }

  init(_ all: [Int], fresh: [Int]) { (self.all, self.fresh) = (all, fresh) }

  /// Taps that lie `apart`, in rows of their own.
  init(rows: Int, apart: Int) {
    all = (0..<rows).map { $0 * apart }
    fresh = all
  }

  func withTaps(_ body: (CKTaps) -> Void) {
    all.withUnsafeBufferPointer { all in
      fresh.withUnsafeBufferPointer { fresh in
        body(CKTaps(at: numbers(all), fresh: numbers(fresh), fresh_count: fresh.count))
      }
    }
  }

  /// As C has them: none is below 0.
  private func numbers(_ taps: UnsafeBufferPointer<Int>) -> UnsafePointer<Int>? {
    taps.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: Int.self) }
  }
}
