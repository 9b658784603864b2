internal import CKernels

/// One way through a convolution by Winograd's products: from the images to the maps, or from the maps' gradients to
/// those of the images, which is a convolution too.
///
/// Some rows of tiles are taken through all three steps while they are in the processor's cache: rows of the maps it comes
/// from, their channels side by side, to tiles; products, a row for each tile; tiles to rows of the maps it goes to.
/// A dilated window sees every second place, say; its tiles step over those between.
struct WinogradPass {
  let g: ConvolutionGeometry
  let isBackward: Bool
  let from: WinogradMaps
  let to: WinogradMaps
  /// Of the side that steps by two.
  let phases: [WinogradPhase]
  let rows: WinogradAxis
  let columns: WinogradAxis
  /// Weights that a phase's window has along an axis, 3 or 2.
  let side: Int
  var inGroup: Int { from.channels / g.groups }
  var outGroup: Int { to.channels / g.groups }

  init(_ g: ConvolutionGeometry, isBackward: Bool) {
    let (kernel, stride) = (g.kernel.height, g.stride.height)
    let side = (kernel + stride - 1) / stride
    let phases = WinogradPhase.all(kernel: kernel, stride: stride)
    (self.g, self.isBackward, self.side) = (g, isBackward, side)
    self.phases = isBackward ? phases.map(\.turned) : phases
    // Backward, what a window reaches beyond the first place.
    let beyond = Size2d(
      g.dilation.height * (side - 1) - (stride == 1 ? g.padding.height : 0),
      g.dilation.width * (side - 1) - (stride == 1 ? g.padding.width : 0))
    let images = WinogradMaps(
      channels: g.inChannels, height: g.height, width: g.width,
      padding: isBackward && stride == 1 ? Size2d(0, 0) : g.padding, stride: stride)
    let maps = WinogradMaps(
      channels: g.outChannels, height: g.outputHeight, width: g.outputWidth,
      padding: isBackward ? beyond : Size2d(0, 0), stride: 1)
    let (from, to) = isBackward ? (maps, images) : (images, maps)
    (self.from, self.to) = (from, to)
    func axis(_ size: Int, _ padding: Int, _ dilation: Int) -> WinogradAxis {
      WinogradAxis(places: (padding + size - 1) / to.stride + 1, outputs: 5 - side, dilation: dilation)
    }
    rows = axis(to.height, to.padding.height, g.dilation.height)
    columns = axis(to.width, to.padding.width, g.dilation.width)
  }

  /// Rows of tiles of all images, which are worked on by themselves.
  var units: Int { g.batch * rows.firsts.count }

  /// The phases of which a product is made.
  func sources(of product: Int) -> Range<Int> {
    if from.phases == 1 { return 0..<1 }
    let wanted = phases.indices.filter { phases[$0].isWanted(product) }
    return wanted.first!..<wanted.last! + 1
  }

  // MARK: Filters

  /// Filters as the sixteen products want them.
  struct Filters {
    let storage: Storage
    /// From one group's to the next, and from one product's to the next.
    let perGroup: Int
    let perProduct: Int
    /// How many numbers of a tile each product takes.
    let depths: [Int]
  }

  private func transformed(_ weight: Tensor) -> Filters {
    let lanes = Int(CK_WINOGRAD_LANES)
    let n = to.phases * outGroup
    let perGroup = ck_packed_count(from.phases * inGroup, n)
    let sources = (0..<16).map(sources)
    let filters = Filters(
      storage: Storage(count: 16 * g.groups * perGroup), perGroup: perGroup,
      perProduct: g.groups * perGroup, depths: sources.map { $0.count * inGroup })
    // What the last panel has no filters for.
    if n % ck_packed_panel() != 0 { filters.storage.pointer.update(repeating: 0, count: filters.storage.count) }
    let taps = g.kernel.height * g.kernel.width
    let (channelsApart, filtersApart) = isBackward ? (outGroup * taps, taps) : (taps, inGroup * taps)
    let perPhase = outGroup / lanes
    weight.withPointer { w in
      let grain = max(1, (1 << 13) / (inGroup * lanes))
      Parallel.forEachRange(of: g.groups * phases.count * perPhase, grain: grain) { range in
        for unit in range {
          let (which, block) = unit.quotientAndRemainder(dividingBy: perPhase)
          let (group, number) = which.quotientAndRemainder(dividingBy: phases.count)
          let places = (0..<16).map { product in
            let phase = from.phases == 1 ? 0 : number
            let isWanted = sources[product].contains(phase)
            let numbers = filters.storage.pointer + product * filters.perProduct + group * perGroup
            return CKWinogradPacked(
              numbers: isWanted ? numbers : nil,
              first: isWanted ? (phase - sources[product].lowerBound) * inGroup : 0,
              depth: filters.depths[product])
          }
          ck_winograd_filters(
            phases[number].filters(
              w + group * inGroup * outGroup * taps + block * lanes * filtersApart, side: side,
              channelsApart: channelsApart, filtersApart: filtersApart),
            inGroup, places, n, (to.phases == 1 ? 0 : number) * outGroup + block * lanes)
        }
      }
    }
    return filters
  }

