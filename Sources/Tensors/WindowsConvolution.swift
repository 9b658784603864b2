internal import CKernels

/// The convolution as a product of matrices, for any stride, dilation and groups: the filters, times the windows of the
/// image as columns. (The windows' matrix is known as "im2col".)
///
/// Forward, that matrix is never made: the product reads its rows where they stand in the image. Its columns are then the
/// places of the padded image, row by row, and what comes out between the rows' ends is dropped. Backward it is made, in
/// strips that stay in the processor's cache until they are used; see `WindowsGradients.swift`.
struct WindowsConvolution {
  let g: ConvolutionGeometry
  let layout: PhasedLayout
  var inGroup: Int { g.inputImage / g.groups }
  var outGroup: Int { g.outChannels / g.groups }

  init(_ g: ConvolutionGeometry) {
    self.g = g
    layout = PhasedLayout(g)
  }

  /// Work is cut into this many pieces, whatever the number of threads.
  static let mostPieces = 16

  /// Rows of maps that are computed at once: their sums stay in the second cache; and of such numbers of rows the one
  /// whose places fill panels best.
  private var rowsAtOnce: Int {
    let panel = ck_packed_panel()
    let most = max(1, min(g.outputHeight, (1 << 15) / max(1, outGroup) / layout.width))
    func waste(_ rows: Int) -> Double {
      let places = (rows - 1) * layout.width + g.outputWidth
      return Double((places + panel - 1) / panel * panel) / Double(rows)
    }
    return (1...most).min { (waste($0), most - $0) < (waste($1), most - $1) }!
  }

  /// One thread's room for the planes of a group of an image, and for the sums of some rows.
  private struct Room {
    let planes: Storage
    let sums: Storage
    /// The group that `planes` holds, counted through all images.
    var holds = -1

    init(_ convolution: WindowsConvolution, rows: Int) {
      let (layout, panel) = (convolution.layout, ck_packed_panel())
      planes = Storage(count: (layout.isTheImage ? convolution.g.taps * panel : layout.count) + 2 * panel)
      planes.pointer.update(repeating: 0, count: planes.count)
      sums = Storage(count: convolution.outGroup * Room.apart(rows * layout.width))
    }

    /// Sums of `places` places are so far apart: whole panels.
    static func apart(_ places: Int) -> Int {
      let panel = ck_packed_panel()
      return (places + panel - 1) / panel * panel
    }
  }

  /// The maps; or with `route` the rectified and pooled ones, see `convolveReluPool2`.
  func forward(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    route: UnsafeMutablePointer<UInt8>?
  ) {
    let filters = packed(weight)
    let rows = rowsAtOnce
    let units = g.batch * g.groups
    xs.withPointer { xs in
      withBias(bias) { bias in
        guard let route else {
          // Where there are few images, each is cut into parts.
          let parts = max(1, min(Self.mostPieces / max(1, units), (g.outputHeight + rows - 1) / rows))
          let perPart = ((g.outputHeight + rows - 1) / rows + parts - 1) / parts * rows
          let grain = max(1, (units + Self.mostPieces - 1) / Self.mostPieces)
          Parallel.forEachRange(of: units * parts, grain: grain) { range in
            var room = Room(self, rows: rows)
            for number in range {
              let (unit, part) = number.quotientAndRemainder(dividingBy: parts)
              let first = min(g.outputHeight, part * perPart)
              let here = first..<min(g.outputHeight, first + perPart)
              multiply(unit, here, atOnce: rows, xs, filters.pointer, bias, &room, into: out)
            }
            withExtendedLifetime(room) {}
          }
          return
        }
        let pooledImage = g.outChannels * (g.outputHeight / 2) * (g.outputWidth / 2)
        let grain = max(1, (g.batch + Self.mostPieces - 1) / Self.mostPieces)
        Parallel.forEachRange(of: g.batch, grain: grain) { images in
          var room = Room(self, rows: rows)
          let raw = Storage(count: g.outputImage)
          for n in images {
            for unit in n * g.groups..<(n + 1) * g.groups {
              multiply(
                unit, 0..<g.outputHeight, atOnce: rows, xs, filters.pointer, nil, &room,
                into: raw.pointer - n * g.outputImage)
            }
            ck_bias_relu_pool2(
              raw.pointer, bias, out + n * pooledImage, route + n * pooledImage, g.outChannels,
              g.outputHeight, g.outputWidth)
          }
          withExtendedLifetime((room, raw)) {}
        }
      }
    }
    withExtendedLifetime(filters) {}
  }

