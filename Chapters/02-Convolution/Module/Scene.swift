import Engine

/// A picture drawn by formulas, with something for every filter: even areas, soft shading, edges of all directions,
/// fine stripes, and corners.
public enum Scene {
  /// The brightness of a house under a moon, from 0 to 1.
  ///
  /// - Returns: `[height, width]`; every pixel is the mean of nine points.
  public static func drawn(width: Int, height: Int) -> Tensor {
    var image = Tensor.zeros([height, width])
    for i in 0..<height {
      for j in 0..<width {
        var sum: Float = 0
        for a in 0..<3 {
          for b in 0..<3 {
            // x runs from 0 to 4 and y from 0 to 3, downwards.
            let x = (Float(j) + (Float(b) + 0.5) / 3) / Float(width) * 4
            let y = (Float(i) + (Float(a) + 0.5) / 3) / Float(height) * 3
            sum += brightness(x, y)
          }
        }
        image[i, j] = sum / 9
      }
    }
    return image
  }

  private static func brightness(_ x: Float, _ y: Float) -> Float {
    let fenceHeight: Float = 2.3
    if y > 2.75 { return 0.25 }  // the ground
    if y > fenceHeight, x < 1.2 || x > 3.1 {  // the fence: stripes
      return (x * 8).truncatingRemainder(dividingBy: 1) < 0.5 ? 0.85 : 0.15
    }
    if x > 1.2, x < 3.1, y > 1.5 { return wall(x, y) }
    if y > 0.7, y <= 1.5, abs(x - 2.15) < 1.1 * (y - 0.7) / 0.8 { return 0.35 }  // the roof
    let (dx, dy) = (x - 0.75, y - 0.75)
    let distance = (dx * dx + dy * dy).squareRoot()
    if distance < 0.45 {  // the moon: a shaded ball
      let light = (dx * -0.6 + dy * -0.5) / 0.45
      return min(1, max(0.2, 0.75 + 0.35 * light))
    }
    return 0.75 - 0.18 * y  // the sky, brighter at the top
  }

  private static func wall(_ x: Float, _ y: Float) -> Float {
    let isDoor = x > 2.5 && x < 2.9 && y > 1.95
    let isWindow = x > 1.45 && x < 2.15 && y > 1.75 && y < 2.3
    if isWindow {
      let isBar = abs(x - 1.8) < 0.03 || abs(y - 2.02) < 0.03
      return isBar ? 0.1 : 0.95
    }
    return isDoor ? 0.2 : 0.6
  }
}
