import Formats

/// How much ink there is at each place of a picture, from 0 to 1.
struct Ink {
  let height: Int
  let width: Int
  var amount: [Float]

  /// From here on there is a stroke.
  private static let stroke: Float = 0.3
  /// Pictures are made smaller until no side is longer.
  private static let longestSide = 400
  /// Colours less apart than this, from 0 to 255, are the same.
  private static let leastContrast: Float = 32

  enum Search {
    case ink(Ink)
    /// All of the picture has nearly the same colour.
    case nothing
    /// There is something, but what is ink and what is paper cannot be told.
    case unclear
  }

  /// The ink of a picture: what differs from its paper.
  static func found(in picture: PNG) -> Search {
    let k = max(1, (max(picture.height, picture.width) + longestSide - 1) / longestSide)
    let (height, width) = ((picture.height + k - 1) / k, (picture.width + k - 1) / k)
    if height == 0 || width == 0 { return .nothing }
    return found(in: reduced(picture, by: k, height, width), height, width, mayBeSheet: true)
  }

  private static func found(
    in colors: [Float], _ height: Int, _ width: Int, mayBeSheet: Bool
  ) -> Search {
    let even = onEvenPaper(colors, height, width)
    if let even {
      if mayBeSheet, let sheet = even.sheet {
        // What stands out is not ink but the paper, on a table: within it, the ink is looked for anew.
        let (rows, columns) = sheet
        let part = rows.flatMap { row in
          columns.flatMap { column in (0..<3).map { colors[3 * (row * width + column) + $0] } }
        }
        return found(in: part, rows.count, columns.count, mayBeSheet: false)
      }
      if even.share <= 0.5 && even.paleShare <= 0.2 && even.edgeIsPaper { return .ink(even) }
    }
    if min(height, width) < 8 { return even.map { .ink($0) } ?? .nothing }
    // The light is uneven, or something surrounds the paper. Dark ink first where dark is the exception.
    let gray = (0..<height * width).map { i -> Float in
      let sum: Float = colors[3 * i] + colors[3 * i + 1] + colors[3 * i + 2]
      return sum / 3
    }
    let sorted = gray.sorted()
    let low = sorted[sorted.count / 100]
    let middle = sorted[sorted.count / 2]
    let high = sorted[sorted.count - 1 - sorted.count / 100]
    let darkFirst = middle - low >= high - middle
    var seesSomething = false
    for isDark in [darkFirst, !darkFirst] {
      let paper = PhotographedPaper(gray, height: height, width: width, inkIsDark: isDark)
      guard var ink = Ink(paper.distances, height, width) else { continue }
      seesSomething = true
      ink.removeFrame()
      // Strokes are dark all through and cover little; shadows and textures do not.
      if paper.evenness >= 0.3, ink.share > 0, ink.share <= 0.35, ink.darkness >= 0.75 { return .ink(ink) }
    }
    return seesSomething ? .unclear : .nothing
  }

  /// What differs from the colour of most of the picture's edge, or nil when nothing does.
  private static func onEvenPaper(_ colors: [Float], _ height: Int, _ width: Int) -> Ink? {
    let (lastRow, lastColumn, across) = (height - 1, width - 1, width)
    let edge = (0..<height * width).filter {
      let (row, column) = $0.quotientAndRemainder(dividingBy: across)
      return row == 0 || row == lastRow || column == 0 || column == lastColumn
    }
    let paper = (0..<3).map { c -> Float in edge.map { colors[3 * $0 + c] }.sorted()[edge.count / 2] }
    let distances = (0..<height * width).map { i in
      (0..<3).reduce(Float(0)) { max($0, abs(colors[3 * i + $1] - paper[$1])) }
    }
    return Ink(distances, height, width)
  }

