internal import CKernels

// A few results of a tile, by the sums of the definition, in the place of what the transform left there.

extension UnevenTile {
  /// The outputs of the windows `poor`, places of the tile; with `route`, the pooled cells that these lie in.
  func forward(
    only poor: [Int], _ xs: Tensor, _ weight: Tensor, _ outputs: Range<Int>, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>, route: UnsafeMutablePointer<UInt8>?
  ) {
    guard let route else {
      let raw = sums(under: poor, xs, weight, outputs)
      for (o, output) in outputs.enumerated() {
        let to = out + plan.y.offset(image, output, rows.lowerBound, columns.lowerBound)
        for (p, place) in poor.enumerated() {
          let (r, c) = place.quotientAndRemainder(dividingBy: columns.count)
          to[r * g.outputWidth + c] = raw.pointer[o * poor.count + p] + (bias.map { $0[output] } ?? 0)
        }
      }
      return withExtendedLifetime(raw) {}
    }
    let across = columns.count / 2
    let cells = Set(
      poor.compactMap { place -> Int? in
        let (r, c) = place.quotientAndRemainder(dividingBy: columns.count)
        return r / 2 < rows.count / 2 && c / 2 < across ? r / 2 * across + c / 2 : nil
      }
    ).sorted()
    if cells.isEmpty { return }
    // The cells' upper halves side by side, and under them their lower halves: one image of two rows.
    let halves = [0, 1].flatMap { half in
      cells.flatMap { cell in
        let upper = (cell / across * 2 + half) * columns.count + cell % across * 2
        return [upper, upper + 1]
      }
    }
    let raw = sums(under: halves, xs, weight, outputs)
    let width = plan.pooled.width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: cells.count) { values in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: cells.count) { winners in
        for (o, output) in outputs.enumerated() {
          ck_bias_relu_pool2(
            raw.pointer + o * halves.count, bias.map { $0 + output }, values.baseAddress!,
            winners.baseAddress!,
            1, 2, 2 * cells.count)
          let at = plan.pooled.offset(image, output, rows.lowerBound / 2, columns.lowerBound / 2)
          for (k, cell) in cells.enumerated() {
            let place = at + cell / across * width + cell % across
            (out[place], route[place]) = (values[k], winners[k])
          }
        }
      }
    }
    withExtendedLifetime(raw) {}
  }

  /// The sums of the windows at `places` of the tile, without a bias: `[outputs, places]`.
  private func sums(under places: [Int], _ xs: Tensor, _ weight: Tensor, _ outputs: Range<Int>) -> Storage {
    let n = places.count
    let windows = Storage(count: n * g.taps)
    windows.pointer.update(repeating: 0, count: windows.count)
    xs.withPointer { xs in
      for (p, place) in places.enumerated() {
        let (r, c) = place.quotientAndRemainder(dividingBy: columns.count)
        let (top, left) = (
          rows.lowerBound + r - g.padding.height, columns.lowerBound + c - g.padding.width
        )
        let first = max(0, -left)
        let count = min(g.kernel.width, g.width - left) - first
        if count <= 0 { continue }
        for channel in 0..<g.inChannels {
          let to = windows.pointer + p * g.taps + channel * g.kernel.height * g.kernel.width
          for a in 0..<g.kernel.height where top + a >= 0 && top + a < g.height {
            (to + a * g.kernel.width + first)
              .update(from: xs + plan.x.offset(image, channel, top + a, left + first), count: count)
          }
        }
      }
    }
    let raw = Storage(count: outputs.count * n)
    weight.withPointer { w in
      gemm(
        m: outputs.count, n: n, k: g.taps, w + outputs.lowerBound * g.taps, lda: g.taps, windows.pointer,
        ldb: g.taps, transposeB: true, into: raw.pointer, ldc: n)
    }
    withExtendedLifetime(windows) {}
    return raw
  }

  /// The gradient at a few pixels of an image that is one tile: `poor` counts them row by row.
  func inputGradient(
    only poor: [Int], _ dy: UnsafePointer<Float>, _ route: UnsafePointer<UInt8>?, _ weight: Tensor,
    _ inputs: Range<Int>, into dx: UnsafeMutablePointer<Float>
  ) {
    let (height, width) = (g.kernel.height, g.kernel.width)
    let sums = Storage(count: inputs.count)
    weight.withPointer { w in
      for pixel in poor {
        let (y, x) = pixel.quotientAndRemainder(dividingBy: g.width)
        sums.pointer.update(repeating: 0, count: inputs.count)
        for output in 0..<g.outChannels {
          // The outputs whose windows see the pixel, and by which tap.
          for a in 0..<height {
            let row = y + g.padding.height - a
            guard row >= 0, row < rows.count else { continue }
            for b in 0..<width {
              let column = x + g.padding.width - b
              guard column >= 0, column < columns.count else { continue }
              let up = upstream(dy, route, output, row, column)
              if up == 0 { continue }
              let taps = w + output * g.taps + inputs.lowerBound * height * width + a * width + b
              for c in 0..<inputs.count { sums.pointer[c] += up * taps[c * height * width] }
            }
          }
        }
        for (c, input) in inputs.enumerated() { dx[plan.x.offset(image, input, y, x)] = sums.pointer[c] }
      }
    }
    withExtendedLifetime(sums) {}
  }

  /// The gradient at one raw output.
  private func upstream(
    _ dy: UnsafePointer<Float>, _ route: UnsafePointer<UInt8>?, _ output: Int, _ row: Int, _ column: Int
  ) -> Float {
    guard let route else { return dy[plan.y.offset(image, output, row, column)] }
    if row / 2 >= plan.pooled.height || column / 2 >= plan.pooled.width { return 0 }
    let at = plan.pooled.offset(image, output, row / 2, column / 2)
    return Int(route[at]) == row % 2 * 2 + column % 2 ? dy[at] : 0
  }
}
