/// One output of one group of maps.
struct UnevenWindow {
  let image: Int
  let group: Int
  let row: Int
  let column: Int
}

/// A few outputs of a convolution by the sums of its definition, where a faster way would round them too much.
struct PlainOutputs {
  let from: WinogradMaps
  let to: WinogradMaps
  /// Places that a window sees along each axis, and how far they lie apart.
  let kernel: Size2d
  let dilation: Size2d
  let groups: Int
  private var inGroup: Int { from.channels / groups }
  private var outGroup: Int { to.channels / groups }
  private var taps: Int { inGroup * kernel.height * kernel.width }

  /// So many windows are multiplied at once.
  private static let atOnce = 256

  /// Writes the outputs `windows`.
  ///
  /// - Parameter filters: What the windows are multiplied with, `[O, taps]`.
  func compute(
    _ windows: [UnevenWindow], _ xs: UnsafePointer<Float>, _ filters: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>
  ) {
    let seen = Storage(count: Self.atOnce * taps)
    let sums = Storage(count: Self.atOnce * outGroup)
    for group in 0..<groups {
      let ours = windows.filter { $0.group == group }
      let first = group * outGroup
      for start in stride(from: 0, to: ours.count, by: Self.atOnce) {
        let some = ours[start..<min(ours.count, start + Self.atOnce)]
        for (i, window) in some.enumerated() { gather(window, xs, into: seen.pointer + i * taps) }
        gemm(
          m: outGroup, n: some.count, k: taps, filters + first * taps, lda: taps, seen.pointer, ldb: taps,
          transposeB: true, into: sums.pointer, ldc: some.count)
        for (i, window) in some.enumerated() {
          let to = out + window.image * to.image + window.row * to.width + window.column
          for o in 0..<outGroup {
            to[(first + o) * self.to.plane] =
              sums.pointer[o * some.count + i] + (bias.map { $0[first + o] } ?? 0)
          }
        }
      }
    }
    withExtendedLifetime((seen, sums)) {}
  }

  /// What a window sees, in the order of a filter's weights; zero outside the maps.
  private func gather(
    _ window: UnevenWindow, _ xs: UnsafePointer<Float>, into seen: UnsafeMutablePointer<Float>
  ) {
    let first = (window.row + to.padding.height) / to.stride * from.stride - from.padding.height
    let left = (window.column + to.padding.width) / to.stride * from.stride - from.padding.width
    var to = seen
    for c in window.group * inGroup..<(window.group + 1) * inGroup {
      let map = xs + window.image * from.image + c * from.plane
      for a in 0..<kernel.height {
        let row = first + a * dilation.height
        for b in 0..<kernel.width {
          let column = left + b * dilation.width
          let isInside = row >= 0 && row < from.height && column >= 0 && column < from.width
          to.pointee = isInside ? map[row * from.width + column] : 0
          to += 1
        }
      }
    }
  }
}
