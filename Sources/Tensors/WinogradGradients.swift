internal import CKernels

// The gradient of the filters is the transpose of the convolution, with the same tiles of the input: sixteen products of
// matrices again, `[filters × tiles] · [tiles × channels]`, summed over all tiles.

extension WinogradConvolution {
  /// `dw`; where many maps are uneven, by the matrix of windows.
  func weightGradient(dy: Tensor, x: Tensor) -> Tensor {
    let (channels, filters) = (unevenMaps(x), unevenMaps(dy))
    if 4 * channels.count > g.inChannels || 4 * filters.count > g.outChannels {
      return WindowsConvolution(g).weightGradient(dy, x)
    }
    var dw = Tensor(uninitialized: g.weightShape)
    x.withPointer { x in
      dy.withPointer { dy in
        let sums = summedProducts(dy: dy, x)
        dw.withMutablePointer { dw in
          Parallel.forEachRange(of: g.outChannels, grain: max(1, (1 << 14) / inGroup)) { range in
            for filter in range {
              ck_winograd_taps(
                sums.at(0) + filter * inGroup, sums.stride, inGroup, dw + filter * g.taps)
            }
          }
          recomputeTaps(channels: channels, filters: filters, dy: dy, x, in: dw)
        }
        withExtendedLifetime(sums) {}
      }
    }
    return dw
  }

  /// The sixteen products, each `[filters, channels of a group]`.
  private func summedProducts(dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>) -> WinogradProducts {
    let across = columns.firsts.count
    // Tiles of 16 MiB at once: those of all would come from memory.
    let perBlock = max(1, (1 << 18) / (g.inChannels + g.outChannels) / across)
    let sums = WinogradProducts(tiles: g.outChannels, channels: inGroup)
    for first in stride(from: 0, to: units, by: perBlock) {
      let block = first..<min(units, first + perBlock)
      let tiles = block.count * across
      let images = WinogradProducts(tiles: tiles, channels: g.inChannels)
      let up = WinogradProducts(tiles: tiles, channels: g.outChannels)
      Parallel.forEachRange(of: block.count, grain: max(2, (block.count + 15) / 16)) { range in
        transform(range, from: first, dy: dy, x, images, up)
      }
      Parallel.forEach(pieces: 16 * g.groups) { piece in
        let (product, group) = piece.quotientAndRemainder(dividingBy: g.groups)
        let packed = Storage(count: ck_gradient_count(tiles, inGroup))
        ck_gradient_pack(
          0, tiles, inGroup, tiles, images.at(product) + group * inGroup, 0, g.inChannels, packed.pointer)
        ck_gradient_gemm(
          outGroup, inGroup, tiles, up.at(product) + group * outGroup, g.outChannels, 0, packed.pointer,
          sums.at(product) + group * outGroup * inGroup, inGroup, nil, first > 0 ? 1 : 0, CKSoon())
        withExtendedLifetime(packed) {}
      }
      withExtendedLifetime((images, up)) {}
    }
    return sums
  }

  /// Rows of tiles, counted from `first` on, of the images and of their maps' gradients.
  private func transform(
    _ range: Range<Int>, from first: Int, dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    _ images: WinogradProducts, _ up: WinogradProducts
  ) {
    let across = columns.firsts.count
    let source = WinogradRows(g.inChannels, groups: 1, columns)
    let upstream = WinogradRows(g.outChannels, groups: 1, columns)
    for number in range {
      let (image, row) = (first + number).quotientAndRemainder(dividingBy: rows.firsts.count)
      source.load(
        x + image * g.inputImage, image: image, height: g.height, width: g.width, padding: g.padding,
        first: rows.firsts[row], step: rows.step, count: 4)
      source.transform(into: images, at: number * across, columns)
      upstream.load(
        dy + image * g.outputImage, image: image, height: g.outputHeight, width: g.outputWidth,
        padding: Size2d(0, 0), first: rows.firsts[row], step: rows.step, count: 2)
      upstream.transformUpstream(into: up, at: number * across, columns)
    }
  }

  // MARK: Uneven maps

  /// The maps in which a few numbers outweigh all others, or one is no number: their products with others' would be
  /// rounded as those few are.
  private func unevenMaps(_ maps: Tensor) -> [Int] {
    let (channels, area) = (maps.shape[1], maps.shape[2] * maps.shape[3])
    let found = Storage(count: 2 * g.batch * channels)
    maps.withPointer { numbers in
      Parallel.forEachRange(of: g.batch * channels, grain: max(1, (1 << 16) / area)) { range in
        for map in range {
          ck_magnitudes(
            numbers + map * area, area, found.pointer + 2 * map, found.pointer + 2 * map + 1)
        }
      }
    }
    // Of few numbers in either map, still fewer meet: the sum of their products may be a small part of what was rounded.
    let least = max(Float(CK_WINOGRAD_EVEN), (8 * Float(g.batch * area)).squareRoot())
    return (0..<channels).filter { channel in
      var (sum, most) = (Float(0), Float(0))
      for image in 0..<g.batch {
        let here = found.pointer + 2 * (image * channels + channel)
        sum += here[0]
        most = max(most, here[1])
      }
      return !(least * most <= sum) || !(sum < 1e37)
    }
  }

  /// Writes the gradients at the weights of those channels and filters by the sums of the definition.
  private func recomputeTaps(
    channels: [Int], filters: [Int], dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    in dw: UnsafeMutablePointer<Float>
  ) {
    let isUneven = Set(filters)
    var pairs = filters.flatMap { filter in
      (0..<inGroup).map { (filter, filter / outGroup * inGroup + $0) }
    }
    for channel in channels {
      let first = channel / inGroup * outGroup
      pairs += (first..<first + outGroup).filter { !isUneven.contains($0) }.map { ($0, channel) }
    }
    Parallel.forEachRange(of: pairs.count, grain: max(1, (1 << 14) / (g.batch * g.places))) { range in
      for (filter, channel) in pairs[range] {
        let to = dw + (filter * inGroup + channel % inGroup) * 9
        for a in 0..<3 {
          for b in 0..<3 { to[a * 3 + b] = tap(a, b, filter, channel, dy: dy, x) }
        }
      }
    }
  }

  /// `Σ dy x` for one weight.
  private func tap(
    _ a: Int, _ b: Int, _ filter: Int, _ channel: Int, dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>
  ) -> Float {
    let (down, right) = (
      a * g.dilation.height - g.padding.height, b * g.dilation.width - g.padding.width
    )
    let first = max(0, -right)
    let end = min(g.outputWidth, g.width - right)
    if first >= end { return 0 }
    var total: Float = 0
    for image in 0..<g.batch {
      let up = dy + (image * g.outChannels + filter) * g.places
      let map = x + (image * g.inChannels + channel) * g.height * g.width
      for row in max(0, -down)..<max(0, -down, min(g.outputHeight, g.height - down)) {
        let (left, right) = (up + row * g.outputWidth, map + (row + down) * g.width + right)
        for column in first..<end { total += left[column] * right[column] }
      }
    }
    return total
  }
}
