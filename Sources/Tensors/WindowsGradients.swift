internal import CKernels

/// One thread's room for a group of an image: its planes, their gradient, a strip of its windows, and backward also of
/// the maps' gradients.
private struct GradientRoom {
  let planes: Storage
  let gradient: Storage
  let windows: Storage
  let maps: Storage

  init(_ convolution: WindowsConvolution, needsInput: Bool) {
    let (g, layout, panel) = (convolution.g, convolution.layout, ck_packed_panel())
    planes = Storage(count: (layout.isTheImage ? 0 : layout.count) + Int(CK_WINDOWS_SLACK))
    planes.pointer.update(repeating: 0, count: planes.count)
    gradient = Storage(count: layout.isTheImage || !needsInput ? 0 : layout.count)
    let places = min(convolution.strip, g.places)
    windows = Storage(count: g.taps * places + Int(CK_WINDOWS_SLACK))
    maps = Storage(count: needsInput ? convolution.outGroup * ((places + panel - 1) / panel * panel) : 0)
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
  func gradients(
    dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool
  ) -> (dx: Tensor?, dw: Tensor?) {
    if !needsInput && !needsWeight { return (nil, nil) }
    var dx = needsInput ? Tensor(uninitialized: g.inputShape) : nil
    let grain = max(1, (g.batch + Self.mostPieces - 1) / Self.mostPieces)
    let pieces = (g.batch + grain - 1) / grain
    // Each piece sums over its own images; then the pieces are summed in order.
    var partials = Tensor(uninitialized: [needsWeight ? pieces : 0] + g.weightShape)
    // The filters turned: for each group and tap, one number of each filter.
    let turned =
      needsInput ? weight.reshaped([g.groups, outGroup, g.taps]).transposed() : Tensor(uninitialized: [0])
    partials.withMutablePointer { partials in
      withOptionalPointer(&dx) { dx in
        x.withPointer { x in
          dy.withPointer { dy in
            Parallel.forEachRange(of: g.batch, grain: grain) { images in
              let room = GradientRoom(self, needsInput: needsInput)
              let dw = partials + images.lowerBound / grain * (needsWeight ? g.outChannels * g.taps : 0)
              for unit in images.lowerBound * g.groups..<images.upperBound * g.groups {
                let group = unit % g.groups
                gradients(
                  unit, dy: dy + unit * outGroup * g.places, x,
                  turned.storage.pointer + (needsInput ? group * g.taps * outGroup : 0),
                  dx: dx.map { $0 + unit * inGroup }, dw: needsWeight ? dw + group * outGroup * g.taps : nil,
                  isFirst: unit < (images.lowerBound + 1) * g.groups, room)
              }
              withExtendedLifetime(room) {}
            }
          }
        }
      }
    }
    withExtendedLifetime(turned) {}
    return (dx, needsWeight ? partials.sum(axis: 0) : nil)
  }

  /// Those of one group of one image; the filters' are added to what is there, unless it is the first.
  private func gradients(
    _ unit: Int, dy: UnsafePointer<Float>, _ xs: UnsafePointer<Float>, _ turned: UnsafePointer<Float>,
    dx: UnsafeMutablePointer<Float>?, dw: UnsafeMutablePointer<Float>?, isFirst: Bool, _ room: GradientRoom
  ) {
    let (windows, isImage) = (room.windows.pointer, layout.isTheImage)
    if dw != nil && !isImage { layout.split(xs + unit * inGroup, into: room.planes.pointer) }
    if dx != nil && !isImage {
      room.gradient.pointer.update(repeating: 0, count: room.gradient.count)
    }
    for first in stride(from: 0, to: g.places, by: strip) {
      let count = min(strip, g.places - first)
      let up = dy + first
      if let dw {
        if !isImage {
          layout.withWindows { ck_gather_windows($0, room.planes.pointer, first, count, windows, count) }
        }
        gemm(
          m: outGroup, n: g.taps, k: count, up, lda: g.places,
          isImage ? xs + unit * inGroup + first : UnsafePointer(windows), ldb: isImage ? g.places : count,
          transposeB: true, beta: isFirst && first == 0 ? 0 : 1, into: dw, ldc: g.taps)
      }
      if let dx {
        ck_pack(up, g.places, 0, outGroup, count, room.maps.pointer)
        ck_packed_gemm(
          CKSteps(steps: 1, rows: g.taps, a_step: 0, c_step: 0), outGroup, count, turned, outGroup,
          CKPacked(numbers: room.maps.pointer, k: outGroup, n: count), isImage ? dx + first : windows,
          isImage ? g.places : count, 0, CKSoon())
        if !isImage {
          layout.withWindows { ck_scatter_windows($0, windows, first, count, room.gradient.pointer) }
        }
      }
    }
    if let dx, !isImage { layout.join(room.gradient.pointer, into: dx) }
  }
}
