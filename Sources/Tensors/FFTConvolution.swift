internal import CKernels

// Convolution as a product of Fourier transforms, for stride 1: on circles of 16 × 16 places, by tiles.
//
// Transforms turn a convolution into one product of small matrices per frequency, [tiles × C] · [C × O]. For a 5 × 5
// kernel that saves seven of eight multiplications, for 3 × 3 two of three.
//
// Measured on one thread of a Zen 5 (AVX-512), milliseconds forward and backward, against the product with the matrix
// of windows by OpenBLAS 0.3.21 (which has only AVX2 kernels for that processor):
//
//     64 images, 32 → 64 channels, 14 × 14, 5 × 5, ReLU, pooling    0.9 +  2.0   instead of   16 +  33
//      2 images, 64 → 64 channels, 224 × 224, 3 × 3                  18 +   34   instead of  170 + 251
//      2 images, 512 → 512 channels, 28 × 28, 3 × 3                  49 +  110   instead of   65 + 132
//
// With AVX2 alone the first takes 2.0 + 4.4. Largest error of the first, relative to the largest number: 2e-7, dx
// 2e-7, dw 2e-7; of the plain loops in single precision 1e-6, 2e-6, 4e-6.

/// The plan of a convolution by transforms.
struct FFTConvolution {
  let g: ConvolutionGeometry
  let rows: TiledAxis
  let columns: TiledAxis
  let x: Maps
  let y: Maps
  let pooled: Maps

  init(_ g: ConvolutionGeometry) {
    self.g = g
    rows = TiledAxis(
      size: g.height, padding: g.padding.height, kernel: g.kernel.height, output: g.outputHeight)
    columns = TiledAxis(
      size: g.width, padding: g.padding.width, kernel: g.kernel.width, output: g.outputWidth)
    x = Maps(channels: g.inChannels, height: g.height, width: g.width)
    y = Maps(channels: g.outChannels, height: g.outputHeight, width: g.outputWidth)
    pooled = Maps(channels: g.outChannels, height: g.outputHeight / 2, width: g.outputWidth / 2)
  }

  /// Whether transforms can do it at all.
  static func canDo(_ g: ConvolutionGeometry) -> Bool {
    g.stride == Size2d(1, 1) && g.dilation == Size2d(1, 1) && g.groups == 1 && g.kernel.height <= 7
      && g.kernel.width <= 7 && g.batch > 0 && g.inChannels > 0 && g.outChannels > 0
  }

  /// Whether tiles begin at even places, so that 2 × 2 pooling never crosses from one to the next.
  var canPool: Bool {
    (rows.count == 1 || rows.step % 2 == 0) && (columns.count == 1 || columns.step % 2 == 0)
  }

  /// The time of the forward pass, as the multiplications that fit into it: 520 for a pair of channels in a tile. To
  /// transform sixteen maps takes 2 µs of a Zen 3, in which it multiplies 100,000 numbers, and twice that in tiles that
  /// are cut out of larger images; where the filters' transforms outgrow the caches, they take ten times as long, and
  /// the products half as long again.
  var cost: Double {
    let (from, to) = (vectors(g.inChannels), vectors(g.outChannels))
    let tiles = g.batch * tilesPerImage
    let isLarge = filterBytes > 8 << 20
    let products = 520 * Double(g.inChannels * to * lanesPerVector) * (isLarge ? 1.5 : 1)
    let maps = Double(from + to) * (tilesPerImage == 1 ? 1e5 : 2e5)
    let isKept = keepsFilters && tiles <= tilesPerBlock
    let filters = isKept ? 0 : Double(g.inChannels * to) * (isLarge ? 1e6 : 1e5)
    return Double(tiles) * (products + maps) + filters
  }

  var tilesPerImage: Int { rows.count * columns.count }

  /// Tiles that are transformed, multiplied and transformed back together. Their spectra should stay in the second
  /// cache (1 MiB); with more of them, the filters' spectra are read less often.
  var tilesPerBlock: Int {
    let bytes = (vectors(g.inChannels) + vectors(g.outChannels)) * lanesPerVector * bins * 8
    return min(16, max(4, (1 << 20) / bytes / 4 * 4))
  }

  /// Channels of the filters' spectra that are held at once: 16 MiB of them.
  func channelsPerBlock(_ channels: Int, others: Int, mebibytes: Int) -> Int {
    let room = (mebibytes << 20) / (others * bins * 8) / 32 * 32
    return min(channels, max(32, room))
  }

  // MARK: Forward

