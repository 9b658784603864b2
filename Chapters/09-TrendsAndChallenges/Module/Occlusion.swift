/// How much of a class's score is lost where a window of the image is covered: an explanation that asks the network
/// nothing but its answers.
///
///     mapᵢⱼ = mean of F_c(x) − F_c(x with window w covered)  over the windows w that hold [i, j]
///
/// - Parameters:
///   - image: `H · W` numbers, row by row.
///   - height: H
///   - width: W
///   - size: The side of the square that covers, at most H and W.
///   - stride: By how much it moves. The last one in a row ends at the image's edge, whatever the stride.
///   - cover: What the window is filled with: paper, 0.
///   - scores: `F_c` of several images of `H · W` numbers.
/// - Returns: `H · W` numbers. What speaks against the class is negative.
/// - PyTorch: none; Captum's `Occlusion(model).attribute(x, sliding_window_shapes, strides, baselines)`.
/// - Source: Zeiler, Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, section 4.2.
/// - Book: section 9.2.
public func occlusion<Scalar: BinaryFloatingPoint>(
  of image: [Scalar], height: Int, width: Int, size: Int, stride: Int, cover: Scalar = 0,
  scores: ([[Scalar]]) -> [Scalar]
) -> [Scalar] {
  if image.count != height * width {
    fatalError("occlusion: \(image.count) numbers are no image of \(height)×\(width)")
  }
  if size < 1 || size > min(height, width) || stride < 1 {
    fatalError("occlusion: a window of \(size) with stride \(stride) does not go with \(height)×\(width)")
  }
  let corners = windowStarts(height, size, stride).flatMap { row in
    windowStarts(width, size, stride).map { (row: row, column: $0) }
  }
  let places = corners.map { corner in
    (corner.row..<corner.row + size).flatMap { row in
      (corner.column..<corner.column + size).map { row * width + $0 }
    }
  }
  let covered = places.map { window in
    var image = image
    for place in window { image[place] = cover }
    return image
  }
  let all = scores([image] + covered)
  var (sum, count) = ([Scalar](repeating: 0, count: image.count), [Scalar](repeating: 0, count: image.count))
  for (window, score) in zip(places, all.dropFirst()) {
    for place in window {
      sum[place] += all[0] - score
      count[place] += 1
    }
  }
  return zip(sum, count).map { $1 > 0 ? $0 / $1 : 0 }
}

/// Where windows of `size` begin that go over `count` numbers.
private func windowStarts(_ count: Int, _ size: Int, _ step: Int) -> [Int] {
  let starts = Array(stride(from: 0, through: count - size, by: step))
  return starts.last == count - size ? starts : starts + [count - size]
}
