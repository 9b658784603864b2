internal import CKernels

// Winograd's products add and subtract the numbers of a window before they are multiplied. Where one of them stands out
// from the others, its rounding may be larger than what a small weight leaves of it, and a NaN or an infinity may make
// others of its kind. Results of such windows are computed as they are defined.

/// How far what Winograd's products add to a window's numbers goes.
struct WinogradReach {
  /// Places beyond the window, on either side.
  let beyond: Int
  /// How much its numbers have to come to; see `CKWinogradWindows`.
  let even: Float

  /// - Parameter side: Weights of a window along an axis. With two of them, tiles have three outputs, and what is added goes
  ///   beyond the window; see `winograd.c`.
  init(side: Int) {
    beyond = side == 3 ? 0 : 1
    // Beyond a window there is more than in it, and that counts already: 9/4 or 4 times as much, were all alike.
    even = side == 3 ? 8 : 2
  }
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
    let plain = PlainOutputs(
      from: from, to: to, kernel: Size2d(seenSide, seenSide), dilation: g.dilation, groups: g.groups)
    for (phase, inPhase) in Dictionary(grouping: windows, by: phase) {
      let filters =
        isBackward
        ? TurnedConvolution.exchanged(weight, groups: g.groups, taps: phases[phase].at) : weight
      filters.withPointer { plain.compute(inPhase, xs, $0, bias, into: out) }
    }
  }
}
