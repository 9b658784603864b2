internal import CKernels

/// One thread's room for a group of an image: its planes, their gradient, and a strip of its windows or of their
/// gradients.
private struct GradientRoom {
  let planes: Storage
  let gradient: Storage
  let windows: Storage
  /// Turned filters times the maps' gradients, of which each map's places are a row.
  let inputs: PlacesProduct
  /// Those gradients turned, to be multiplied with the windows.
  let maps: Storage

  init(_ convolution: WindowsConvolution, needsInput: Bool, needsWeight: Bool) {
    let (g, layout) = (convolution.g, convolution.layout)
    planes = Storage(count: (layout.isTheImage ? 0 : layout.count) + Int(CK_WINDOWS_SLACK))
    planes.pointer.update(repeating: 0, count: planes.count)
    gradient = Storage(count: needsInput ? layout.count : 0)
    let places = min(convolution.strip, g.places)
    windows = Storage(count: layout.isTheImage ? 0 : g.taps * places + Int(CK_WINDOWS_SLACK))
    let rows = WindowTaps(rows: needsInput ? convolution.outGroup : 0, apart: g.places)
    inputs = PlacesProduct(taps: rows, filters: needsInput ? g.taps : 0, canReadOn: false)
    maps = Storage(count: needsWeight ? ck_packed_count(places, convolution.outGroup) : 0)
  }
}

extension WindowsConvolution {
  /// Places whose windows are made at once: some 256 KiB of them; or more, so that the filters' sums do not go through
  /// the processor for too few of them.
  fileprivate var strip: Int { min(Int(CK_WINDOWS_PLACES), max(256, (1 << 16) / max(g.taps, 1) / 32 * 32)) }

  /// The gradients of the input, for whoever wants it, and of the filters.
  ///
  ///     dx = Wᵀ dy, each window added back to where it came from
  ///     dw = dy · windows(x)ᵀ
  ///
  /// Where the windows step by one, that of the input is a convolution itself: nothing has to be added back.
  func gradients(
    dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool
  ) -> (dx: Tensor?, dw: Tensor?) {
    guard needsInput, let turned = TurnedConvolution(g, weight) else {
      return scatteredGradients(
        dy: dy, x: x, weight: weight, needsInput: needsInput, needsWeight: needsWeight)
    }
    var dx = Tensor(uninitialized: g.inputShape)
    dx.withMutablePointer {
      WindowsConvolution(turned.g).forward(dy, turned.weight, nil, into: $0, route: nil)
    }
    return (
      dx, scatteredGradients(dy: dy, x: x, weight: weight, needsInput: false, needsWeight: needsWeight).dw
    )
  }

  private func scatteredGradients(
    dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool
  ) -> (dx: Tensor?, dw: Tensor?) {
    if !needsInput && !needsWeight { return (nil, nil) }
    var dx = needsInput ? Tensor(uninitialized: g.inputShape) : nil
    let grain = max(1, (g.batch + Self.mostPieces - 1) / Self.mostPieces)
    let pieces = (g.batch + grain - 1) / grain
    // Each piece sums over its own images; then the pieces are summed in order. The sums' rows are the taps.
    var partials = Tensor(uninitialized: [needsWeight ? pieces : 0, g.groups, g.taps, outGroup])
    // The filters turned: for each group and tap, one number of each filter.
    let turned =
      needsInput
      ? PackedFilters(
        weight.reshaped([g.groups, outGroup, g.taps]).transposed(), groups: g.groups, count: g.taps,
        taps: outGroup) : nil
    partials.withMutablePointer { partials in
      withOptionalPointer(&dx) { dx in
        x.withPointer { x in
          dy.withPointer { dy in
            Parallel.forEachRange(of: g.batch, grain: grain) { images in
              let room = GradientRoom(self, needsInput: needsInput, needsWeight: needsWeight)
              let dw = partials + images.lowerBound / grain * (needsWeight ? g.outChannels * g.taps : 0)
              for unit in images.lowerBound * g.groups..<images.upperBound * g.groups {
                let group = unit % g.groups
                gradients(
                  unit, dy: dy + unit * outGroup * g.places, x, turned,
                  dx: dx.map { $0 + unit * inGroup }, dw: needsWeight ? dw + group * outGroup * g.taps : nil,
                  isFirst: unit < (images.lowerBound + 1) * g.groups, room)
              }
              withExtendedLifetime(room) {}
            }
          }
        }
      }
    }
    return (dx, needsWeight ? partials.sum(axis: 0).transposed().reshaped(g.weightShape) : nil)
  }

  /// Those of one group of one image; the filters' are added to what is there, unless it is the first.
  private func gradients(
    _ unit: Int, dy: UnsafePointer<Float>, _ xs: UnsafePointer<Float>, _ turned: PackedFilters?,
    dx: UnsafeMutablePointer<Float>?, dw: UnsafeMutablePointer<Float>?, isFirst: Bool, _ room: GradientRoom
  ) {
    let (windows, isImage) = (room.windows.pointer, layout.isTheImage)
    if dw != nil && !isImage { layout.split(xs + unit * inGroup, into: room.planes.pointer) }
    room.gradient.pointer.update(repeating: 0, count: room.gradient.count)
    for first in stride(from: 0, to: g.places, by: strip) {
      let count = min(strip, g.places - first)
      let up = dy + first
      if let dw {
        if !isImage {
          layout.withWindows { ck_gather_windows($0, room.planes.pointer, first, count, windows, count) }
        }
        addProduct(
          isImage ? xs + unit * inGroup + first : UnsafePointer(windows), apart: isImage ? g.places : count,
          up, count, isFirst: isFirst && first == 0, room.maps, into: dw)
      }
      if let turned {
        turned.withGroup(unit % g.groups) {
          room.inputs.multiply($0, up, places: count, bias: nil, into: windows, apart: count)
        }
        layout.withWindows { ck_scatter_windows($0, windows, first, count, room.gradient.pointer) }
      }
    }
    if let dx { layout.join(room.gradient.pointer, into: dx) }
  }

  /// `dwᵀ = windows(x) · dyᵀ` for some places, or what that adds to it. Where the maps do not fill panels, those of
  /// OpenBLAS are narrower.
  private func addProduct(
    _ windows: UnsafePointer<Float>, apart: Int, _ dy: UnsafePointer<Float>, _ count: Int, isFirst: Bool,
    _ maps: Storage, into dw: UnsafeMutablePointer<Float>
  ) {
    let panel = ck_packed_panel()
    if (outGroup + panel - 1) / panel * panel * 2 > outGroup * 3 {
      gemm(
        m: g.taps, n: outGroup, k: count, windows, lda: apart, dy, ldb: g.places, transposeB: true,
        beta: isFirst ? 0 : 1, into: dw, ldc: outGroup)
      return
    }
    ck_pack(dy, g.places, 1, count, outGroup, maps.pointer)
    ck_packed_gemm(
      CKSteps(steps: 1, rows: g.taps, a_step: 0, c_step: 0), count, outGroup, windows, apart,
      CKPacked(numbers: maps.pointer, k: count, n: outGroup), dw, outGroup, isFirst ? 0 : 1, CKSoon())
  }
}
