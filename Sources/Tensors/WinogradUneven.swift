internal import CKernels

// Winograd's products add and subtract the numbers of a window before they are multiplied. Where one of them stands out
// from the others, its rounding may be larger than what a small weight leaves of it, and a NaN or an infinity may make
// others of its kind. Results of such windows are computed as they are defined.

/// One output of one group of maps.
struct UnevenWindow {
  let image: Int
  let group: Int
  let row: Int
  let column: Int
}

extension WinogradConvolution {
  /// Writes the outputs `windows` by the sums of the definition.
  func recompute(
    _ windows: [UnevenWindow], _ xs: UnsafePointer<Float>, _ weight: Tensor, backward: Bool,
    _ bias: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>
  ) {
    let weight = backward ? TurnedConvolution.turned(weight, groups: g.groups) : weight
    let most = 256
    let seen = Storage(count: most * g.taps)
    let sums = Storage(count: most * outGroup)
    for group in 0..<g.groups {
      let ours = windows.filter { $0.group == group }
      let first = group * outGroup
      for start in stride(from: 0, to: ours.count, by: most) {
        let some = ours[start..<min(ours.count, start + most)]
        for (i, window) in some.enumerated() { gather(window, xs, into: seen.pointer + i * g.taps) }
        weight.withPointer { w in
          gemm(
            m: outGroup, n: some.count, k: g.taps, w + first * g.taps, lda: g.taps, seen.pointer,
            ldb: g.taps, transposeB: true, into: sums.pointer, ldc: some.count)
        }
        for (i, window) in some.enumerated() {
          let to = out + window.image * g.outputImage + window.row * g.outputWidth + window.column
          for o in 0..<outGroup {
            to[(first + o) * g.places] = sums.pointer[o * some.count + i] + (bias.map { $0[first + o] } ?? 0)
          }
        }
      }
    }
    withExtendedLifetime((seen, sums)) {}
  }

  /// What a window sees, in the order of a filter's weights; zero outside the image.
  private func gather(
    _ window: UnevenWindow, _ xs: UnsafePointer<Float>, into seen: UnsafeMutablePointer<Float>
  ) {
    var to = seen
    for c in window.group * inGroup..<(window.group + 1) * inGroup {
      let map = xs + window.image * g.inputImage + c * g.height * g.width
      for a in 0..<3 {
        let row = window.row + a * g.dilation.height - g.padding.height
        for b in 0..<3 {
          let column = window.column + b * g.dilation.width - g.padding.width
          let isInside = row >= 0 && row < g.height && column >= 0 && column < g.width
          to.pointee = isInside ? map[row * g.width + column] : 0
          to += 1
        }
      }
    }
  }
}
