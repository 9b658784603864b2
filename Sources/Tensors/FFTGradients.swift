internal import CKernels
import Synchronization

// The gradients of a convolution by transforms: both are products of transforms again. That of the images is the
// convolution of dy with the filters turned round; that of the filters is the correlation of the images with dy,
// summed over all tiles before it is transformed back.

extension FFTConvolution {
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

  struct Gradient {
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
    func imagesPerPiece(outputs: Int) -> Int {
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
      // What uneven tiles add to the filters' gradient, piece by piece.
      let unevenSums = Mutex<[Int: Storage]>([:])
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
              let evenUp = plan.transformUpstream(dy, route, block, upstream, into: up)
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
                for (row, tile) in block.enumerated() where !evenUp.uneven.contains(row) {
                  plan.write(tile, from: down, row, inputs, addingTo: dx)
                }
                for row in evenUp.uneven {
                  UnevenTile(plan, first + row).inputGradient(dy, route, weight, inputs, addingTo: dx)
                }
                for (row, pixels) in evenUp.poor {
                  UnevenTile(plan, first + row).inputGradient(
                    only: pixels, dy, route, weight, inputs, into: dx)
                }
              }
              if let outputs, let sums {
                let evenX = plan.transformInputs(x, block, into: down)
                for (row, tile) in block.enumerated() {
                  if !evenUp.uneven.contains(row) && !evenX.uneven.contains(row)
                    && plan.meetOften(tile, evenX.lit[row], evenUp.lit[row])
                  {
                    continue
                  }
                  down.clear(row: row)
                  up.clear(row: row)
                  let size = outputs.count * g.taps
                  let sum = unevenSums.withLock { sums in
                    if let sum = sums[piece] { return sum }
                    let sum = Storage(count: size)
                    sum.pointer.update(repeating: 0, count: size)
                    sums[piece] = sum
                    return sum
                  }
                  UnevenTile(plan, first + row).filterGradient(dy, route, x, outputs, addingTo: sum.pointer)
                }
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
      if let dw, let outputs, let sums {
        writeFilters(dw, outputs, sums, pieces)
        let (more, to) = (unevenSums.withLock { $0 }, dw + outputs.lowerBound * g.taps)
        for piece in more.keys.sorted() {
          for i in 0..<outputs.count * g.taps { to[i] += more[piece]!.pointer[i] }
        }
      }
      withExtendedLifetime((biasSums, filters, sums)) {}
    }

    func clear(_ dx: UnsafeMutablePointer<Float>, _ images: Range<Int>, _ inputs: Range<Int>) {
      for image in images {
        let start = plan.x.offset(image, inputs.lowerBound, 0, 0)
        (dx + start).update(repeating: 0, count: inputs.count * plan.g.height * plan.g.width)
      }
    }

    func writeFilters(
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

  /// Whether the lit numbers of two maps meet in a tile often enough for the filters' gradient: each of its numbers is
  /// a sum over one map of the images and one of dy alone, over all tiles, where only those that meet count. Where they
  /// seldom do, a transform's rounding is large beside it.
  func meetOften(_ tile: Int, _ litX: Float, _ litUp: Float) -> Bool {
    let (_, i, j) = place(tile)
    let places = Float(rows.outputs(i).count * columns.outputs(j).count)
    return litX * litUp * Float(g.batch * tilesPerImage) >= 0.12 * places * places
  }

  func write(
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
}
