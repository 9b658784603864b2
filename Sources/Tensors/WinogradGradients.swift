internal import CKernels

// The gradient of the filters is the transpose of the convolution, with the same tiles of the input: sixteen products
// of matrices again, `[filters × tiles] · [tiles × channels]`, summed over all tiles.

extension WinogradConvolution {
  /// `dw`; where many maps are uneven, by the matrix of windows.
  func weightGradient(dy: Tensor, x: Tensor) -> Tensor {
    let (channels, filters) = (unevenMaps(x, phases: g.stride.height), unevenMaps(dy, phases: 1))
    if 4 * channels.count > g.inChannels || 4 * filters.count > g.outChannels {
      return WindowsConvolution(g).weightGradient(dy, x)
    }
    let pass = WinogradPass(g, isBackward: false)
    var dw = Tensor(uninitialized: g.weightShape)
    x.withPointer { x in
      dy.withPointer { dy in
        let sums = pass.summedProducts(dy: dy, x)
        dw.withMutablePointer { dw in
          Parallel.forEachRange(of: g.outChannels, grain: max(1, (1 << 14) / pass.inGroup)) { range in
            for filter in range { pass.writeTaps(filter, sums, into: dw + filter * g.taps) }
          }
          recomputeTaps(channels: channels, filters: filters, dy: dy, x, in: dw)
        }
        withExtendedLifetime(sums) {}
      }
    }
    return dw
  }
}

extension WinogradPass {
  /// The sixteen products, each `[filters, channels of a group]`, a phase after the other.
  fileprivate func summedProducts(dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>) -> WinogradProducts {
    let across = columns.firsts.count
    let channels = inputs.count * from.channels
    // Tiles of 16 MiB at once: those of all would come from memory.
    let perBlock = max(1, (1 << 18) / (channels + to.channels) / across)
    let sums = WinogradProducts(tiles: to.channels, channels: channels / g.groups)
    for first in stride(from: 0, to: units, by: perBlock) {
      let block = first..<min(units, first + perBlock)
      let tiles = block.count * across
      let images = WinogradProducts(tiles: tiles, channels: channels)
      let up = WinogradProducts(tiles: tiles, channels: to.channels)
      Parallel.forEachRange(of: block.count, grain: max(2, (block.count + 15) / 16)) { range in
        transform(range, from: first, dy: dy, x, images, up)
      }
      Parallel.forEach(pieces: 16 * g.groups) { piece in
        let (product, group) = piece.quotientAndRemainder(dividingBy: g.groups)
        let wanted = sources(of: product)
        let (skipped, width) = (wanted.lowerBound * inGroup, wanted.count * inGroup)
        let packed = Storage(count: ck_gradient_count(tiles, width))
        ck_gradient_pack(
          0, tiles, width, tiles, images.at(product) + group * inGroup + skipped, 0, images.channels,
          packed.pointer)
        ck_gradient_gemm(
          outGroup, width, tiles, up.at(product) + group * outGroup, up.channels, 0, packed.pointer,
          sums.at(product) + group * outGroup * sums.channels + skipped, sums.channels, nil,
          first > 0 ? 1 : 0, CKSoon())
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
    let source = WinogradRows(from, groups: 1, rows, columns)
    let upstream = WinogradRows(to, groups: 1, rows, columns)
    for number in range {
      let (image, row) = (first + number).quotientAndRemainder(dividingBy: rows.firsts.count)
      source.load(x, image: image, tiles: row)
      source.transform(inputs, into: images, at: number * across)
      upstream.load(dy, image: image, tiles: row, count: rows.outputs)
      upstream.transformUpstream(into: up, at: number * across)
    }
  }

  /// The gradients at one filter's weights.
  fileprivate func writeTaps(_ filter: Int, _ sums: WinogradProducts, into dw: UnsafeMutablePointer<Float>) {
    let taps = g.kernel.height * g.kernel.width
    for (number, phase) in phases.enumerated() {
      ck_winograd_taps(
        sums.tiles(from: filter, channel: number * inGroup, down: phase.down, across: phase.across), inGroup,
        phase.filters(nil, side: side, channelsApart: taps, filtersApart: 0), dw)
    }
  }
}

extension WinogradConvolution {
  // MARK: Uneven maps

  /// The maps in which a few numbers outweigh all others of their phase, or one is no number: their products with
  /// others' would be rounded as those few are.
  private func unevenMaps(_ maps: Tensor, phases: Int) -> [Int] {
    let (channels, height, width) = (maps.shape[1], maps.shape[2], maps.shape[3])
    let (area, all) = (height * width, phases * phases)
    let found = Storage(count: 2 * g.batch * channels * all)
    maps.withPointer { numbers in
      Parallel.forEachRange(of: g.batch * channels, grain: max(1, (1 << 16) / area)) { range in
        for map in range {
          let sums = found.pointer + 2 * map * all
          ck_magnitudes(numbers + map * area, height, width, phases, sums, sums + all)
        }
      }
    }
    // Of few numbers in either map, still fewer meet: the sum of their products may be a small part of what was
    // rounded.
    let least = max(8, (8 * Float(g.batch * area / all)).squareRoot())
    return (0..<channels).filter { channel in
      (0..<all).contains { phase in
        var (sum, most) = (Float(0), Float(0))
        for image in 0..<g.batch {
          let here = found.pointer + 2 * (image * channels + channel) * all
          sum += here[phase]
          most = max(most, here[all + phase])
        }
        return !(least * most <= sum) || !(sum < 1e37)
      }
    }
  }

  /// Writes the gradients at the weights of those channels and filters by the sums of the definition.
  private func recomputeTaps(
    channels: [Int], filters: [Int], dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    in dw: UnsafeMutablePointer<Float>
  ) {
    let isUneven = Set(filters)
    let (inGroup, outGroup) = (g.inChannels / g.groups, g.outChannels / g.groups)
    let (height, width) = (g.kernel.height, g.kernel.width)
    var pairs = filters.flatMap { filter in
      (0..<inGroup).map { (filter, filter / outGroup * inGroup + $0) }
    }
    for channel in channels {
      let first = channel / inGroup * outGroup
      pairs += (first..<first + outGroup).filter { !isUneven.contains($0) }.map { ($0, channel) }
    }
    Parallel.forEachRange(of: pairs.count, grain: max(1, (1 << 14) / (g.batch * g.places))) { range in
      for (filter, channel) in pairs[range] {
        let to = dw + (filter * inGroup + channel % inGroup) * height * width
        for a in 0..<height {
          for b in 0..<width { to[a * width + b] = tap(a, b, filter, channel, dy: dy, x) }
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
    let step = g.stride
    // The outputs whose windows have this weight inside the image.
    func outputs(_ all: Int, _ size: Int, _ shift: Int, _ step: Int) -> Range<Int> {
      let first = shift < 0 ? (step - 1 - shift) / step : 0
      let end = size > shift ? min(all, (size - shift + step - 1) / step) : 0
      return first..<max(first, end)
    }
    let columns = outputs(g.outputWidth, g.width, right, step.width)
    var total: Float = 0
    for image in 0..<g.batch {
      let up = dy + (image * g.outChannels + filter) * g.places
      let map = x + (image * g.inChannels + channel) * g.height * g.width
      for row in outputs(g.outputHeight, g.height, down, step.height) {
        let (left, right) = (up + row * g.outputWidth, map + (row * step.height + down) * g.width + right)
        for column in columns { total += left[column] * right[column * step.width] }
      }
    }
    return total
  }
}
