internal import CKernels

/// One way through a convolution by Winograd's products: from the images to the maps, or from the maps' gradients to
/// those of the images, which is a convolution too.
///
/// Some rows of tiles are taken through all three steps while they are in the processor's cache: rows of the maps it
/// comes from, their channels side by side, to tiles; products, a row for each tile; tiles to rows of the maps it
/// goes to. A dilated window sees every second place, say; its tiles step over those between.
struct WinogradPass {
  let g: ConvolutionGeometry
  let isBackward: Bool
  let from: WinogradMaps
  let to: WinogradMaps
  /// Of the maps that step by two; otherwise a single one.
  let phases: [WinogradPhase]
  /// What the tiles become: something else for each phase of the maps it comes from, and backward, for each kind of
  /// phase.
  let inputs: [WinogradPhase]
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
    let isOneKind = phases.allSatisfy { $0.isSameKind(as: phases[0]) }
    inputs = isBackward ? (isOneKind ? [self.phases[0]] : self.phases).map(\.kind) : phases
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

  /// The inputs of which a product is made.
  func sources(of product: Int) -> Range<Int> {
    if from.phases == 1 { return 0..<1 }
    let wanted = inputs.indices.filter { inputs[$0].isWanted(product) }
    return wanted.first!..<wanted.last! + 1
  }

  // MARK: Filters

  /// Filters as the sixteen products want them.
  struct Filters {
    let storage: Storage
    /// From one phase's to the next, of the maps it goes to, from one group's, and from one product's.
    let perPhase: Int
    let perGroup: Int
    let perProduct: Int

    func at(product: Int, group: Int, phase: Int) -> UnsafeMutablePointer<Float> {
      storage.pointer + product * perProduct + group * perGroup + phase * perPhase
    }
  }

  private func transformed(_ weight: Tensor) -> Filters {
    let panel = ck_packed_panel()
    let perPhase = ck_packed_count(from.phases * inGroup, outGroup)
    let perGroup = to.phases * perPhase
    let filters = Filters(
      storage: Storage(count: 16 * g.groups * perGroup), perPhase: perPhase, perGroup: perGroup,
      perProduct: g.groups * perGroup)
    let taps = g.kernel.height * g.kernel.width
    let (channelsApart, filtersApart) = isBackward ? (outGroup * taps, taps) : (taps, inGroup * taps)
    let panels = (outGroup + panel - 1) / panel
    let matrices = (0..<g.groups * phases.count).map { which in
      (0..<16).map { packed($0, which / phases.count, which % phases.count, filters) }
    }
    weight.withPointer { w in
      let grain = max(1, (1 << 13) / (inGroup * panel))
      Parallel.forEachRange(of: g.groups * phases.count * panels, grain: grain) { range in
        for unit in range {
          let (which, place) = unit.quotientAndRemainder(dividingBy: panels)
          let group = which / phases.count
          ck_winograd_filters(
            phases[which % phases.count].filters(
              w + group * inGroup * outGroup * taps + place * panel * filtersApart, side: side,
              channelsApart: channelsApart, filtersApart: filtersApart),
            inGroup, matrices[which], outGroup, place)
        }
      }
    }
    return filters
  }

  /// Where the filters of a phase stand in a product's, if it has any.
  private func packed(_ product: Int, _ group: Int, _ number: Int, _ filters: Filters) -> CKWinogradPacked {
    let phase = phases[number]
    if !phase.isWanted(product) || phase.filters(of: product) != product { return CKWinogradPacked() }
    let sources = sources(of: product)
    return CKWinogradPacked(
      numbers: filters.at(product: product, group: group, phase: to.phases == 1 ? 0 : number),
      first: from.phases == 1 ? 0 : (number - sources.lowerBound) * inGroup, depth: sources.count * inGroup)
  }

  // MARK: All maps

  /// Tiles that are worked on at once: they and their products stay near, and each filter is read for all of them.
  private static let tilesAtOnce = 64

  /// - Parameters:
  ///   - xs: The maps it comes from, of all images.
  ///   - weight: Of the convolution, whichever way this goes.
  ///   - bias: Added to the maps it goes to.
  ///   - isGuarded: Whether outputs that the products would spoil are looked for.
  func run(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    isGuarded: Bool = true
  ) {
    let filters = transformed(weight)
    // As many pieces as several threads can share.
    let least = max(1, units * columns.firsts.count / Self.tilesAtOnce)
    let grain = max(1, units / ((least + 3) / 4 * 4))
    xs.withPointer { xs in
      withBias(bias) { bias in
        Parallel.forEachRange(of: units, grain: grain) { units in
          let uneven = run(units, xs, filters, bias, into: out, isGuarded: isGuarded)
          if !uneven.isEmpty { recompute(uneven, xs, weight, bias, into: out) }
        }
      }
    }
    withExtendedLifetime(filters.storage) {}
  }

  /// Those of some rows of tiles; gives the outputs that must be computed anew.
  private func run(
    _ units: Range<Int>, _ xs: UnsafePointer<Float>, _ filters: Filters, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>, isGuarded: Bool
  ) -> [UnevenWindow] {
    let across = columns.firsts.count
    let tiles = units.count * across
    let images = WinogradProducts(tiles: tiles, channels: inputs.count * from.channels)
    let maps = WinogradProducts(tiles: tiles, channels: to.phases * to.channels)
    let source = WinogradRows(from, groups: g.groups, rows, columns)
    var uneven: [UnevenWindow] = []
    for (number, unit) in units.enumerated() {
      let (image, row) = unit.quotientAndRemainder(dividingBy: rows.firsts.count)
      source.load(xs, image: image, tiles: row)
      source.transform(inputs, into: images, at: number * across)
      for kind in !isGuarded ? [] : isBackward ? inputs : [.whole(kernel: side)] {
        source.forEachUneven(tiles: row, side: seenSide, of: kind) { group, row, column in
          uneven += outputs(of: kind, image: image, group: group, row: row, column: column)
        }
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
    let rows = CKSteps(steps: 1, rows: tiles, a_step: 0, c_step: 0)
    for target in 0..<to.phases {
      let phase = to.phases == 1 ? .whole(kernel: side) : phases[target]
      let input = inputs.count == 1 ? 0 : target
      for product in 0..<16 where phase.isWanted(product) {
        let sources = from.phases == 1 ? input..<input + 1 : sources(of: product)
        let (first, depth) = (sources.lowerBound * from.channels, sources.count * inGroup)
        for group in 0..<g.groups {
          let packed = CKPacked(
            numbers: filters.at(product: phase.filters(of: product), group: group, phase: target), k: depth,
            n: outGroup)
          ck_packed_gemm(
            rows, depth, outGroup, images.at(product) + first + group * inGroup, images.channels, packed,
            maps.at(product) + target * to.channels + group * outGroup, maps.channels, 0,
            soon(product, first, depth, images, tiles))
        }
      }
    }
  }

  /// The next product's tiles, fetched meanwhile; with few channels the product is over too soon.
  private func soon(
    _ product: Int, _ first: Int, _ depth: Int, _ images: WinogradProducts, _ tiles: Int
  ) -> CKSoon {
    if g.groups > 1 || depth < 128 || product == 15 { return CKSoon() }
    return CKSoon(
      numbers: images.at(product + 1) + first, rows: tiles, down: images.channels, width: depth)
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
          maps.tiles(
            from: number * firsts.count, channel: phase * to.channels,
            down: to.phases == 1 ? CK_WINOGRAD_FOUR : phases[phase].down,
            across: to.phases == 1 ? CK_WINOGRAD_FOUR : phases[phase].across), Int32(rows.outputs),
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
