internal import CKernels

/// The convolution of 3 × 3 windows, stride 1 and many channels by Winograd's products, any dilation and groups: of 36
/// multiplications for a tile of 2 × 2 outputs, 16 are left; see `winograd.c`.
///
/// The tiles' sixteen products are matrices, a row for each tile. Some rows of tiles are taken through all three steps
/// while they are in the processor's cache: rows of the image, its channels side by side, to tiles; products; tiles to
/// rows of the maps. A dilated window sees every second place, say; its tiles step over those between.
struct WinogradConvolution {
  let g: ConvolutionGeometry
  let rows: WinogradAxis
  let columns: WinogradAxis
  var inGroup: Int { g.inChannels / g.groups }
  var outGroup: Int { g.outChannels / g.groups }

  init(_ g: ConvolutionGeometry) {
    self.g = g
    rows = WinogradAxis(outputs: g.outputHeight, dilation: g.dilation.height)
    columns = WinogradAxis(outputs: g.outputWidth, dilation: g.dilation.width)
  }

  /// Whether it can do it: the channels of a group fill whole vectors, and backward the padding is not negative.
  static func canDo(_ g: ConvolutionGeometry) -> Bool {
    let lanes = Int(CK_WINOGRAD_LANES)
    return g.kernel == Size2d(3, 3) && g.stride == Size2d(1, 1) && g.padding.height <= 2 * g.dilation.height
      && g.padding.width <= 2 * g.dilation.width && g.inChannels / g.groups % lanes == 0
      && g.outChannels / g.groups % lanes == 0 && g.batch > 0 && g.inChannels > 0 && g.outChannels > 0
  }

  /// The time of the forward pass, as the multiplications that fit into it.
  var cost: Double {
    let tiles = Double(g.batch * rows.firsts.count * columns.firsts.count)
    let products = 1.2 * Double(16 * g.inChannels * outGroup)
    return tiles * (products + 350 * Double(g.inChannels + g.outChannels)) + 2 * products
  }

  /// Rows of tiles of all images, which are worked on by themselves.
  var units: Int { g.batch * rows.firsts.count }

  // MARK: Filters

  /// Filters as the sixteen products want them.
  struct Filters {
    let storage: Storage
    /// From one group's to the next, and from one product's to the next.
    let perGroup: Int
    let perProduct: Int
  }

  /// - Parameter backward: The weights are those of the convolution whose input this one gives the gradient of.
  func transformed(_ weight: Tensor, backward: Bool) -> Filters {
    let (k, n) = (inGroup, outGroup)
    let perGroup = ck_packed_count(k, n)
    let filters = Filters(
      storage: Storage(count: 16 * g.groups * perGroup), perGroup: perGroup, perProduct: g.groups * perGroup)
    let panel = ck_packed_panel()
    let panels = (n + panel - 1) / panel
    let grain = max(1, (1 << 13) / (k * panel))
    weight.withPointer { w in
      Parallel.forEachRange(of: panels * g.groups, grain: grain) { range in
        for unit in range {
          let (group, number) = unit.quotientAndRemainder(dividingBy: panels)
          let taps = CKWinogradFilters(
            taps: w + group * k * n * 9, k_stride: backward ? n * 9 : 9, n_stride: backward ? 9 : k * 9,
            turned: backward ? 1 : 0)
          ck_winograd_filters(
            taps, k, n, number, 1, filters.storage.pointer + group * perGroup, filters.perProduct)
        }
      }
    }
    return filters
  }

  // MARK: Forward

  /// Tiles that are worked on at once: they and their products stay near, and each filter is read for all of them.
  private static let tilesAtOnce = 64

  /// The maps.
  func forward(_ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>) {
    forward(xs, weight, backward: false, bias, into: out)
  }

  /// The gradient of the input, which is the convolution of that of the maps with the filters turned.
  static func inputGradient(_ g: ConvolutionGeometry, dy: Tensor, _ weight: Tensor) -> Tensor {
    let turned = ConvolutionGeometry(
      input: g.outputShape, weight: [g.inChannels, g.outChannels / g.groups, 3, 3],
      padding: Size2d(
        2 * g.dilation.height - g.padding.height, 2 * g.dilation.width - g.padding.width),
      dilation: g.dilation, groups: g.groups)
    var dx = Tensor(uninitialized: g.inputShape)
    dx.withMutablePointer {
      WinogradConvolution(turned).forward(dy, weight, backward: true, nil, into: $0)
    }
    return dx
  }

