// The windows of an image as the columns of a matrix, and back. Row (c, a, b) of the matrix holds, for every place
// of the output, the pixel of channel c that kernel tap (a, b) lies on there; so the convolution is W × columns.

extension ConvolutionGeometry {
  /// No window reaches outside, none overlaps, and the matrix of windows is the image itself.
  var windowsAreTheImage: Bool {
    kernel == Size2d(1, 1) && stride == Size2d(1, 1) && padding == Size2d(0, 0)
  }

  /// Writes the windows of `image` (`C/groups × H × W`) to `columns` (`taps × places`).
  func gatherWindows(_ image: UnsafePointer<Float>, into columns: UnsafeMutablePointer<Float>) {
    forEachRow { channelRow, sourceRow, first, last, source, target in
      let out = columns + target
      guard sourceRow else {
        out.update(repeating: 0, count: outputWidth)
        return
      }
      out.update(repeating: 0, count: first)
      if last > first {
        if stride.width == 1 {
          (out + first).update(from: image + source, count: last - first)
        } else {
          for j in 0..<last - first { out[first + j] = image[source + j * stride.width] }
        }
      }
      (out + max(first, last)).update(repeating: 0, count: outputWidth - max(first, last))
    }
  }

  /// Adds each window back to where it came from: the transpose of `gatherWindows`.
  func scatterWindows(_ columns: UnsafePointer<Float>, addingTo image: UnsafeMutablePointer<Float>) {
    forEachRow { channelRow, sourceRow, first, last, source, target in
      guard sourceRow, last > first else { return }
      let from = columns + target + first
      let to = image + source
      if stride.width == 1 {
        for j in 0..<last - first { to[j] += from[j] }
      } else {
        for j in 0..<last - first { to[j * stride.width] += from[j] }
      }
    }
  }

  /// Visits the rows of places, `outputWidth` numbers each, of every tap. Places `first..<last` of a row lie inside
  /// the image, beginning at `source` in it; the row itself begins at `target` in the matrix of windows.
  @inline(__always)
  private func forEachRow(
    _ body: (
      _ tap: Int, _ isInside: Bool, _ first: Int, _ last: Int, _ source: Int, _ target: Int
    ) -> Void
  ) {
    var tap = 0
    for c in 0..<inChannels / groups {
      for a in 0..<kernel.height {
        for b in 0..<kernel.width {
          let shift = b * dilation.width - padding.width
          // Places whose column, j·stride + shift, lies in 0..<width.
          let first = min(outputWidth, shift >= 0 ? 0 : (-shift + stride.width - 1) / stride.width)
          let room = width - 1 - shift
          let last = room < 0 ? 0 : min(outputWidth, room / stride.width + 1)
          for i in 0..<outputHeight {
            let row = i * stride.height + a * dilation.height - padding.height
            let source = (c * height + row) * width + first * stride.width + shift
            body(tap, row >= 0 && row < height, first, last, source, (tap * outputHeight + i) * outputWidth)
          }
          tap += 1
        }
      }
    }
  }
}
