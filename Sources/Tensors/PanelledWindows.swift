internal import CKernels

/// The products of filters with the windows of all images, a panel of places at a time.
///
/// The places of all images are counted through, so that only the last panel is not full. Where the places of a panel
/// stand side by side, its windows are read in the planes; where a row ends within it, or an image, they are copied first.
/// For few filters this is not worth it: then the places between the rows' ends are counted with the others, and what
/// comes out there is dropped.
struct PanelledWindows {
  private let convolution: WindowsConvolution
  private var g: ConvolutionGeometry { convolution.g }
  private var layout: PhasedLayout { convolution.layout }
  private var outGroup: Int { convolution.outGroup }
  private let panel = ck_packed_panel()
  /// Places between the rows' ends, if they are computed.
  private let gap: Int
  /// Places of an image, and those that stand side by side.
  private let places: Int
  private let run: Int
  /// Panels that are computed at once, between two blocks of taps: their results stay in the second cache.
  private let panelsAtOnce: Int
  /// Images whose planes are held at once.
  private let imagesAtOnce: Int

  init(_ convolution: WindowsConvolution) {
    self.convolution = convolution
    let (g, layout, panel) = (convolution.g, convolution.layout, ck_packed_panel())
    let rowGap = layout.width - g.outputWidth
    if rowGap > 0 && Self.hasCheapGaps(convolution) {
      places = (g.outputHeight - 1) * layout.width + g.outputWidth
      (gap, run) = (rowGap, places)
    } else {
      places = g.places
      (gap, run) = (0, rowGap > 0 ? g.outputWidth : places)
    }
    panelsAtOnce = max(1, min(Int(CK_MOST_PANELS), (1 << 15) / max(1, convolution.outGroup * panel)))
    // At least the images that a panel sees which begins in one's last place, and more where they are small. (What all
    // panels at once see would seldom be dealt out to the same room again, whose padding would be cleared each time.)
    let least = 1 + (panel - 1 + places - 1) / max(1, places)
    let wanted = 1 + (8 * panel + places - 1) / max(1, places)
    imagesAtOnce = max(1, min(g.batch, max(least, min(wanted, (1 << 18) / max(1, layout.count)))))
  }

  /// Whether it takes less time to compute what lies between rows than to copy the panels in which rows end.
  ///
  /// As measured with 64 filters of 512 taps: to copy a tap of a panel's windows takes as long as four filters, and to move
  /// a filter's results of a panel in which a row ends, as long as twenty taps.
  private static func hasCheapGaps(_ convolution: WindowsConvolution) -> Bool {
    let (g, row) = (convolution.g, Double(convolution.layout.width))
    let (panel, width) = (Double(ck_packed_panel()), Double(g.outputWidth))
    let copied = min(1, (panel - 1) / width) * 4 / Double(convolution.outGroup)
    let moved = min(1, (panel - 1 + row - width) / row) * 20 / Double(max(1, g.taps))
    return row / width + moved < 1 + copied
  }

  /// One thread's room: the planes of some images' groups, and sums on their way.
  struct Room {
    fileprivate let planes: Storage
    fileprivate let sums: Storage
    /// The group of an image whose planes lie in each place, counted through all images; below 0, none.
    fileprivate var holds: [Int]
  }

  func room() -> Room {
    Room(
      planes: Storage(count: layout.isTheImage ? 0 : imagesAtOnce * layout.count + Int(CK_WINDOWS_SLACK)),
      sums: Storage(count: panelsAtOnce * outGroup * panel),
      holds: [Int](repeating: -1, count: imagesAtOnce))
  }

  /// All maps.
  func forward(
    _ xs: UnsafePointer<Float>, _ filters: PackedFilters, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>
  ) {
    let perGroup = (g.batch * places + panel - 1) / panel
    Parallel.forEachRange(of: perGroup * g.groups, pieces: 8 * Parallel.threads, room: room) { range, room in
      var at = range.lowerBound
      while at < range.upperBound {
        let (group, first) = at.quotientAndRemainder(dividingBy: perGroup)
        let end = min(perGroup, first + range.upperBound - at)
        multiply(
          first * panel..<min(g.batch * places, end * panel), ofGroup: group, xs, filters, bias, &room,
          into: out)
        at += end - first
      }
    }
  }

  /// The maps of one group of an image.
  func multiply(
    image: Int, ofGroup group: Int, _ xs: UnsafePointer<Float>, _ filters: PackedFilters,
    _ bias: UnsafePointer<Float>?, _ room: inout Room, into out: UnsafeMutablePointer<Float>
  ) {
    multiply(image * places..<(image + 1) * places, ofGroup: group, xs, filters, bias, &room, into: out)
  }

  /// The maps of one group, for some places counted through all images.
  private func multiply(
    _ range: Range<Int>, ofGroup group: Int, _ xs: UnsafePointer<Float>, _ filters: PackedFilters,
    _ bias: UnsafePointer<Float>?, _ room: inout Room, into out: UnsafeMutablePointer<Float>
  ) {
    var first = range.lowerBound
    while first < range.upperBound {
      let image = first / places
      let panels = min(panelsAtOnce, max(1, ((image + imagesAtOnce) * places - first) / panel))
      let end = min(range.upperBound, first + panels * panel)
      let images = (image...(end - 1) / places).map { planes($0 * g.groups + group, xs, &room) }
      images.withUnsafeBufferPointer { images in
        let at = CKPlaces(
          images: images.baseAddress, places: places, run: run, row: layout.width, gap: gap,
          exactly: layout.isTheImage ? 1 : 0,
          maps: out + (image * g.outChannels + group * outGroup) * g.places, filter_apart: g.places,
          image_apart: g.outputImage)
        filters.withGroup(group) { filters in
          layout.taps.withTaps {
            ck_windows_product(
              filters, $0, at, first - image * places, end - first, bias.map { $0 + group * outGroup },
              room.sums.pointer)
          }
        }
      }
      first = end
    }
  }

  /// Those of one group of an image, counted through all images.
  private func planes(_ unit: Int, _ xs: UnsafePointer<Float>, _ room: inout Room) -> UnsafePointer<Float>? {
    let image = xs + unit * convolution.inGroup
    if layout.isTheImage { return image }
    let number = unit / g.groups % imagesAtOnce
    let planes = room.planes.pointer + number * layout.count
    if room.holds[number] < 0 { layout.clearPadding(of: planes) }
    if room.holds[number] != unit {
      layout.split(image, into: planes)
      room.holds[number] = unit
    }
    return UnsafePointer(planes)
  }
}