  private func forward(
    _ xs: Tensor, _ weight: Tensor, backward: Bool, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>
  ) {
    let filters = transformed(weight, backward: backward)
    // As many pieces as several threads can share.
    let least = max(1, units * columns.firsts.count / Self.tilesAtOnce)
    let grain = max(1, units / ((least + 3) / 4 * 4))
    xs.withPointer { xs in
      withBias(bias) { bias in
        Parallel.forEachRange(of: units, grain: grain) { units in
          let uneven = forward(units, xs, filters, bias, into: out)
          if !uneven.isEmpty {
            recompute(uneven, xs, weight, backward: backward, bias, into: out)
          }
        }
      }
    }
    withExtendedLifetime(filters.storage) {}
  }

  /// The maps of some rows of tiles; gives the outputs that must be computed anew.
  private func forward(
    _ units: Range<Int>, _ xs: UnsafePointer<Float>, _ filters: Filters, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>
  ) -> [UnevenWindow] {
    let across = columns.firsts.count
    let tiles = units.count * across
    let images = WinogradProducts(tiles: tiles, channels: g.inChannels)
    let maps = WinogradProducts(tiles: tiles, channels: g.outChannels)
    let source = WinogradRows(g.inChannels, groups: g.groups, columns)
    var uneven: [UnevenWindow] = []
    for (number, unit) in units.enumerated() {
      let (image, row) = unit.quotientAndRemainder(dividingBy: rows.firsts.count)
      source.load(
        xs + image * g.inputImage, image: image, height: g.height, width: g.width, padding: g.padding,
        first: rows.firsts[row], step: g.dilation.height, count: 4)
      source.transform(into: images, at: number * across, columns)
      uneven += source.unevenWindows(self, image: image, row: row)
    }
    for product in 0..<16 {
      for group in 0..<g.groups {
        ck_packed_gemm(
          CKSteps(steps: 1, rows: tiles, a_step: 0, c_step: 0), inGroup, outGroup,
          images.at(product) + group * inGroup, g.inChannels,
          CKPacked(
            numbers: filters.storage.pointer + product * filters.perProduct + group * filters.perGroup,
            k: inGroup, n: outGroup),
          maps.at(product) + group * outGroup, g.outChannels, 0, soon(product, images, tiles))
      }
    }
    let pair = Storage(count: 2 * columns.width * g.outChannels)
    for (number, unit) in units.enumerated() {
      let (image, row) = unit.quotientAndRemainder(dividingBy: rows.firsts.count)
      let lower = pair.pointer + columns.width * g.outChannels
      columns.withFirsts {
        ck_winograd_output(
          maps.at(0) + number * across * g.outChannels, maps.stride, across, $0, g.outChannels,
          columns.step, pair.pointer, lower)
      }
      for (i, from) in [pair.pointer, lower].enumerated() {
        let output = rows.firsts[row] + i * rows.step
        if output >= g.outputHeight { continue }
        ck_winograd_scatter_row(
          from, g.outputWidth, g.outChannels, bias, out + image * g.outputImage + output * g.outputWidth,
          g.places)
      }
    }
    withExtendedLifetime((images, maps, source, pair)) {}
    return uneven
  }
}

extension WinogradConvolution {
  /// The next product's tiles, fetched meanwhile; with few channels the product is over too soon.
  fileprivate func soon(_ product: Int, _ images: WinogradProducts, _ tiles: Int) -> CKSoon {
    if g.groups > 1 || g.inChannels < 128 || product == 15 { return CKSoon() }
    return CKSoon(
      numbers: images.at(product + 1), rows: tiles, down: g.inChannels, width: g.inChannels)
  }
}

/// The outputs of one axis in pairs, a step of the dilation apart.
struct WinogradAxis {
  /// The first output of each pair, which is also the place of its first input in the padded image.
  let firsts: [Int]
  let step: Int
  /// Places of a row that holds all that the tiles see.
  let width: Int

  init(outputs: Int, dilation: Int) {
    step = dilation
    firsts = (0..<min(dilation, outputs)).flatMap { Array(stride(from: $0, to: outputs, by: 2 * dilation)) }
    width = (firsts.max() ?? 0) + 3 * dilation + 1
  }

  func withFirsts(_ body: (UnsafePointer<Int>) -> Void) {
    firsts.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}

/// Tiles' numbers for each of the sixteen products: a matrix, `[tiles, channels]`.
struct WinogradProducts {
  private let storage: Storage
  /// From one product to the next: not a power of two, whose multiples share lines of the cache.
  let stride: Int

  init(tiles: Int, channels: Int) {
    stride = tiles * channels + 16
    storage = Storage(count: 16 * stride)
  }

  func at(_ product: Int) -> UnsafeMutablePointer<Float> { storage.pointer + product * stride }
}
