import Engine

/// Images or maps moved down and to the right, with zeros coming in: `x′[i, j] = x[i − down, j − right]`.
///
/// - Parameter x: Any shape whose last two axes are rows and columns.
/// - Book: section 2.9.
public func moved(_ x: Tensor, down: Int = 0, right: Int = 0) -> Tensor {
  let (height, width) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
  let old = x.scalars
  var new = [Float](repeating: 0, count: old.count)
  for map in stride(from: 0, to: old.count, by: height * width) {
    for i in max(down, 0)..<max(min(height, height + down), max(down, 0)) {
      for j in max(right, 0)..<max(min(width, width + right), max(right, 0)) {
        new[map + i * width + j] = old[map + (i - down) * width + j - right]
      }
    }
  }
  return Tensor(new, shape: x.shape)
}

/// How far the maps of a moved image are from any movement of the image's own maps: 0 where the layer is equivariant.
///
///     min over u:  ‖y′ − y moved by u‖ / ‖y′‖,      u = 0 … t
///
/// - Parameters:
///   - maps: `y`, the maps of the image, `[N, C, H, W]`.
///   - movedMaps: `y′`, those of the image moved to the right by `t`.
///   - t: How far that was.
///   - inside: The rows and columns that are compared. Choose those that neither the padding nor what comes in can reach.
/// - Book: section 2.9.
public func movementGap(_ maps: Tensor, _ movedMaps: Tensor, movedBy t: Int, inside: Range<Int>) -> Double {
  let (height, width) = (maps.shape[2], maps.shape[3])
  let (old, new) = (maps.scalars, movedMaps.scalars)
  var size = 0.0
  var gaps = [Double](repeating: 0, count: t + 1)
  for map in stride(from: 0, to: old.count, by: height * width) {
    for i in inside {
      let row = map + i * width
      for j in inside {
        let y = Double(new[row + j])
        size += y * y
        for u in 0...t {
          let difference = y - (j < u ? 0 : Double(old[row + j - u]))
          gaps[u] += difference * difference
        }
      }
    }
  }
  return (gaps.min()! / max(size, .leastNormalMagnitude)).squareRoot()
}
