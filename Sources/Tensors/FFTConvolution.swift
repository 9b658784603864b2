internal import CKernels

// Convolution as a product of Fourier transforms, for stride 1: on circles of 16 × 16 places, by tiles.
//
// Transforms turn a convolution into one product of small matrices per frequency, [tiles × C] · [C × O]. For a 5 × 5
// kernel that saves seven of eight multiplications, for 3 × 3 two of three.
//
// A tile is a window of 16 × 16 places of the padded image; the 17 − K places a side that no circle wraps into are
// good. An image that, with one border of padding, fits into the circle needs one tile alone, for the borders left
// and right share their zeros: 14 × 14 with padding 2 gives all 14 × 14.
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

/// One axis of an image cut into tiles.
private struct TiledAxis {
  let size: Int
  let padding: Int
  let output: Int
  /// Outputs of a tile, and tiles of the axis.
  let step: Int
  let count: Int

  init(size: Int, padding: Int, kernel: Int, output: Int) {
    self.size = size
    self.padding = padding
    self.output = output
    let fits = size + padding <= circle && output <= circle
    step = fits ? output : circle + 1 - kernel
    count = (output + step - 1) / step
  }

  /// The outputs of a tile.
  func outputs(_ tile: Int) -> Range<Int> { tile * step..<min(output, (tile + 1) * step) }

  /// The pixels that a tile sees, and the place in the circle of the first.
  func inputs(_ tile: Int) -> (pixels: Range<Int>, place: Int) {
    let start = tile * step - padding
    let first = min(size, max(0, start))
    return (first..<max(first, min(size, start + circle)), first - start)
  }
}

/// A batch of maps of one size in memory: images, or pooled images.
private struct Maps {
  let channels: Int
  let height: Int
  let width: Int

  func lanes(from channel: Int) -> CKMaps {
    CKMaps(lanes: min(lanesPerVector, channels - channel), laneStride: height * width, rowStride: width)
  }

  func offset(_ image: Int, _ channel: Int, _ row: Int, _ column: Int) -> Int {
    ((image * channels + channel) * height + row) * width + column
  }
}

private let circle = Int(CK_FFT_SIZE)
private let lanesPerVector = Int(CK_FFT_LANES)
private let bins = Int(CK_FFT_BINS)

private func vectors(_ channels: Int) -> Int { (channels + lanesPerVector - 1) / lanesPerVector }

/// Transformed maps: for each bin a matrix of `rows` rows of `vectors` complex vectors.
private struct Spectrum {
  let storage: Storage
  let rowStride: Int
  /// Not a multiple of 4 KiB: 130 lines whose addresses differ by powers of two would share a set of the cache.
  let binStride: Int
  var partStride: Int { bins * binStride }

  init(rows: Int, vectors: Int, parts: Int = 1) {
    rowStride = vectors * 2 * lanesPerVector
    binStride = rows * rowStride + 2 * lanesPerVector
    storage = Storage(count: parts * bins * binStride)
  }

  func at(part: Int = 0, row: Int = 0, vector: Int = 0) -> UnsafeMutablePointer<Float> {
    storage.pointer + part * partStride + row * rowStride + vector * 2 * lanesPerVector
  }
}

/// The plan of a convolution by transforms.
struct FFTConvolution {
  let g: ConvolutionGeometry
  private let rows: TiledAxis
  private let columns: TiledAxis
  private let x: Maps
  private let y: Maps
  private let pooled: Maps

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

  private var tilesPerImage: Int { rows.count * columns.count }

  /// Tiles that are transformed, multiplied and transformed back together. Their spectra should stay in the second
  /// cache (1 MiB); with more of them, the filters' spectra are read less often.
  private var tilesPerBlock: Int {
    let bytes = (vectors(g.inChannels) + vectors(g.outChannels)) * lanesPerVector * bins * 8
    return min(16, max(4, (1 << 20) / bytes / 4 * 4))
  }

