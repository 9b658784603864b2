internal import CKernels

extension WindowsConvolution {
  /// The gradients of the input and of the filters, for whoever wants them.
  ///
  ///     dx = Wᵀ dy, each window added back to where it came from
  ///     dw = dy · windows(x)ᵀ
  ///
  /// Where the windows step by one, that of the input is a convolution itself: nothing has to be added back.
  func gradients(
    dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool
  ) -> (dx: Tensor?, dw: Tensor?) {
    (needsInput ? inputGradient(dy, weight) : nil, needsWeight ? weightGradient(dy, x) : nil)
  }

  private func inputGradient(_ dy: Tensor, _ weight: Tensor) -> Tensor {
    var dx = Tensor(uninitialized: g.inputShape)
    dx.withMutablePointer { dx in
      if let turned = TurnedConvolution(g, weight) {
        WindowsConvolution(turned.g).forward(dy, turned.weight, nil, into: dx, route: nil)
      } else {
        scatterInputGradient(dy, weight, into: dx)
      }
    }
    return dx
  }

  /// So many images are a piece of the work, whatever the number of threads.
  private var grain: Int { max(1, (g.batch + Self.mostPieces - 1) / Self.mostPieces) }

  func forEachPiece(_ body: (_ piece: Int, _ images: Range<Int>) -> Void) {
    Parallel.forEachRange(of: g.batch, grain: grain) { body($0.lowerBound / grain, $0) }
  }

  /// Places whose windows are made at once: some 256 KiB of them; or more, so that the filters' sums do not go through
  /// the processor for too few of them.
  private var strip: Int { min(Int(CK_WINDOWS_PLACES), max(256, (1 << 16) / max(g.taps, 1) / 32 * 32)) }
}

// MARK: - The filters' gradient

/// One thread's room for what the gradient of some filters needs.
private struct WeightRoom {
  /// Of a group of an image.
  let planes: Storage
  /// The maps' gradients turned and packed, for a strip of places.
  let maps: Storage
  /// The windows of a strip, where they are made.
  let windows: Storage
}

extension WindowsConvolution {
  /// Where the maps do not fill panels, those of OpenBLAS are narrower; its products want windows that are made.
  private var makesWindows: Bool {
    let panel = ck_packed_panel()
    return (outGroup + panel - 1) / panel * panel * 2 > outGroup * 3
  }

  func weightGradient(_ dy: Tensor, _ x: Tensor) -> Tensor {
    let pieces = (g.batch + grain - 1) / grain
    let places = makesWindows || layout.isTheImage ? [] : layout.places
    // Each piece sums over its own images; then the pieces are summed in order. The sums' rows are the taps.
    var partials = Tensor(uninitialized: [pieces, g.groups, g.taps, outGroup])
    partials.withMutablePointer { partials in
      x.withPointer { x in
        dy.withPointer { dy in
          forEachPiece { piece, images in
            let room = weightRoom()
            for unit in images.lowerBound * g.groups..<images.upperBound * g.groups {
              addWeightGradient(
                of: unit, dy, x, places, room, isFirst: unit < (images.lowerBound + 1) * g.groups,
                to: partials + (piece * g.groups + unit % g.groups) * g.taps * outGroup)
            }
            withExtendedLifetime(room) {}
          }
        }
      }
    }
    return partials.sum(axis: 0).transposed().reshaped(g.weightShape)
  }

  private func weightRoom() -> WeightRoom {
    let places = min(strip, g.places)
    let planes = Storage(count: layout.isTheImage ? 0 : layout.count + Int(CK_WINDOWS_SLACK))
    if !layout.isTheImage { layout.clearPadding(of: planes.pointer) }
    return WeightRoom(
      planes: planes, maps: Storage(count: makesWindows ? 0 : ck_packed_count(places, outGroup)),
      windows: Storage(
        count: makesWindows && !layout.isTheImage ? g.taps * places + Int(CK_WINDOWS_SLACK) : 0))
  }

