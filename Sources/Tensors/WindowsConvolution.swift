internal import CKernels

/// The convolution as a product of matrices, for any stride, dilation and groups: the filters, times the windows of the
/// image as columns. (The windows' matrix is known as "im2col".)
///
/// Forward, that matrix is hardly ever made: the product reads its rows where they stand in the image. Its columns are
/// then the places of the padded image, row by row, and what comes out between the rows' ends is dropped. Where that would
/// be much, a panel of it at a time is copied; see `GatheredPanels.swift`. Backward it is made, in strips that stay in the
/// processor's cache until they are used; see `WindowsGradients.swift`.
struct WindowsConvolution {
  let g: ConvolutionGeometry
  let layout: PhasedLayout
  var inGroup: Int { g.inputImage / g.groups }
  var outGroup: Int { g.outChannels / g.groups }

  init(_ g: ConvolutionGeometry) {
    self.g = g
    layout = PhasedLayout(g)
  }

  /// Work whose parts are summed is cut into this many pieces, whatever the number of threads.
  static let mostPieces = 16

  /// Whether rows of maps follow each other as the places of the planes do: what comes out has no gaps then, and goes
  /// straight to where it belongs.
  private var isStraight: Bool { layout.width == g.outputWidth }

  /// The places of so many rows, from the first row's beginning to the last one's end.
  private func places(of rows: Int) -> Int { (rows - 1) * layout.width + g.outputWidth }

  /// Rows of maps that are computed at once: their sums stay in the second cache; and of such numbers of rows the one
  /// whose places fill panels best.
  private var rowsAtOnce: Int {
    if isStraight { return g.outputHeight }
    let most = max(1, min(g.outputHeight, (1 << 15) / max(1, outGroup) / layout.width))
    func waste(_ rows: Int) -> Double { Double(Room.apart(places(of: rows))) / Double(rows) }
    return (1...most).min { (waste($0), most - $0) < (waste($1), most - $1) }!
  }

  /// Whether it takes less time to copy the windows of whole panels than to compute the places between the rows' ends and
  /// behind the last row. By the number of instructions, a copy costs about as much as six filters.
  private func isGatheredFaster(thanAtOnce rows: Int) -> Bool {
    if layout.isTheImage || g.groups > 1 { return false }
    let (times, rest) = g.outputHeight.quotientAndRemainder(dividingBy: rows)
    let standing =
      g.batch * (times * Room.apart(places(of: rows)) + (rest > 0 ? Room.apart(places(of: rest)) : 0))
    let gathered = Room.apart(g.batch * g.places)
    return Double(gathered) * (1 + 6 / Double(max(1, outGroup))) < Double(standing)
  }

  /// One thread's room for the planes of a group of an image, and for the sums of some rows.
  private struct Room {
    let planes: Storage
    let sums: Storage
    let straight: PlacesProduct
    /// The group that `planes` holds, counted through all images.
    var holds = -1

    init(_ convolution: WindowsConvolution, rows: Int) {
      let (layout, isImage) = (convolution.layout, convolution.layout.isTheImage)
      planes = Storage(count: isImage ? 0 : layout.count + 2 * ck_packed_panel())
      planes.pointer.update(repeating: 0, count: planes.count)
      sums = Storage(
        count: convolution.isStraight ? 0 : convolution.outGroup * Room.apart(rows * layout.width))
      straight = PlacesProduct(taps: layout.taps, filters: convolution.outGroup, canReadOn: !isImage)
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
    let filters = PackedFilters(weight, groups: g.groups, count: outGroup, taps: g.taps)
    let rows = rowsAtOnce
    let units = g.batch * g.groups
    xs.withPointer { xs in
      withBias(bias) { bias in
        if route == nil && isGatheredFaster(thanAtOnce: rows) {
          GatheredPanels(self).forward(xs, filters, bias, into: out)
          return
        }
        guard let route else {
          // Where images cannot be shared out evenly among the threads, each is cut into parts.
          let threads = Parallel.threads
          let isEven = units % threads == 0 || units >= 4 * threads
          let parts = isEven ? 1 : min(g.outputHeight, (4 * threads + units - 1) / max(1, units))
          let perPart = (g.outputHeight + parts - 1) / parts
          let grain = max(1, units * parts / (4 * threads))
          Parallel.forEachRange(of: units * parts, grain: grain) { range in
            var room = Room(self, rows: rows)
            for number in range {
              let (unit, part) = number.quotientAndRemainder(dividingBy: parts)
              let first = min(g.outputHeight, part * perPart)
              let here = first..<min(g.outputHeight, first + perPart)
              multiply(unit, here, atOnce: rows, xs, filters, bias, &room, into: out)
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
                unit, 0..<g.outputHeight, atOnce: rows, xs, filters, nil, &room,
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
  }

  /// Some rows of the maps of one group of an image.
  private func multiply(
    _ unit: Int, _ rows: Range<Int>, atOnce: Int, _ xs: UnsafePointer<Float>, _ filters: PackedFilters,
    _ bias: UnsafePointer<Float>?, _ room: inout Room, into out: UnsafeMutablePointer<Float>
  ) {
    let group = unit % g.groups
    let maps = out + unit * outGroup * g.places
    if !layout.isTheImage && room.holds != unit {
      layout.split(xs + unit * inGroup, into: room.planes.pointer)
      room.holds = unit
    }
    let image = layout.isTheImage ? xs + unit * inGroup : UnsafePointer(room.planes.pointer)
    let bias = bias.map { $0 + group * outGroup }
    filters.withGroup(group) { filters in
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: atOnce) {
        let count = min(atOnce, rows.upperBound - first)
        let places = places(of: count)
        let (seen, here) = (image + first * layout.width, maps + first * g.outputWidth)
        if isStraight || count == 1 {
          room.straight.multiply(filters, seen, places: places, bias: bias, into: here, apart: g.places)
          continue
        }
        let apart = Room.apart(places)
        layout.taps.withTaps {
          ck_windows_product(filters, seen, $0, places, nil, room.sums.pointer, apart)
        }
        for o in 0..<outGroup {
          ck_add_bias_rows(
            room.sums.pointer + o * apart, layout.width, count, g.outputWidth, bias.map { $0[o] } ?? 0,
            here + o * g.places)
        }
      }
    }
  }
}
