import Tensors

/// How far from each pixel its new value is taken: `y[i, j] = x[i + down, j + right]`.
struct Displacement {
  let height: Int
  let width: Int
  /// Row by row, in pixels.
  var down: [Float]
  var right: [Float]

  /// No displacement of images `[C, H, W]`.
  init(_ op: String, of image: Tensor) {
    if image.rank != 3 { trap("\(op): an image [C, H, W] is needed: \(image.shape)") }
    (height, width) = (image.shape[1], image.shape[2])
    down = [Float](repeating: 0, count: height * width)
    right = down
  }

  /// The displaced image, `[C, H, W]`: values between pixels are interpolated from the four around, and outside of the
  /// image all is 0.
  ///
  ///     y = (1−a)(1−b) x[i, j] + (1−a) b x[i, j+1] + a (1−b) x[i+1, j] + a b x[i+1, j+1]
  ///
  /// with a, b the parts of the place's row and column behind the point.
  func callAsFunction(_ image: Tensor) -> Tensor {
    var result = Tensor(uninitialized: image.shape)
    let channels = image.shape[0]
    let (lastRow, lastColumn) = (Float(height), Float(width))
    image.withPointer { x in
      result.withMutablePointer { y in
        for row in 0..<height {
          for column in 0..<width {
            let pixel = row * width + column
            let top = Float(row) + down[pixel]
            let left = Float(column) + right[pixel]
            // The test comes before the conversion: far places do not fit into an Int. NaN is outside, too.
            let isInside = top > -1 && top < lastRow && left > -1 && left < lastColumn
            if !isInside {
              for c in 0..<channels { y[c * height * width + pixel] = 0 }
              continue
            }
            let (i, j) = (Int(top.rounded(.down)), Int(left.rounded(.down)))
            let (a, b) = (top - Float(i), left - Float(j))
            for c in 0..<channels {
              let plane = x + c * height * width
              func at(_ i: Int, _ j: Int) -> Float {
                i >= 0 && i < height && j >= 0 && j < width ? plane[i * width + j] : 0
              }
              y[c * height * width + pixel] =
                (1 - a) * ((1 - b) * at(i, j) + b * at(i, j + 1)) + a
                * ((1 - b) * at(i + 1, j) + b * at(i + 1, j + 1))
            }
          }
        }
      }
    }
    return result
  }
}