  /// Ink where places differ from their paper by so much, or nil when none does.
  private init?(_ distances: [Float], _ height: Int, _ width: Int) {
    (self.height, self.width) = (height, width)
    // Full ink is what few pixels exceed, so that a single odd one does not count.
    let full = distances.sorted()[max(0, distances.count - 1 - max(3, distances.count / 2000))]
    if full < Self.leastContrast { return nil }
    // Slightly uneven light and the grain of the paper stay below.
    amount = distances.map { min(1, max(0, ($0 - 0.15 * full) / (0.75 * full))) }
    if !amount.contains(where: { $0 >= Self.stroke }) { return nil }
  }

  /// The mean colours of squares of k×k pixels.
  private static func reduced(_ picture: PNG, by k: Int, _ height: Int, _ width: Int) -> [Float] {
    var colors = [Float](repeating: 0, count: 3 * height * width)
    picture.bytes.withUnsafeBufferPointer { bytes in
      for i in 0..<height {
        for j in 0..<width {
          let rows = i * k..<min((i + 1) * k, picture.height)
          let columns = j * k..<min((j + 1) * k, picture.width)
          for c in 0..<3 {
            var sum = 0
            for row in rows {
              for column in columns { sum += Int(bytes[(row * picture.width + column) * 3 + c]) }
            }
            colors[(i * width + j) * 3 + c] = Float(sum) / Float(rows.count * columns.count)
          }
        }
      }
    }
    return colors
  }

  /// How much of the picture is ink.
  private var share: Float { Float(amount.count { $0 >= Self.stroke }) / Float(amount.count) }

  /// How much of the picture is neither ink nor paper.
  private var paleShare: Float { Float(amount.count { $0 > 0 && $0 < 0.6 }) / Float(amount.count) }

  /// How dark the ink is on average.
  private var darkness: Float {
    let inked = amount.filter { $0 >= Self.stroke }
    return inked.reduce(0, +) / Float(max(1, inked.count))
  }

  /// Whether nearly all of the picture's edge is paper.
  private var edgeIsPaper: Bool {
    let top = (0..<width).map { $0 }
    let bottom = top.map { (height - 1) * width + $0 }
    let sides = (0..<height).flatMap { [$0 * width, $0 * width + width - 1] }
    let edge = top + bottom + sides
    return edge.count { amount[$0] > 0 } <= edge.count / 10
  }

  /// Where a sheet of paper lies, a little within its edges, if that is what stands out: something that fills its box,
  /// which no digit does that is not as narrow as a 1.
  private var sheet: (rows: Range<Int>, columns: Range<Int>)? {
    let inked = amount.indices.filter { amount[$0] >= Self.stroke }
    let (rows, columns) = (inked.map { $0 / width }, inked.map { $0 % width })
    guard let top = rows.min(), let bottom = rows.max(), let left = columns.min(), let right = columns.max()
    else {
      return nil
    }
    let (boxHeight, boxWidth) = (bottom - top + 1, right - left + 1)
    let fills = Float(inked.count) > 0.75 * Float(boxHeight * boxWidth)
    let margin = max(boxHeight, boxWidth) / 25 + 1
    if !fills || 2 * min(boxHeight, boxWidth) < max(boxHeight, boxWidth) || min(boxHeight, boxWidth) < 40 {
      return nil
    }
    return (top + margin..<bottom - margin, left + margin..<right - margin)
  }

  /// Takes away what runs along the picture's edge: a frame, the table beside the paper.
  private mutating func removeFrame() {
    var owner = [Bool](repeating: false, count: amount.count)
    let edgeCount = 2 * (height + width)
    for start in amount.indices where !owner[start] && amount[start] >= Self.stroke {
      let members = component(from: start, &owner)
      var contact = [0, 0, 0, 0]
      for i in members {
        let (row, column) = i.quotientAndRemainder(dividingBy: width)
        if row == 0 { contact[0] += 1 }
        if row == height - 1 { contact[1] += 1 }
        if column == 0 { contact[2] += 1 }
        if column == width - 1 { contact[3] += 1 }
      }
      let isAlongSide = max(contact[0], contact[1]) * 2 > width || max(contact[2], contact[3]) * 2 > height
      if isAlongSide || contact.reduce(0, +) * 4 > edgeCount {
        for i in members { amount[i] = 0 }
      }
    }
  }

