internal import CKernels

// How a batch of maps is cut into tiles, and where their transforms lie in memory.
//
// A tile is a window of 16 × 16 places of the padded image; the 17 − K places a side that no circle wraps into are
// good. An image that, with one border of padding, fits into the circle needs one tile alone, for the borders left
// and right share their zeros: 14 × 14 with padding 2 gives all 14 × 14.

/// The 16 places of a circle's side, the 16 maps that a vector's lanes hold, and the complex numbers of a transform.
let circle = Int(CK_FFT_SIZE)
let lanesPerVector = Int(CK_FFT_LANES)
let bins = Int(CK_FFT_BINS)

/// Vectors that hold `channels` maps.
func vectors(_ channels: Int) -> Int { (channels + lanesPerVector - 1) / lanesPerVector }

/// One axis of an image cut into tiles.
struct TiledAxis {
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

extension TiledAxis {
  /// The windows through which a tile's outputs are seen by the pixels: where the first of each begins, and how long
  /// they are. At the image's edge, each pixel's own; where a neighbour adds to what this tile gives a pixel, the whole
  /// ones alone.
  func seen(_ tile: Int, kernel: Int) -> (first: Range<Int>, length: Int) {
    let (isFirst, isLast, room) = (tile == 0, tile == count - 1, outputs(tile).count)
    let length = isLast ? kernel : min(kernel, room)
    let low = isFirst ? padding - kernel + 1 : 0
    let high = isLast ? padding + size - kernel - tile * step : room - length
    return (low..<max(low, high) + 1, length)
  }

  /// 1 when there is a tile before, plus 2 when there is one after.
  func neighbours(_ tile: Int) -> Int { (tile > 0 ? 1 : 0) + (tile < count - 1 ? 2 : 0) }
}

/// A batch of maps of one size in memory: images, or pooled images.
struct Maps {
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

/// Transformed maps: for each bin a matrix of `rows` rows of `vectors` complex vectors.
struct Spectrum {
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

  /// Makes a row zero in all bins.
  func clear(row: Int) {
    for bin in 0..<bins {
      (at(row: row) + bin * binStride).update(repeating: 0, count: rowStride)
    }
  }
}
