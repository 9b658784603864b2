internal import CKernels

/// A tile that the transform would spoil, or a few results of one, by the sums of the definition.
///
/// A transform's rounding spreads over its whole tile. Beside one pixel of −9999 the others' sums would drown, a NaN
/// would fill the tile, and where no window sees anything, something like 1e-9 would come out instead of 0. Where a few
/// windows see much less than the others, as at the rim of a digit, their results alone are computed anew.
struct UnevenTile {
  let g: ConvolutionGeometry
  let plan: FFTConvolution
  let image: Int
  /// Its place in the grid of tiles.
  private let i: Int
  private let j: Int
  let rows: Range<Int>
  let columns: Range<Int>

  init(_ plan: FFTConvolution, _ tile: Int) {
    (self.plan, g) = (plan, plan.g)
    (image, i, j) = plan.place(tile)
    (rows, columns) = (plan.rows.outputs(i), plan.columns.outputs(j))
  }

  /// Outputs of the tile.
  private var places: Int { rows.count * columns.count }
  private var area: Int { g.kernel.height * g.kernel.width }

  /// Calls `body` for each tap of a channel and each row of outputs, with the columns for which the tap is no padding.
  ///
  /// - Parameter body: The tap; the place in the tile of the first output; that of its pixel in the map; how many.
  private func forEachRun(_ body: (_ tap: Int, _ place: Int, _ pixel: Int, _ count: Int) -> Void) {
    for a in 0..<g.kernel.height {
      for b in 0..<g.kernel.width {
        let first = max(columns.lowerBound, g.padding.width - b)
        let last = min(columns.upperBound, g.width + g.padding.width - b)
        if first >= last { continue }
        for (r, row) in rows.enumerated() {
          let y = row + a - g.padding.height
          guard y >= 0, y < g.height else { continue }
          body(
            a * g.kernel.width + b, r * columns.count + first - columns.lowerBound,
            y * g.width + first + b - g.padding.width, last - first)
        }
      }
    }
  }

  /// The windows as columns, `[taps, places]`; zero outside the image.
  private func windows(_ xs: UnsafePointer<Float>) -> Storage {
    let windows = Storage(count: g.taps * places)
    windows.pointer.update(repeating: 0, count: windows.count)
    for c in 0..<g.inChannels {
      let (map, to) = (xs + plan.x.offset(image, c, 0, 0), windows.pointer + c * area * places)
      forEachRun { tap, place, pixel, count in
        (to + tap * places + place).update(from: map + pixel, count: count)
      }
    }
    return windows
  }

  /// The gradient at the tile's raw outputs, `[outputs, places]`.
  private func upstream(
    _ dy: UnsafePointer<Float>, _ route: UnsafePointer<UInt8>?, _ outputs: Range<Int>
  ) -> Storage {
    let up = Storage(count: outputs.count * places)
    up.pointer.update(repeating: 0, count: up.count)
    for (o, output) in outputs.enumerated() {
      let to = up.pointer + o * places
      for r in 0..<(route == nil ? rows.count : rows.count / 2) {
        if let route {
          let at = plan.pooled.offset(image, output, rows.lowerBound / 2 + r, columns.lowerBound / 2)
          for c in 0..<columns.count / 2 where route[at + c] < 4 {
            let cell = Int(route[at + c])
            to[(2 * r + cell / 2) * columns.count + 2 * c + cell % 2] = dy[at + c]
          }
        } else {
          let at = plan.y.offset(image, output, rows.lowerBound + r, columns.lowerBound)
          (to + r * columns.count).update(from: dy + at, count: columns.count)
        }
      }
    }
    return up
  }