  /// Channels of the filters' spectra that are held at once: 16 MiB of them.
  private func channelsPerBlock(_ channels: Int, others: Int, mebibytes: Int) -> Int {
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
    let perBlock = tilesPerBlock
    let perFilters = channelsPerBlock(g.outChannels, others: g.inChannels, mebibytes: 16)
    xs.withPointer { xs in
      for first in stride(from: 0, to: g.outChannels, by: perFilters) {
        let outputs = first..<min(g.outChannels, first + perFilters)
        let filters = transformedFilters(weight, forward: outputs)
        Parallel.forEachRange(of: tiles, grain: perBlock) { range in
          let images = Spectrum(rows: perBlock, vectors: vectors(g.inChannels))
          let maps = Spectrum(rows: perBlock, vectors: vectors(outputs.count))
          transformInputs(xs, range, into: images)
          ck_fft_multiply(
            range.count, g.inChannels, vectors(outputs.count), images.storage.pointer, images.binStride,
            images.rowStride, filters.storage.pointer, filters.binStride, maps.storage.pointer,
            maps.binStride,
            maps.rowStride)
          withBias(bias) { bias in
            for (row, tile) in range.enumerated() {
              write(tile, from: maps, row, outputs, bias, into: out, route: route)
            }
          }
          withExtendedLifetime((images, maps)) {}
        }
        withExtendedLifetime(filters) {}
      }
    }
  }

