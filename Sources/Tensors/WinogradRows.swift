internal import CKernels

/// A few rows of an image with its padding, the channels of a place side by side; and of each place, how large its
/// numbers are. One thread's own.
final class WinogradRows {
  private let channels: Int
  private let groups: Int
  private let columns: WinogradAxis
  private let places: Storage
  private let sums: Storage
  private let most: Storage
  /// Four rows, and one of zeros.
  private static let slots = 4
  /// The image and the row that each slot holds.
  private var held: [(image: Int, row: Int)]
  /// The slots of the tiles' rows, from the top.
  private var current: [Int] = []

  init(_ channels: Int, groups: Int, _ columns: WinogradAxis) {
    (self.channels, self.groups, self.columns) = (channels, groups, columns)
    held = Array(repeating: (-1, 0), count: Self.slots)
    places = Storage(count: (Self.slots + 1) * columns.width * channels)
    sums = Storage(count: (Self.slots + 1) * columns.width * groups)
    most = Storage(count: (Self.slots + 1) * columns.width * groups)
    for storage in [places, sums, most] {
      storage.pointer.update(repeating: 0, count: storage.count)
    }
  }

  /// Brings in `count` rows of an image, `step` apart, the first one at `first` in the padded image; those that are here
  /// stay.
  func load(
    _ image: UnsafePointer<Float>, image number: Int, height: Int, width: Int, padding: Size2d, first: Int,
    step: Int, count: Int
  ) {
    let rows = (0..<count).map { first + $0 * step - padding.height }
    current = rows.map { row in
      if row < 0 || row >= height { return Self.slots }
      return held.firstIndex { $0 == (number, row) } ?? -1
    }
    // What the tiles see of a row, should it be less than all.
    let seen = min(width, columns.width - padding.width)
    for (i, row) in rows.enumerated() where current[i] < 0 {
      let slot = (0..<Self.slots).first { !current.contains($0) }!
      (current[i], held[slot]) = (slot, (number, row))
      let at = slot * columns.width
      ck_winograd_gather_row(
        image + row * width, height * width, seen, channels, channels / groups,
        places.pointer + (at + padding.width) * channels,
        sums.pointer + at * groups + padding.width, most.pointer + at * groups + padding.width,
        columns.width)
    }
  }

  private var tiles: CKWinogradRows {
    func row(_ i: Int) -> UnsafePointer<Float> {
      UnsafePointer(places.pointer + current[min(i, current.count - 1)] * columns.width * channels)
    }
    return CKWinogradRows(rows: (row(0), row(1), row(2), row(3)), step: columns.step, channels: channels)
  }

  /// The rows' tiles, from tile number `first` of the products on.
  func transform(into products: WinogradProducts, at first: Int, _ columns: WinogradAxis) {
    columns.withFirsts {
      ck_winograd_input(
        tiles, columns.firsts.count, $0, products.at(0) + first * channels, products.stride)
    }
  }

  /// The same of two rows of an upstream gradient.
  func transformUpstream(into products: WinogradProducts, at first: Int, _ columns: WinogradAxis) {
    columns.withFirsts {
      ck_winograd_upstream(
        tiles, columns.firsts.count, $0, products.at(0) + first * channels, products.stride)
    }
  }

  /// The windows of the tiles in row number `row` that Winograd's products would spoil.
  func unevenWindows(_ plan: WinogradConvolution, image: Int, row: Int) -> [UnevenWindow] {
    let g = plan.g
    var found: [UnevenWindow] = []
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: g.outputWidth) { flags in
      for lower in 0..<2 {
        let output = plan.rows.firsts[row] + lower * plan.rows.step
        if output >= g.outputHeight { continue }
        for group in 0..<groups {
          func three(_ storage: Storage) -> [UnsafePointer<Float>?] {
            (lower..<lower + 3).map {
              UnsafePointer(storage.pointer + (current[$0] * groups + group) * columns.width)
            }
          }
          let count = ck_winograd_uneven(
            three(sums), three(most), columns.step, g.outputWidth, flags.baseAddress!)
          if count == 0 { continue }
          for column in 0..<g.outputWidth where flags[column] != 0 {
            found.append(UnevenWindow(image: image, group: group, row: output, column: column))
          }
        }
      }
    }
    return found
  }
}
