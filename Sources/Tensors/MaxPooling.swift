/// The sizes of a pooling: the windows, and what comes out.
///
/// - PyTorch: as `max_pool2d` and `avg_pool2d`; with `ceilMode` a last, partial window is added when it begins inside
///   the image or its left padding.
/// - Book: chapter 3.
public struct PoolingGeometry: Sendable, Equatable {
  /// The window's height and width.
  public let kernel: Size2d
  /// Steps from window to window.
  public let stride: Size2d
  /// Places added at either side.
  public let padding: Size2d
  /// The distance between neighbouring places of a window.
  public let dilation: Size2d
  /// H, of an image.
  public let height: Int
  /// W, of an image.
  public let width: Int
  /// How many windows there are below each other.
  public let outputHeight: Int
  /// How many windows there are side by side.
  public let outputWidth: Int

  /// Traps when the shapes do not fit. `input` is `[N, C, H, W]`.
  public init(
    _ op: String, input: [Int], kernel: Size2d, stride: Size2d? = nil, padding: Size2d = Size2d(0, 0),
    dilation: Size2d = Size2d(1, 1), ceilMode: Bool = false
  ) {
    if input.count != 4 { trap("\(op): an input [N, C, H, W] is needed: \(input)") }
    let stride = stride ?? kernel
    if kernel.height < 1 || kernel.width < 1 || stride.height < 1 || stride.width < 1 || dilation.height < 1
      || dilation.width < 1
    {
      trap("\(op): kernel \(kernel), stride \(stride), dilation \(dilation) make no sense")
    }
    if padding.height < 0 || padding.width < 0 || padding.height > kernel.height / 2
      || padding.width > kernel.width / 2
    {
      trap("\(op): padding \(padding) must be at most half of the kernel \(kernel)")
    }
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    height = input[2]
    width = input[3]
    outputHeight = Self.size(height, kernel.height, stride.height, padding.height, dilation.height, ceilMode)
    outputWidth = Self.size(width, kernel.width, stride.width, padding.width, dilation.width, ceilMode)
    if outputHeight < 1 || outputWidth < 1 {
      trap("\(op): the kernel \(kernel) is larger than the padded input: \(input), padding \(padding)")
    }
  }

  private static func size(
    _ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int, _ ceilMode: Bool
  ) -> Int {
    let room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0 { return 0 }
    if !ceilMode { return room / stride + 1 }
    let count = (room + stride - 1) / stride + 1
    return (count - 1) * stride >= size + padding ? count - 1 : count
  }

  /// The taps of output row `i` that lie inside the image, as rows of the image: the first, and where they end.
  @inline(__always)
  func rows(_ i: Int) -> (first: Int, end: Int) {
    Self.inside(i * stride.height - padding.height, kernel.height, dilation.height, height)
  }

  @inline(__always)
  func columns(_ j: Int) -> (first: Int, end: Int) {
    Self.inside(j * stride.width - padding.width, kernel.width, dilation.width, width)
  }

  @inline(__always)
  private static func inside(_ start: Int, _ kernel: Int, _ dilation: Int, _ size: Int) -> (
    first: Int, end: Int
  ) {
    let end = min(start + kernel * dilation, size)
    return (start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation, end)
  }
}

/// The largest number of each window.
///
/// - Parameter x: `[N, C, H, W]`
/// - Returns: The maxima, `[N, C, OH, OW]`, and where each lies in its plane, `row · W + column`. Among equals the
///   first in row order wins; a NaN is larger than everything.
/// - PyTorch: `max_pool2d(x, …, return_indices=True)`.
/// - Book: chapter 3.
package func maxPool2d(_ g: PoolingGeometry, _ x: Tensor) -> (y: Tensor, indices: [Int32]) {
  let planes = x.shape[0] * x.shape[1]
  let places = g.outputHeight * g.outputWidth
  var y = Tensor(uninitialized: [x.shape[0], x.shape[1], g.outputHeight, g.outputWidth])
  let indices = [Int32](unsafeUninitializedCapacity: y.count) { indices, count in
    count = y.count
    let at = indices.baseAddress!
    x.withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: planes, grain: max(1, 1 << 15 / max(places, 1))) { range in
          for plane in range {
            let image = x + plane * g.height * g.width
            for i in 0..<g.outputHeight {
              for j in 0..<g.outputWidth {
                let (top, left) = (g.rows(i), g.columns(j))
                // With a dilation, a window may have none of its taps inside.
                let isEmpty = top.first >= top.end || left.first >= left.end
                var place = isEmpty ? -1 : top.first * g.width + left.first
                var best = isEmpty ? -Float.infinity : image[place]
                var row = top.first
                while row < top.end {
                  var at = row * g.width + left.first
                  let end = row * g.width + left.end
                  while at < end {
                    let v = image[at]
                    // No branch on what is as good as random.
                    let isLarger = v > best || v.isNaN
                    best = isLarger ? v : best
                    place = isLarger ? at : place
                    at += g.dilation.width
                  }
                  row += g.dilation.height
                }
                let out = plane * places + i * g.outputWidth + j
                y[out] = best
                at[out] = Int32(place)
              }
            }
          }
        }
      }
    }
  }
  return (y, indices)
}

/// Sends each gradient back to the place its maximum came from.
package func maxPool2dBackward(_ g: PoolingGeometry, dy: Tensor, indices: [Int32]) -> Tensor {
  var dx = Tensor.zeros([dy.shape[0], dy.shape[1], g.height, g.width])
  let places = g.outputHeight * g.outputWidth
  dy.withPointer { dy_ in
    indices.withUnsafeBufferPointer { indices in
      dx.withMutablePointer { dx in
        Parallel.forEachRange(of: dy.shape[0] * dy.shape[1], grain: max(1, 1 << 15 / max(places, 1))) {
          range in
          for plane in range {
            for p in plane * places..<(plane + 1) * places where indices[p] >= 0 {
              dx[plane * g.height * g.width + Int(indices[p])] += dy_[p]
            }
          }
        }
      }
    }
  }
  return dx
}
