internal import CKernels

/// The convolution as a product of matrices, where the windows are copied, a panel of places at a time.
///
/// All places of all images are counted through, so that only the last panel is not full. In small maps, most panels
/// would otherwise hold places that nobody wants: of 14 × 14 places whose rows lie 15 apart, one in eight. (Several panels
/// at once were slower.)
struct GatheredPanels {
  private let convolution: WindowsConvolution
  private var g: ConvolutionGeometry { convolution.g }
  private var layout: PhasedLayout { convolution.layout }
  private let panel = ck_packed_panel()
  /// A tap's row of the panel, and behind it what a copy may write too many.
  private var apart: Int { panel + Int(CK_WINDOWS_SLACK) }

  init(_ convolution: WindowsConvolution) { self.convolution = convolution }

  /// One thread's room.
  private struct Room {
    let planes: Storage
    let windows: Storage
    let sums: Storage
    /// The image that `planes` holds.
    var holds = -1
  }

  func forward(
    _ xs: UnsafePointer<Float>, _ filters: PackedFilters, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>
  ) {
    let taps = WindowTaps(rows: g.taps, apart: apart)
    let panels = (g.batch * g.places + panel - 1) / panel
    let pieces = 2 * Parallel.threads
    Parallel.forEachRange(of: panels, grain: (panels + pieces - 1) / pieces) { range in
      var room = Room(
        planes: Storage(count: layout.count + 2 * panel), windows: Storage(count: g.taps * apart),
        sums: Storage(count: g.outChannels * panel))
      room.planes.pointer.update(repeating: 0, count: room.planes.count)
      filters.withGroup(0) { filters in
        for number in range { multiply(from: number * panel, xs, filters, taps, bias, &room, into: out) }
      }
      withExtendedLifetime(room) {}
    }
  }

  /// A panel of places from number `first` on, counted through all images.
  private func multiply(
    from first: Int, _ xs: UnsafePointer<Float>, _ filters: CKFilters, _ taps: WindowTaps,
    _ bias: UnsafePointer<Float>?, _ room: inout Room, into out: UnsafeMutablePointer<Float>
  ) {
    let count = min(panel, g.batch * g.places - first)
    var parts: [(image: Int, place: Int, column: Int, count: Int)] = []
    var column = 0
    while column < count {
      let (image, place) = (first + column).quotientAndRemainder(dividingBy: g.places)
      let here = min(count - column, g.places - place)
      if room.holds != image {
        layout.split(xs + image * convolution.inGroup, into: room.planes.pointer)
        room.holds = image
      }
      layout.withWindows {
        ck_gather_windows($0, room.planes.pointer, place, here, room.windows.pointer + column, apart)
      }
      parts.append((image, place, column, here))
      column += here
    }
    taps.withTaps { taps in
      func product(_ to: UnsafeMutablePointer<Float>, _ ldc: Int) {
        ck_windows_product(filters, room.windows.pointer, taps, count, bias, to, ldc)
      }
      // A whole panel of one image goes straight to where it belongs.
      if parts[0].count == panel {
        product(out + parts[0].image * g.outputImage + parts[0].place, g.places)
        return
      }
      product(room.sums.pointer, panel)
      for part in parts {
        for o in 0..<g.outChannels {
          (out + part.image * g.outputImage + o * g.places + part.place)
            .update(from: room.sums.pointer + o * panel + part.column, count: part.count)
        }
      }
    }
  }
}