  /// `dwᵀ += windows(x) · dyᵀ` for one group of one image, counted through all images; with `isFirst`, `dwᵀ` is what this
  /// one makes.
  private func addWeightGradient(
    of unit: Int, _ dys: UnsafePointer<Float>, _ xs: UnsafePointer<Float>, _ places: [Int],
    _ room: WeightRoom, isFirst: Bool, to dw: UnsafeMutablePointer<Float>
  ) {
    let image = xs + unit * inGroup
    if !layout.isTheImage { layout.split(image, into: room.planes.pointer) }
    for first in stride(from: 0, to: g.places, by: strip) {
      let count = min(strip, g.places - first)
      let dy = dys + unit * outGroup * g.places + first
      let accumulates: Int32 = isFirst && first == 0 ? 0 : 1
      if makesWindows {
        let windows = room.windows.pointer
        if !layout.isTheImage {
          layout.withWindows { ck_gather_windows($0, room.planes.pointer, first, count, windows, count) }
        }
        gemm(
          m: g.taps, n: outGroup, k: count, layout.isTheImage ? image + first : UnsafePointer(windows),
          lda: layout.isTheImage ? g.places : count, dy, ldb: g.places, transposeB: true,
          beta: Float(accumulates), into: dw, ldc: outGroup)
        continue
      }
      ck_pack(dy, g.places, 1, count, outGroup, room.maps.pointer)
      let maps = CKPacked(numbers: room.maps.pointer, k: count, n: outGroup)
      if layout.isTheImage {
        // What a channel has in all places is a row of a matrix, and its product takes up to 4 % less time.
        let rows = CKSteps(steps: 1, rows: g.taps, a_step: 0, c_step: 0)
        ck_packed_gemm(
          rows, count, outGroup, image + first, g.places, maps, dw, outGroup, accumulates, CKSoon())
        continue
      }
      places.withUnsafeBufferPointer { places in
        layout.taps.withTaps { taps in
          let windows = CKImage(
            image: room.planes.pointer, rows: taps.at, row_count: g.taps, columns: places.baseAddress! + first
          )
          ck_image_product(windows, maps, dw, outGroup, accumulates)
        }
      }
    }
  }
}

// MARK: - The input's gradient

/// One thread's room for what the gradient of an image needs.
private struct InputRoom {
  /// Of a group of the image.
  let planes: Storage
  /// Those of the windows of a strip.
  let windows: Storage
  let sums: Storage
}

extension WindowsConvolution {
  private func scatterInputGradient(
    _ dy: Tensor, _ weight: Tensor, into dx: UnsafeMutablePointer<Float>
  ) {
    // The filters turned: for each group and tap, one number of each filter.
    let filters = PackedFilters(
      weight.reshaped([g.groups, outGroup, g.taps]).transposed(), groups: g.groups, count: g.taps,
      taps: outGroup)
    // To them the maps' gradients are windows, of which each map's places are a row.
    let rows = WindowTaps(rows: outGroup, apart: g.places)
    dy.withPointer { dy in
      forEachPiece { _, images in
        let room = InputRoom(
          planes: Storage(count: layout.count), windows: Storage(count: g.taps * min(strip, g.places)),
          sums: Storage(count: g.taps * ck_packed_panel()))
        for unit in images.lowerBound * g.groups..<images.upperBound * g.groups {
          filters.withGroup(unit % g.groups) {
            scatter(dy + unit * outGroup * g.places, $0, rows, room, into: dx + unit * inGroup)
          }
        }
        withExtendedLifetime(room) {}
      }
    }
  }

  /// That of one group of one image.
  private func scatter(
    _ dy: UnsafePointer<Float>, _ filters: CKFilters, _ rows: WindowTaps, _ room: InputRoom,
    into dx: UnsafeMutablePointer<Float>
  ) {
    room.planes.pointer.update(repeating: 0, count: room.planes.count)
    for first in stride(from: 0, to: g.places, by: strip) {
      let count = min(strip, g.places - first)
      withUnsafePointer(to: Optional(dy + first)) { images in
        let at = CKPlaces(
          images: images, places: count, run: count, row: 0, gap: 0, exactly: 1, maps: room.windows.pointer,
          filter_apart: count, image_apart: 0)
        rows.withTaps { ck_windows_product(filters, $0, at, 0, count, nil, room.sums.pointer) }
      }
      layout.withWindows { ck_scatter_windows($0, room.windows.pointer, first, count, room.planes.pointer) }
    }
    layout.join(room.planes.pointer, into: dx)
  }
}