  private func write(
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

  // MARK: Backward

  /// The gradients, from the gradient at the raw maps, or with `route` from that at the pooled maps.
  func backward(
    dy: Tensor, route: UnsafePointer<UInt8>?, x xs: Tensor, weight: Tensor,
    dx: UnsafeMutablePointer<Float>?, dw: UnsafeMutablePointer<Float>?, db: UnsafeMutablePointer<Float>?
  ) {
    let inputs = channelsPerBlock(g.inChannels, others: g.outChannels, mebibytes: 16)
    let outputs = channelsPerBlock(g.outChannels, others: g.inChannels, mebibytes: 8)
    let gradient = Gradient(self, dy: dy, route: route, x: xs, weight: weight, dx: dx, dw: dw, db: db)
    if (dx == nil && dw == nil) || (inputs == g.inChannels && outputs == g.outChannels) {
      // All at once: the gradient is transformed once for both.
      gradient.run(inputs: dx == nil ? nil : 0..<inputs, outputs: dw == nil ? nil : 0..<outputs)
      return
    }
    if dx != nil {
      for first in stride(from: 0, to: g.inChannels, by: inputs) {
        gradient.run(inputs: first..<min(g.inChannels, first + inputs), outputs: nil)
      }
    }
    if dw != nil {
      for first in stride(from: 0, to: g.outChannels, by: outputs) {
        gradient.run(inputs: nil, outputs: first..<min(g.outChannels, first + outputs))
      }
    }
  }

  func gradients(
    dy: Tensor, route: UnsafePointer<UInt8>?, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool,
    needsBias: Bool
  ) -> (dx: Tensor?, dw: Tensor?, db: Tensor?) {
    var dx = needsInput ? Tensor(uninitialized: g.inputShape) : nil
    var dw = needsWeight ? Tensor(uninitialized: g.weightShape) : nil
    var db = needsBias ? Tensor(uninitialized: [g.outChannels]) : nil
    withOptionalPointer(&dx) { dx in
      withOptionalPointer(&dw) { dw in
        withOptionalPointer(&db) { db in
          backward(dy: dy, route: route, x: x, weight: weight, dx: dx, dw: dw, db: db)
        }
      }
    }
    return (dx, dw, db)
  }

  private struct Gradient {
    let plan: FFTConvolution
    let dy: Tensor
    let route: UnsafePointer<UInt8>?
    let x: Tensor
    let weight: Tensor
    let dx: UnsafeMutablePointer<Float>?
    let dw: UnsafeMutablePointer<Float>?
    let db: UnsafeMutablePointer<Float>?

    init(
      _ plan: FFTConvolution, dy: Tensor, route: UnsafePointer<UInt8>?, x: Tensor, weight: Tensor,
      dx: UnsafeMutablePointer<Float>?, dw: UnsafeMutablePointer<Float>?, db: UnsafeMutablePointer<Float>?
    ) {
      self.plan = plan
      self.dy = dy
      self.route = route
      self.x = x
      self.weight = weight
      self.dx = dx
      self.dw = dw
      self.db = db
    }

    /// Images that one piece works on. A piece owns whole images, whose overlapping tiles add up, and a sum of its
    /// own for the filters: 8 pieces at most, and no more than 64 MiB of sums where two pieces fit into that.
    private func imagesPerPiece(outputs: Int) -> Int {
      let sum = plan.g.inChannels * vectors(outputs) * lanesPerVector * bins * 8
      let most = max(2, (64 << 20) / max(1, sum))
      let pieces = min(8, most, max(1, plan.g.batch * plan.tilesPerImage / 16), plan.g.batch)
      return (plan.g.batch + pieces - 1) / pieces
    }

    /// The gradients of the images' channels `inputs`, and of the filters `outputs`.
    func run(inputs: Range<Int>?, outputs: Range<Int>?) {
      let g = plan.g
      let perPiece = imagesPerPiece(outputs: outputs?.count ?? 0)
      let pieces = (g.batch + perPiece - 1) / perPiece
      let upstream = inputs == nil ? outputs ?? 0..<g.outChannels : 0..<g.outChannels
      let filters = inputs.map { plan.transformedFilters(weight, backward: $0) }
      let sums = outputs.map { Spectrum(rows: g.inChannels, vectors: vectors($0.count), parts: pieces) }
      let biasWidth = vectors(upstream.count) * lanesPerVector
      let biasSums = Storage(count: pieces * biasWidth)
      let perBlock = plan.tilesPerBlock
      dy.withPointer { dy in
        x.withPointer { x in
          Parallel.forEachRange(of: g.batch, grain: perPiece) { images in
            let piece = images.lowerBound / perPiece
            let biasSum = biasSums.pointer + piece * biasWidth
            biasSum.update(repeating: 0, count: biasWidth)
            let up = Spectrum(rows: perBlock, vectors: vectors(upstream.count))
            let down = Spectrum(
              rows: perBlock, vectors: vectors(max(inputs?.count ?? 0, outputs == nil ? 0 : g.inChannels)))
            let tiles = images.lowerBound * plan.tilesPerImage..<images.upperBound * plan.tilesPerImage
            if let dx, let inputs, plan.tilesPerImage > 1 { clear(dx, images, inputs) }
            for first in stride(from: tiles.lowerBound, to: tiles.upperBound, by: perBlock) {
              let block = first..<min(first + perBlock, tiles.upperBound)
              plan.transformUpstream(dy, route, block, upstream, into: up)
              for row in 0..<block.count {
                // The bin of frequency zero is the sum of the map.
                for c in 0..<upstream.count {
                  biasSum[c] += up.at(row: row, vector: c / lanesPerVector)[c % lanesPerVector]
                }
              }
              if let dx, let inputs, let filters {
                ck_fft_multiply(
                  block.count, g.outChannels, vectors(inputs.count), up.storage.pointer, up.binStride,
                  up.rowStride,
                  filters.storage.pointer, filters.binStride, down.storage.pointer, down.binStride,
                  down.rowStride)
                for (row, tile) in block.enumerated() {
                  plan.write(tile, from: down, row, inputs, addingTo: dx)
                }
              }
              if let outputs, let sums {
                plan.transformInputs(x, block, into: down)
                ck_fft_correlate(
                  block.count, g.inChannels, vectors(outputs.count), down.storage.pointer, down.binStride,
                  down.rowStride, up.storage.pointer, up.binStride, up.rowStride, sums.at(part: piece),
                  sums.binStride,
                  first == tiles.lowerBound ? 0 : 1)
              }
            }
            withExtendedLifetime((up, down)) {}
          }
        }
      }
      if let db {
        for c in 0..<upstream.count {
          var sum: Float = 0
          for piece in 0..<pieces { sum += biasSums.pointer[piece * biasWidth + c] }
          db[upstream.lowerBound + c] = sum
        }
      }
      if let dw, let outputs, let sums { writeFilters(dw, outputs, sums, pieces) }
      withExtendedLifetime((biasSums, filters, sums)) {}
    }

    private func clear(_ dx: UnsafeMutablePointer<Float>, _ images: Range<Int>, _ inputs: Range<Int>) {
      for image in images {
        let start = plan.x.offset(image, inputs.lowerBound, 0, 0)
        (dx + start).update(repeating: 0, count: inputs.count * plan.g.height * plan.g.width)
      }
    }

    private func writeFilters(
      _ dw: UnsafeMutablePointer<Float>, _ outputs: Range<Int>, _ sums: Spectrum, _ pieces: Int
    ) {
      let g = plan.g
      let count = vectors(outputs.count)
      let area = g.kernel.height * g.kernel.width
      Parallel.forEachRange(of: g.inChannels * count, grain: 16) { range in
        for unit in range {
          let (c, vector) = (unit / count, unit % count)
          let o = outputs.lowerBound + vector * lanesPerVector
          let filters = CKMaps(
            lanes: min(lanesPerVector, outputs.upperBound - o), laneStride: g.inChannels * area,
            rowStride: g.kernel.width)
          ck_fft_inverse(
            sums.at(row: c, vector: vector), sums.binStride, pieces, sums.partStride, 1.0 / 256, nil,
            dw + (o * g.inChannels + c) * area, filters,
            CKPatch(row: 0, column: 0, rows: g.kernel.height, columns: g.kernel.width), 0)
        }
      }
    }
  }

  private func write(
    _ tile: Int, from maps: Spectrum, _ row: Int, _ inputs: Range<Int>,
    addingTo dx: UnsafeMutablePointer<Float>
  ) {
    let (image, i, j) = place(tile)
    let (down, across) = (rows.inputs(i), columns.inputs(j))
    if down.pixels.isEmpty || across.pixels.isEmpty { return }
    for vector in 0..<vectors(inputs.count) {
      let channel = inputs.lowerBound + vector * lanesPerVector
      let at = x.offset(image, channel, down.pixels.lowerBound, across.pixels.lowerBound)
      var maps_ = x.lanes(from: channel)
      maps_.lanes = min(maps_.lanes, inputs.upperBound - channel)
      ck_fft_inverse(
        maps.at(row: row, vector: vector), maps.binStride, 1, 0, 1, nil, dx + at, maps_, inputPatch(i, j),
        tilesPerImage > 1 ? 1 : 0)
    }
  }

  // MARK: Transforms

  private func place(_ tile: Int) -> (image: Int, i: Int, j: Int) {
    let (image, inside) = tile.quotientAndRemainder(dividingBy: tilesPerImage)
    return (image, inside / columns.count, inside % columns.count)
  }

  private func inputPatch(_ i: Int, _ j: Int) -> CKPatch {
    let (down, across) = (rows.inputs(i), columns.inputs(j))
    if down.pixels.isEmpty || across.pixels.isEmpty { return CKPatch(row: 0, column: 0, rows: 0, columns: 0) }
    return CKPatch(
      row: down.place, column: across.place, rows: down.pixels.count, columns: across.pixels.count)
  }

  private func outputPatch(_ i: Int, _ j: Int) -> CKPatch {
    CKPatch(row: 0, column: 0, rows: rows.outputs(i).count, columns: columns.outputs(j).count)
  }

  private func pooledPatch(_ i: Int, _ j: Int) -> CKPatch {
    CKPatch(row: 0, column: 0, rows: rows.outputs(i).count / 2, columns: columns.outputs(j).count / 2)
  }

  private func transformInputs(_ xs: UnsafePointer<Float>, _ tiles: Range<Int>, into spectrum: Spectrum) {
    let end = xs + g.batch * g.inputImage
    for (row, tile) in tiles.enumerated() {
      let (image, i, j) = place(tile)
      let (top, left) = (rows.inputs(i).pixels.lowerBound, columns.inputs(j).pixels.lowerBound)
      for vector in 0..<vectors(g.inChannels) {
        let channel = vector * lanesPerVector
        ck_fft_forward(
          xs + x.offset(image, channel, top, left), end, x.lanes(from: channel), inputPatch(i, j), 1, 0,
          spectrum.at(row: row, vector: vector), spectrum.binStride)
      }
    }
  }

  private func transformUpstream(
    _ dy: UnsafePointer<Float>, _ route: UnsafePointer<UInt8>?, _ tiles: Range<Int>, _ outputs: Range<Int>,
    into spectrum: Spectrum
  ) {
    let maps = route == nil ? y : pooled
    let end = dy + g.batch * maps.channels * maps.height * maps.width
    for (row, tile) in tiles.enumerated() {
      let (image, i, j) = place(tile)
      let (top, left) = (rows.outputs(i).lowerBound, columns.outputs(j).lowerBound)
      for vector in 0..<vectors(outputs.count) {
        let channel = outputs.lowerBound + vector * lanesPerVector
        let to = spectrum.at(row: row, vector: vector)
        if let route {
          let at = pooled.offset(image, channel, top / 2, left / 2)
          ck_fft_forward_unpool(
            dy + at, end, route + at, pooled.lanes(from: channel), pooledPatch(i, j), to, spectrum.binStride)
        } else {
          ck_fft_forward(
            dy + y.offset(image, channel, top, left), end, y.lanes(from: channel), outputPatch(i, j), 1, 0,
            to,
            spectrum.binStride)
        }
      }
    }
  }

  /// The filters `outputs`, a row for each input channel: conjugate, and divided by the size of the circle.
  private func transformedFilters(_ weight: Tensor, forward outputs: Range<Int>) -> Spectrum {
    let area = g.kernel.height * g.kernel.width
    return transformedFilters(
      weight, rows: g.inChannels, rowStride: area, lanes: outputs, laneStride: g.inChannels * area,
      conjugate: true)
  }

  /// All filters' channels `inputs`, a row for each output channel.
  private func transformedFilters(_ weight: Tensor, backward inputs: Range<Int>) -> Spectrum {
    let area = g.kernel.height * g.kernel.width
    return transformedFilters(
      weight, rows: g.outChannels, rowStride: g.inChannels * area, lanes: inputs, laneStride: area,
      conjugate: false)
  }

  private func transformedFilters(
    _ weight: Tensor, rows: Int, rowStride: Int, lanes: Range<Int>, laneStride: Int, conjugate: Bool
  ) -> Spectrum {
    let count = vectors(lanes.count)
    let spectrum = Spectrum(rows: rows, vectors: count)
    let patch = CKPatch(row: 0, column: 0, rows: g.kernel.height, columns: g.kernel.width)
    weight.withPointer { w in
      let end = w + weight.count
      Parallel.forEachRange(of: rows * count, grain: 16) { range in
        for unit in range {
          let (row, vector) = (unit / count, unit % count)
          let lane = lanes.lowerBound + vector * lanesPerVector
          let maps = CKMaps(
            lanes: min(lanesPerVector, lanes.upperBound - lane), laneStride: laneStride,
            rowStride: g.kernel.width)
          ck_fft_forward(
            w + row * rowStride + lane * laneStride, end, maps, patch, 1.0 / 256, conjugate ? 1 : 0,
            spectrum.at(row: row, vector: vector), spectrum.binStride)
        }
      }
    }
    return spectrum
  }
}