  /// The places that belong to one stroke with `start`; they are marked.
  private func component(from start: Int, _ marked: inout [Bool]) -> [Int] {
    var members = [start]
    marked[start] = true
    var next = 0
    while next < members.count {
      let (row, column) = members[next].quotientAndRemainder(dividingBy: width)
      next += 1
      for r in max(0, row - 1)...min(height - 1, row + 1) {
        for c in max(0, column - 1)...min(width - 1, column + 1) {
          let i = r * width + c
          if !marked[i] && amount[i] >= Self.stroke {
            marked[i] = true
            members.append(i)
          }
        }
      }
    }
    return members
  }

  /// Takes away strokes with less than a thirtieth of the ink of the largest: dust. Returns whether two of those that are
  /// left, with a fifth of it or more, stand side by side.
  mutating func removeSpecks() -> Bool {
    var marked = [Bool](repeating: false, count: amount.count)
    var strokes: [(ink: Float, columns: ClosedRange<Int>, members: [Int])] = []
    for start in amount.indices where !marked[start] && amount[start] >= Self.stroke {
      let members = component(from: start, &marked)
      let columns = members.map { $0 % width }
      strokes.append((members.reduce(0) { $0 + amount[$1] }, columns.min()!...columns.max()!, members))
    }
    let most = strokes.map(\.ink).max() ?? 0
    for stroke in strokes where stroke.ink < most / 30 {
      for i in stroke.members { amount[i] = 0 }
    }
    let large = strokes.filter { $0.ink >= most / 5 }
    return large.indices.contains { i in large[..<i].contains { !$0.columns.overlaps(large[i].columns) } }
  }

  /// The strokes, fitted into a square of `side` pixels, in its middle, as bytes.
  func fitted(into side: Int) -> [UInt8] {
    let inked = amount.indices.filter { amount[$0] >= Self.stroke }
    let rows = inked.map { $0 / width }
    let columns = inked.map { $0 % width }
    let (top, bottom) = (rows.min()!, rows.max()! + 1)
    let (left, right) = (columns.min()!, columns.max()! + 1)
    let scale = Float(side) / Float(max(bottom - top, right - left))
    let newHeight = max(1, Int((Float(bottom - top) * scale).rounded()))
    let newWidth = max(1, Int((Float(right - left) * scale).rounded()))
    let down = Self.shares(of: top..<bottom, in: newHeight)
    let across = Self.shares(of: left..<right, in: newWidth)
    let (y, x) = ((side - newHeight) / 2, (side - newWidth) / 2)
    var small = [Float](repeating: 0, count: side * side)
    for i in 0..<newHeight {
      for j in 0..<newWidth {
        for (row, a) in down[i] {
          for (column, b) in across[j] {
            small[(y + i) * side + x + j] += a * b * amount[row * width + column]
          }
        }
      }
    }
    // A thin line is pale when it is made small; among the inked pixels, one in five should be black.
    let dark = small.filter { $0 > 0.05 }.sorted()
    let strength = dark.isEmpty ? 1 : 1 / min(1, max(0.02, dark[dark.count * 4 / 5]))
    return small.map { UInt8(min(1, $0 * strength) * 255 + 0.5) }
  }

  /// For each of `count` equal pieces of a range of pixels, which pixels it covers and with what share of itself.
  private static func shares(of range: Range<Int>, in count: Int) -> [[(pixel: Int, share: Float)]] {
    let size = Float(range.count) / Float(count)
    return (0..<count).map { piece in
      let (low, high) = (Float(piece) * size, Float(piece + 1) * size)
      return (Int(low)..<min(range.count, Int(high.rounded(.up)))).map { pixel in
        let covered = min(high, Float(pixel + 1)) - max(low, Float(pixel))
        return (range.lowerBound + pixel, max(0, covered) / size)
      }
    }
  }
}