  // MARK: All maps

  /// Tiles that are worked on at once: they and their products stay near, and each filter is read for all of them.
  private static let tilesAtOnce = 64

  /// - Parameters:
  ///   - xs: The maps it comes from, of all images.
  ///   - weight: Of the convolution, whichever way this goes.
  ///   - bias: Added to the maps it goes to.
  func run(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>
  ) {
    let filters = transformed(weight)
    // As many pieces as several threads can share.
    let least = max(1, units * columns.firsts.count / Self.tilesAtOnce)
    let grain = max(1, units / ((least + 3) / 4 * 4))
    xs.withPointer { xs in
      withBias(bias) { bias in
        Parallel.forEachRange(of: units, grain: grain) { units in
          let uneven = run(units, xs, filters, bias, into: out)
          if !uneven.isEmpty { recompute(uneven, xs, weight, bias, into: out) }
        }
      }
    }
    withExtendedLifetime(filters.storage) {}
  }

  /// Those of some rows of tiles; gives the outputs that must be computed anew.
  private func run(
    _ units: Range<Int>, _ xs: UnsafePointer<Float>, _ filters: Filters, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>
  ) -> [UnevenWindow] {
    let across = columns.firsts.count
    let tiles = units.count * across
    let images = WinogradProducts(tiles: tiles, channels: from.phases * from.channels)
    let maps = WinogradProducts(tiles: tiles, channels: to.phases * to.channels)
    let source = WinogradRows(from, groups: g.groups, rows, columns)
    var uneven: [UnevenWindow] = []
    for (number, unit) in units.enumerated() {
      let (image, row) = unit.quotientAndRemainder(dividingBy: rows.firsts.count)
      source.load(xs, image: image, tiles: row)
      source.transform(from.phases == 1 ? [.whole] : phases, into: images, at: number * across)
      source.forEachUneven(tiles: row, side: seenSide) { group, row, column in
        uneven += outputs(image: image, group: group, row: row, column: column)
      }
    }
    multiply(tiles, images, filters, into: maps)
    write(units, maps, bias, into: out)
    withExtendedLifetime((images, maps, source)) {}
    return uneven
  }

  private func multiply(
    _ tiles: Int, _ images: WinogradProducts, _ filters: Filters, into maps: WinogradProducts
  ) {
    for product in 0..<16 {
      let depth = filters.depths[product]
      let first = sources(of: product).lowerBound * inGroup
      for group in 0..<g.groups {
        ck_packed_gemm(
          CKSteps(steps: 1, rows: tiles, a_step: 0, c_step: 0), depth, to.phases * outGroup,
          images.at(product) + group * inGroup + first, images.channels,
          CKPacked(
            numbers: filters.storage.pointer + product * filters.perProduct + group * filters.perGroup,
            k: depth, n: to.phases * outGroup),
          maps.at(product) + group * outGroup, maps.channels, 0, soon(product, images, tiles))
      }
    }
  }

  /// The next product's tiles, fetched meanwhile; with few channels the product is over too soon.
  private func soon(_ product: Int, _ images: WinogradProducts, _ tiles: Int) -> CKSoon {
    if g.groups > 1 || images.channels < 128 || product == 15 { return CKSoon() }
    return CKSoon(
      numbers: images.at(product + 1), rows: tiles, down: images.channels, width: images.channels)
  }

  private func write(
    _ units: Range<Int>, _ maps: WinogradProducts, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>
  ) {
    let width = columns.width(stride: to.stride)
    let firsts = columns.columns(stride: to.stride)
    let row = width * to.channels
    let buffer = Storage(count: rows.outputs * to.stride * row)
    for (number, unit) in units.enumerated() {
      let (image, tile) = unit.quotientAndRemainder(dividingBy: rows.firsts.count)
      for phase in 0..<to.phases {
        func place(_ i: Int) -> UnsafeMutablePointer<Float> {
          let (below, right) = to.phases == 1 ? (0, 0) : (phases[phase].row, phases[phase].column)
          let output = min(i, rows.outputs - 1) * to.stride + below
          return buffer.pointer + output * row + right * to.channels
        }
        ck_winograd_output(
          maps.tiles(from: number * firsts.count, channel: phase * to.channels), Int32(rows.outputs),
          firsts.count, firsts,
          CKWinogradOutputs(
            rows: (place(0), place(1), place(2)), step: columns.step * to.stride, channels: to.channels))
      }
      for i in 0..<rows.outputs * to.stride {
        let at =
          (rows.firsts[tile] + i / to.stride * rows.step) * to.stride + i % to.stride - to.padding.height
        if at < 0 || at >= to.height { continue }
        ck_winograd_scatter_row(
          buffer.pointer + i * row + to.padding.width * to.channels, to.width, to.channels, bias,
          out + image * to.image + at * to.width, to.plane)
      }
    }
    withExtendedLifetime(buffer) {}
  }
}