  /// The maps `outputs`, or with `route` the rectified and pooled ones.
  func forward(
    _ xs: Tensor, _ weight: Tensor, _ outputs: Range<Int>, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>, route: UnsafeMutablePointer<UInt8>?
  ) {
    let windows = xs.withPointer { self.windows($0) }
    let raw = Storage(count: outputs.count * places)
    weight.withPointer { w in
      gemm(
        m: outputs.count, n: places, k: g.taps, w + outputs.lowerBound * g.taps, lda: g.taps,
        windows.pointer, ldb: places, into: raw.pointer, ldc: places)
    }
    if let route {
      writePooled(raw, outputs, bias, into: out, route)
    } else {
      for (o, output) in outputs.enumerated() {
        let b = bias.map { $0[output] } ?? 0
        for r in 0..<rows.count {
          let to = out + plan.y.offset(image, output, rows.lowerBound + r, columns.lowerBound)
          let from = raw.pointer + o * places + r * columns.count
          for c in 0..<columns.count { to[c] = from[c] + b }
        }
      }
    }
    withExtendedLifetime((windows, raw)) {}
  }

  private func writePooled(
    _ raw: Storage, _ outputs: Range<Int>, _ bias: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>, _ route: UnsafeMutablePointer<UInt8>
  ) {
    let (height, width) = (rows.count / 2, columns.count / 2)
    if height == 0 || width == 0 { return }
    let values = Storage(count: height * width)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: height * width) { cells in
      for (o, output) in outputs.enumerated() {
        ck_bias_relu_pool2(
          raw.pointer + o * places, bias.map { $0 + output }, values.pointer, cells.baseAddress!, 1,
          rows.count,
          columns.count)
        for r in 0..<height {
          let at = plan.pooled.offset(image, output, rows.lowerBound / 2 + r, columns.lowerBound / 2)
          (out + at).update(from: values.pointer + r * width, count: width)
          (route + at).update(from: cells.baseAddress! + r * width, count: width)
        }
      }
    }
    withExtendedLifetime(values) {}
  }

  /// The gradient at the channels `inputs` of the image: added to what other tiles give, or written if there are none.
  func inputGradient(
    _ dy: UnsafePointer<Float>, _ route: UnsafePointer<UInt8>?, _ weight: Tensor, _ inputs: Range<Int>,
    addingTo dx: UnsafeMutablePointer<Float>
  ) {
    let up = upstream(dy, route, 0..<g.outChannels)
    let windows = Storage(count: inputs.count * area * places)
    weight.withPointer { w in
      gemm(
        m: inputs.count * area, n: places, k: g.outChannels, w + inputs.lowerBound * area, lda: g.taps,
        transposeA: true, up.pointer, ldb: places, into: windows.pointer, ldc: places)
    }
    for (c, input) in inputs.enumerated() {
      let (map, from) = (dx + plan.x.offset(image, input, 0, 0), windows.pointer + c * area * places)
      if plan.tilesPerImage == 1 { map.update(repeating: 0, count: g.height * g.width) }
      forEachRun { tap, place, pixel, count in
        let (to, here) = (map + pixel, from + tap * places + place)
        for k in 0..<count { to[k] += here[k] }
      }
    }
    withExtendedLifetime((up, windows)) {}
  }

  /// The tile's part of the gradient of the filters `outputs`, `[outputs, taps]`.
  func filterGradient(
    _ dy: UnsafePointer<Float>, _ route: UnsafePointer<UInt8>?, _ xs: UnsafePointer<Float>,
    _ outputs: Range<Int>, addingTo dw: UnsafeMutablePointer<Float>
  ) {
    let up = upstream(dy, route, outputs)
    if (0..<up.count).allSatisfy({ up.pointer[$0].isFinite }) {
      let windows = windows(xs)
      gemm(
        m: outputs.count, n: g.taps, k: places, up.pointer, lda: places, windows.pointer, ldb: places,
        transposeB: true, beta: 1, into: dw, ldc: g.taps)
      withExtendedLifetime(windows) {}
    } else {
      // The zeros of the padding, times a NaN, would be NaN.
      for c in 0..<g.inChannels {
        let map = xs + plan.x.offset(image, c, 0, 0)
        forEachRun { tap, place, pixel, count in
          for o in 0..<outputs.count {
            let from = up.pointer + o * places + place
            var sum: Float = 0
            for k in 0..<count { sum += from[k] * map[pixel + k] }
            dw[o * g.taps + c * area + tap] += sum
          }
        }
      }
    }
    withExtendedLifetime(up) {}
  }
}
