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

extension WinogradPass {
  /// Places that a window sees along an axis, of the maps it comes from.
  var seenSide: Int { isBackward ? side : g.kernel.height }

  /// What a place of the tiles is among the outputs: one, or one of each phase of the kind.
  func outputs(
    of kind: WinogradPhase, image: Int, group: Int, row: Int, column: Int
  ) -> [UnevenWindow] {
    (to.phases == 1 ? [.whole(kernel: side)] : phases).compactMap { phase in
      if !phase.isSameKind(as: kind) { return nil }
      let down = row * to.stride + phase.row - to.padding.height
      let right = column * to.stride + phase.column - to.padding.width
      if down < 0 || down >= to.height || right < 0 || right >= to.width { return nil }
      return UnevenWindow(image: image, group: group, row: down, column: right)
    }
  }

  /// The phase to which an output belongs, where the maps have such.
  private func phase(of window: UnevenWindow) -> Int {
    if to.phases == 1 { return 0 }
    let (row, column) = ((window.row + to.padding.height) % 2, (window.column + to.padding.width) % 2)
    return phases.firstIndex { $0.row == row && $0.column == column }!
  }

  /// Writes the outputs `windows` by the sums of the definition.
  func recompute(
    _ windows: [UnevenWindow], _ xs: UnsafePointer<Float>, _ weight: Tensor,
    _ bias: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>
  ) {
    let taps = inGroup * seenSide * seenSide
    let most = 256
    let seen = Storage(count: most * taps)
    let sums = Storage(count: most * outGroup)
    for (phase, inPhase) in Dictionary(grouping: windows, by: phase) {
      let filters =
        isBackward
        ? TurnedConvolution.exchanged(weight, groups: g.groups, taps: phases[phase].at) : weight
      for group in 0..<g.groups {
        let ours = inPhase.filter { $0.group == group }
        let first = group * outGroup
        for start in stride(from: 0, to: ours.count, by: most) {
          let some = ours[start..<min(ours.count, start + most)]
          for (i, window) in some.enumerated() { gather(window, xs, into: seen.pointer + i * taps) }
          filters.withPointer { w in
            gemm(
              m: outGroup, n: some.count, k: taps, w + first * taps, lda: taps, seen.pointer, ldb: taps,
              transposeB: true, into: sums.pointer, ldc: some.count)
          }
          for (i, window) in some.enumerated() {
            let to = out + window.image * to.image + window.row * to.width + window.column
            for o in 0..<outGroup {
              to[(first + o) * self.to.plane] =
                sums.pointer[o * some.count + i] + (bias.map { $0[first + o] } ?? 0)
            }
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
      for a in 0..<seenSide {
        let row = first + a * g.dilation.height
        for b in 0..<seenSide {
          let column = left + b * g.dilation.width
          let isInside = row >= 0 && row < from.height && column >= 0 && column < from.width
          to.pointee = isInside ? map[row * from.width + column] : 0
          to += 1
        }
      }
    }
  }
}