  /// What becomes of the maps: stored as they are, or rectified and pooled with their routes.
  func forward(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    route: UnsafeMutablePointer<UInt8>?
  ) {
    let tiles = g.batch * tilesPerImage
    if tiles <= tilesPerBlock && keepsFilters {
      forwardFew(xs, weight, bias, into: out, route: route)
      return
    }
    let perFilters = channelsPerBlock(g.outChannels, others: g.inChannels, mebibytes: 16)
    for first in stride(from: 0, to: g.outChannels, by: perFilters) {
      let outputs = first..<min(g.outChannels, first + perFilters)
      let filters = transformedFilters(weight, forward: outputs)
      Parallel.forEachRange(of: tiles, grain: tilesPerBlock) { range in
        forward(range, xs, weight, filters, outputs, bias, into: out, route: route)
      }
    }
  }

  /// Few tiles, as when a single image is to be read at once: the filters are what takes time. Their transforms, four
  /// fifths of the work of one image with 32 → 64 channels, are kept for the next image; and the filters, not the tiles,
  /// are shared out among the threads.
  private func forwardFew(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    route: UnsafeMutablePointer<UInt8>?
  ) {
    let blocks = stride(from: 0, to: g.outChannels, by: 32).map { $0..<min(g.outChannels, $0 + 32) }
    let filters = weight.storage.kept([g.inChannels, g.kernel.height, g.kernel.width]) {
      blocks.map { transformedFilters(weight, forward: $0) }
    }
    Parallel.forEach(pieces: blocks.count) { i in
      forward(0..<g.batch * tilesPerImage, xs, weight, filters[i], blocks[i], bias, into: out, route: route)
    }
  }

  /// Whether transformed filters may be kept: 4 MiB of them and no more.
  private var keepsFilters: Bool { filterBytes <= 4 << 20 }

  private var filterBytes: Int { g.inChannels * vectors(g.outChannels) * lanesPerVector * bins * 8 }

  /// The maps `outputs` of one block of tiles.
  private func forward(
    _ tiles: Range<Int>, _ xs: Tensor, _ weight: Tensor, _ filters: Spectrum, _ outputs: Range<Int>,
    _ bias: Tensor?, into out: UnsafeMutablePointer<Float>, route: UnsafeMutablePointer<UInt8>?
  ) {
    let images = Spectrum(rows: tiles.count, vectors: vectors(g.inChannels))
    let maps = Spectrum(rows: tiles.count, vectors: vectors(outputs.count))
    let evenness = xs.withPointer { transformInputs($0, tiles, into: images) }
    ck_fft_multiply(
      tiles.count, g.inChannels, vectors(outputs.count), images.storage.pointer, images.binStride,
      images.rowStride, filters.storage.pointer, filters.binStride, maps.storage.pointer, maps.binStride,
      maps.rowStride)
    withBias(bias) { bias in
      for (row, tile) in tiles.enumerated() where !evenness.uneven.contains(row) {
        write(tile, from: maps, row, outputs, bias, into: out, route: route)
      }
      for row in evenness.uneven {
        UnevenTile(self, tiles.lowerBound + row).forward(xs, weight, outputs, bias, into: out, route: route)
      }
      for (row, windows) in evenness.poor {
        UnevenTile(self, tiles.lowerBound + row)
          .forward(only: windows, xs, weight, outputs, bias, into: out, route: route)
      }
    }
    withExtendedLifetime((images, maps, filters)) {}
  }

  func write(
    _ tile: Int, from maps: Spectrum, _ row: Int, _ outputs: Range<Int>, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>, route: UnsafeMutablePointer<UInt8>?
  ) {
    let (image, i, j) = place(tile)
    for vector in 0..<vectors(outputs.count) {
      let channel = outputs.lowerBound + vector * lanesPerVector
      let spectrum = maps.at(row: row, vector: vector)
      if let route {
        let patch = pooledPatch(i, j)
        if patch.rows == 0 || patch.columns == 0 { continue }
        let at = pooled.offset(
          image, channel, rows.outputs(i).lowerBound / 2, columns.outputs(j).lowerBound / 2)
        ck_fft_inverse_pool(
          spectrum, maps.binStride, bias.map { $0 + channel }, out + at, route + at,
          pooled.lanes(from: channel),
          patch)
      } else {
        let at = y.offset(image, channel, rows.outputs(i).lowerBound, columns.outputs(j).lowerBound)
        ck_fft_inverse(
          spectrum, maps.binStride, 1, 0, 1, bias.map { $0 + channel }, out + at, y.lanes(from: channel),
          outputPatch(i, j), 0)
      }
    }
  }
}