  /// The filters of all groups, one group after the other. Few of them are not worth sharing out.
  private func packed(_ weight: Tensor) -> Storage {
    let (perGroup, depth) = (ck_filters_count(outGroup, g.taps), Int(CK_PACKED_DEPTH))
    let filters = Storage(count: g.groups * perGroup)
    let pieces = (g.taps + depth - 1) / depth
    weight.withPointer { weight in
      Parallel.forEachRange(of: g.groups * pieces, grain: 1 + (1 << 15) / max(1, outGroup * depth)) { range in
        for number in range {
          let (group, piece) = number.quotientAndRemainder(dividingBy: pieces)
          ck_filters_pack(
            weight + group * outGroup * g.taps, outGroup, g.taps, piece * depth,
            filters.pointer + group * perGroup)
        }
      }
    }
    return filters
  }

  /// Some rows of the maps of one group of an image.
  private func multiply(
    _ unit: Int, _ rows: Range<Int>, atOnce: Int, _ xs: UnsafePointer<Float>,
    _ filters: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, _ room: inout Room,
    into out: UnsafeMutablePointer<Float>
  ) {
    let group = unit % g.groups
    let maps = out + unit * outGroup * g.places
    let packed = CKFilters(
      numbers: filters + group * ck_filters_count(outGroup, g.taps), count: outGroup, taps: g.taps)
    if !layout.isTheImage && room.holds != unit {
      layout.split(xs + unit * inGroup, into: room.planes.pointer)
      room.holds = unit
    }
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: atOnce) {
      let count = min(atOnce, rows.upperBound - first)
      let places = (count - 1) * layout.width + g.outputWidth
      let apart = Room.apart(places)
      if layout.isTheImage {
        multiplyImage(packed, xs + unit * inGroup + first * g.width, places, room, apart: apart)
      } else {
        layout.withWindows {
          ck_windows_product(
            packed, room.planes.pointer + first * layout.width, $0.taps, places, room.sums.pointer, apart)
        }
      }
      for o in 0..<outGroup {
        ck_add_bias_rows(
          room.sums.pointer + o * apart, layout.width, count, g.outputWidth,
          bias.map { $0[group * outGroup + o] } ?? 0, maps + o * g.places + first * g.outputWidth)
      }
    }
  }

  /// The same of the image as it is. What is left of it beyond whole panels is copied, because a panel must not reach
  /// beyond its end.
  private func multiplyImage(
    _ filters: CKFilters, _ image: UnsafePointer<Float>, _ places: Int, _ room: Room, apart: Int
  ) {
    let panel = ck_packed_panel()
    let whole = places / panel * panel
    if whole > 0 {
      layout.withWindows {
        ck_windows_product(filters, image, $0.taps, whole, room.sums.pointer, apart)
      }
    }
    if whole == places { return }
    for tap in 0..<g.taps {
      (room.planes.pointer + tap * panel)
        .update(from: image + layout.taps[tap] + whole, count: places - whole)
    }
    (0..<g.taps).map { $0 * panel }.withUnsafeBufferPointer { taps in
      let taps = UnsafeRawPointer(taps.baseAddress!).assumingMemoryBound(to: Int.self)
      ck_windows_product(filters, room.planes.pointer, taps, panel, room.sums.pointer + whole, apart)
    }
  }
}
