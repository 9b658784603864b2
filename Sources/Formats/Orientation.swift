/// How a camera held a picture, by EXIF's numbers: what must be done to see it upright.
///
/// - Source: CIPA DC-008, Exchangeable image file format (Exif) 2.32, tag 274.
enum Orientation: Int {
  case upright = 1
  case mirrored, upsideDown, flipped, transposed, turnRight, transversed, turnLeft

  /// The orientation that EXIF data name, or `nil` when they name none.
  init?(exif bytes: [UInt8]) {
    let isLittle: Bool
    if bytes.starts(with: "II*\0".utf8) {
      isLittle = true
    } else if bytes.starts(with: "MM\0*".utf8) {
      isLittle = false
    } else {
      return nil
    }
    func number(_ place: Int, _ count: Int) -> Int? {
      if place < 0 || place > bytes.count - count { return nil }
      let part = bytes[place..<place + count]
      return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    for i in 0..<count {
      let entry = directory + 2 + 12 * i
      guard let tag = number(entry, 2) else { return nil }
      if tag == 0x112, number(entry + 2, 2) == 3, let value = number(entry + 8, 2) {
        self.init(rawValue: value)
        return
      }
    }
    return nil
  }
}

extension PNG {
  /// The picture as it is to be seen.
  func upright(_ orientation: Orientation) -> PNG {
    if orientation == .upright { return self }
    let isTurned = orientation.rawValue >= 5
    let (newWidth, newHeight) = isTurned ? (height, width) : (width, height)
    let channels = color.rawValue
    var turned: [UInt8] = []
    turned.reserveCapacity(bytes.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        // Where in the file the pixel lies that is seen at (x, y).
        let (column, row) =
          switch orientation {
          case .upright: (x, y)
          case .mirrored: (width - 1 - x, y)
          case .upsideDown: (width - 1 - x, height - 1 - y)
          case .flipped: (x, height - 1 - y)
          case .transposed: (y, x)
          case .turnRight: (y, height - 1 - x)
          case .transversed: (width - 1 - y, height - 1 - x)
          case .turnLeft: (width - 1 - y, x)
          }
        let start = (row * width + column) * channels
        turned += bytes[start..<start + channels]
      }
    }
    return PNG(width: newWidth, height: newHeight, color: color, bytes: turned)
  }
}
