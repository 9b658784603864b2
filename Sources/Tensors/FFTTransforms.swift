internal import CKernels

// What is transformed: the maps of a block of tiles, the gradient at them, and the filters.

extension FFTConvolution {
  func place(_ tile: Int) -> (image: Int, i: Int, j: Int) {
    let (image, inside) = tile.quotientAndRemainder(dividingBy: tilesPerImage)
    return (image, inside / columns.count, inside % columns.count)
  }

  func inputPatch(_ i: Int, _ j: Int) -> CKPatch {
    let (down, across) = (rows.inputs(i), columns.inputs(j))
    if down.pixels.isEmpty || across.pixels.isEmpty { return CKPatch(row: 0, column: 0, rows: 0, columns: 0) }
    return CKPatch(
      row: down.place, column: across.place, rows: down.pixels.count, columns: across.pixels.count)
  }

  func outputPatch(_ i: Int, _ j: Int) -> CKPatch {
    CKPatch(row: 0, column: 0, rows: rows.outputs(i).count, columns: columns.outputs(j).count)
  }

  func pooledPatch(_ i: Int, _ j: Int) -> CKPatch {
    CKPatch(row: 0, column: 0, rows: rows.outputs(i).count / 2, columns: columns.outputs(j).count / 2)
  }

  /// How evenly the numbers of a block of tiles lie.
  struct Evenness {
    /// The rows of tiles whose transforms must not be used; see `ck_fft_poor_windows`.
    var uneven: [Int] = []
    /// The rows of tiles in which a few results are to be computed anew, and the windows of these.
    var poor: [(row: Int, windows: [Int])] = []
    /// For each row, how many numbers of a map are lit; see `ck_fft_lit`.
    var lit: [Float] = []
  }

  /// Looks at one tile. Where more than a quarter of the windows are poor, the whole tile is.
  private func look(
    at spread: inout CKSpread, maps: Int, places: Int, _ windows: CKWindowRange, row: Int,
    _ evenness: inout Evenness
  ) {
    let lit = ck_fft_lit(&spread, maps)
    evenness.lit.append(lit)
    // Of a handful of products, chance makes some small beside the rest of the tile.
    let inWindow = lit * Float(maps * g.kernel.height * g.kernel.width) / Float(max(1, places))
    if inWindow < 20 { return evenness.uneven.append(row) }
    let all = (windows.bottom - windows.top) * (windows.right - windows.left)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: all) { poor in
      let found = Int(ck_fft_poor_windows(&spread, maps * places, windows, poor.baseAddress!))
      if found < 0 || found * 4 > all {
        evenness.uneven.append(row)
      } else if found > 0 {
        evenness.poor.append((row, poor.indices.filter { poor[$0] != 0 }))
      }
    }
  }

  func transformInputs(_ xs: UnsafePointer<Float>, _ tiles: Range<Int>, into spectrum: Spectrum) -> Evenness {
    let end = xs + g.batch * g.inputImage
    var evenness = Evenness()
    for (row, tile) in tiles.enumerated() {
      var spread = CKSpread()
      let (image, i, j) = place(tile)
      let (top, left) = (rows.inputs(i).pixels.lowerBound, columns.inputs(j).pixels.lowerBound)
      for vector in 0..<vectors(g.inChannels) {
        let channel = vector * lanesPerVector
        ck_fft_forward(
          xs + x.offset(image, channel, top, left), end, x.lanes(from: channel), inputPatch(i, j), 1, 0,
          spectrum.at(row: row, vector: vector), spectrum.binStride, &spread)
      }
      let patch = inputPatch(i, j)
      let windows = CKWindowRange(
        top: 0, bottom: rows.outputs(i).count, left: 0, right: columns.outputs(j).count,
        rows: g.kernel.height, columns: g.kernel.width, shared: CKPatch())
      look(at: &spread, maps: g.inChannels, places: patch.rows * patch.columns, windows, row: row, &evenness)
    }
    return evenness
  }

  func transformUpstream(
    _ dy: UnsafePointer<Float>, _ route: UnsafePointer<UInt8>?, _ tiles: Range<Int>, _ outputs: Range<Int>,
    into spectrum: Spectrum
  ) -> Evenness {
    var evenness = Evenness()
    let maps = route == nil ? y : pooled
    let end = dy + g.batch * maps.channels * maps.height * maps.width
    for (row, tile) in tiles.enumerated() {
      let (image, i, j) = place(tile)
      let (top, left) = (rows.outputs(i).lowerBound, columns.outputs(j).lowerBound)
      var spread = CKSpread()
      for vector in 0..<vectors(outputs.count) {
        let channel = outputs.lowerBound + vector * lanesPerVector
        let to = spectrum.at(row: row, vector: vector)
        if let route {
          let at = pooled.offset(image, channel, top / 2, left / 2)
          ck_fft_forward_unpool(
            dy + at, end, route + at, pooled.lanes(from: channel), pooledPatch(i, j), to, spectrum.binStride,
            &spread)
        } else {
          ck_fft_forward(
            dy + y.offset(image, channel, top, left), end, y.lanes(from: channel), outputPatch(i, j), 1, 0,
            to, spectrum.binStride, &spread)
        }
      }
      let (down, across) = (rows.seen(i, kernel: g.kernel.height), columns.seen(j, kernel: g.kernel.width))
      let windows = CKWindowRange(
        top: down.first.lowerBound, bottom: down.first.upperBound, left: across.first.lowerBound,
        right: across.first.upperBound, rows: down.length, columns: across.length,
        shared: CKPatch(
          row: rows.neighbours(i), column: columns.neighbours(j), rows: rows.outputs(i).count,
          columns: columns.outputs(j).count))
      let places = rows.outputs(i).count * columns.outputs(j).count
      look(at: &spread, maps: outputs.count, places: places, windows, row: row, &evenness)
    }
    return evenness
  }

  /// The filters `outputs`, a row for each input channel: conjugate, and divided by the size of the circle.
  func transformedFilters(_ weight: Tensor, forward outputs: Range<Int>) -> Spectrum {
    let area = g.kernel.height * g.kernel.width
    return transformedFilters(
      weight, rows: g.inChannels, rowStride: area, lanes: outputs, laneStride: g.inChannels * area,
      conjugate: true)
  }

  /// All filters' channels `inputs`, a row for each output channel.
  func transformedFilters(_ weight: Tensor, backward inputs: Range<Int>) -> Spectrum {
    let area = g.kernel.height * g.kernel.width
    return transformedFilters(
      weight, rows: g.outChannels, rowStride: g.inChannels * area, lanes: inputs, laneStride: area,
      conjugate: false)
  }

  func transformedFilters(
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
            spectrum.at(row: row, vector: vector), spectrum.binStride, nil)
        }
      }
    }
    return spectrum
  }
}
