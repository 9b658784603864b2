internal import CKernels

/// A few rows of an image with its padding, the channels of a place side by side; and of each place, how large its
/// numbers are. One thread's own.
final class WinogradRows {
  private let maps: WinogradMaps
  private let groups: Int
  private let rows: WinogradAxis
  private let columns: WinogradAxis
  /// The first place of each tile.
  private let firsts: [Int]
  /// Places of a row, and the numbers on how large they are, with a margin.
  private let width: Int
  private let apart: Int
  private let places: Storage
  private let sums: Storage
  private let most: Storage
  /// Those of a tile, and one of zeros.
  private let slots: Int
  /// The image and the row that each slot holds.
  private var held: [(image: Int, row: Int)]
  /// The slots of the tiles' rows, from the top.
  private var current: [Int] = []

  init(_ maps: WinogradMaps, groups: Int, _ rows: WinogradAxis, _ columns: WinogradAxis) {
    (self.maps, self.groups, self.rows, self.columns) = (maps, groups, rows, columns)
    firsts = columns.columns(stride: maps.stride)
    slots = 4 * maps.stride
    held = Array(repeating: (-1, 0), count: slots)
    width = columns.width(stride: maps.stride)
    apart = width + 2 * Int(CK_WINOGRAD_MARGIN)
    places = Storage(count: (slots + 1) * width * maps.channels)
    // And one more: along a plain axis, all of it is read from one place further on.
    sums = Storage(count: (slots + 1) * apart * groups + 1)
    most = Storage(count: (slots + 1) * apart * groups + 1)
    for storage in [places, sums, most] {
      storage.pointer.update(repeating: 0, count: storage.count)
    }
  }

  /// Brings in the rows of tiles of an image that see `count` places down; those that are here stay.
  func load(_ images: UnsafePointer<Float>, image: Int, tiles: Int, count: Int = 4) {
    let stride = maps.stride
    let rows = (0..<count * stride).map {
      (self.rows.firsts[tiles] + $0 / stride * self.rows.step) * stride + $0 % stride - maps.padding.height
    }
    current = rows.map { row in
      if row < 0 || row >= maps.height { return slots }
      return held.firstIndex { $0 == (image, row) } ?? -1
    }
    // What the tiles see of a row, should it be less than all.
    let seen = min(maps.width, width - maps.padding.width)
    for (i, row) in rows.enumerated() where current[i] < 0 {
      let slot = (0..<slots).first { !current.contains($0) }!
      (current[i], held[slot]) = (slot, (image, row))
      let magnitudes = slot * groups * apart + Int(CK_WINOGRAD_MARGIN) + maps.padding.width
      ck_winograd_gather_row(
        images + image * maps.image + row * maps.width, maps.plane, seen, maps.channels,
        maps.channels / groups,
        places.pointer + (slot * width + maps.padding.width) * maps.channels, sums.pointer + magnitudes,
        most.pointer + magnitudes, apart)
    }
  }

  /// The rows and columns of one phase.
  private func tiles(row: Int, column: Int) -> CKWinogradRows {
    func place(_ i: Int) -> UnsafePointer<Float> {
      let slot = current[min(i * maps.stride + row, current.count - 1)]
      return UnsafePointer(places.pointer + (slot * width + column) * maps.channels)
    }
    return CKWinogradRows(
      rows: (place(0), place(1), place(2), place(3)), step: columns.step * maps.stride,
      channels: maps.channels)
  }

  /// The rows' tiles, from tile number `first` of the products on, a phase after the other.
  func transform(_ phases: [WinogradPhase], into products: WinogradProducts, at first: Int) {
    for (number, phase) in phases.enumerated() {
      ck_winograd_input(
        tiles(row: phase.row, column: phase.column), firsts.count, firsts,
        products.tiles(
          from: first, channel: number * maps.channels, down: phase.down, across: phase.across))
    }
  }

  /// The same of rows of an upstream gradient.
  func transformUpstream(into products: WinogradProducts, at first: Int) {
    ck_winograd_upstream(
      tiles(row: 0, column: 0), Int32(columns.outputs), firsts.count, firsts, products.tiles(from: first))
  }

  /// Calls `body` with each output of a row of tiles whose window, of `side` places of these maps along either axis,
  /// Winograd's products would spoil. Along an axis that stays plain it sees a single place, the next one.
  func forEachUneven(
    tiles: Int, side: Int, of kind: WinogradPhase,
    _ body: (_ group: Int, _ row: Int, _ column: Int) -> Void
  ) {
    let (isPlainDown, isPlainAcross) = (kind.down == CK_WINOGRAD_PLAIN, kind.across == CK_WINOGRAD_PLAIN)
    if isPlainDown && isPlainAcross { return }
    let stride = maps.stride
    let reach = WinogradReach(side: 5 - columns.outputs)
    let isWithin = reach.beyond == 0
    var windows = CKWinogradWindows()
    windows.sums = UnsafePointer(sums.pointer) + (isPlainAcross ? 1 : 0)
    windows.most = UnsafePointer(most.pointer) + (isPlainAcross ? 1 : 0)
    windows.seen_columns = isPlainAcross ? 1 : side
    windows.columns = isPlainAcross ? 1 : isWithin ? side : 4 * stride
    windows.before = isPlainAcross ? 0 : reach.beyond * stride
    windows.step = stride == 1 ? columns.step : 1
    (windows.apart, windows.width) = (stride, width)
    windows.even = reach.even
    let slack = Int(CK_WINOGRAD_LANES)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: columns.places * stride + slack) { flags in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * apart + slack) { room in
        for output in 0..<rows.outputs {
          let row = rows.firsts[tiles] + output * rows.step
          if row >= rows.places { continue }
          let (near, seen) = rowsNear(output, side: side, isWithin: isWithin, isPlain: isPlainDown)
          windows.seen_rows = (seen.lowerBound, seen.upperBound)
          for group in 0..<groups {
            let rows = current[near].map {
              ($0 * groups + group) * apart + Int(CK_WINOGRAD_MARGIN)
            }
            let count = rows.withUnsafeBufferPointer { rows in
              windows.rows = UnsafeRawPointer(rows.baseAddress!).assumingMemoryBound(to: Int.self)
              windows.row_count = rows.count
              return ck_winograd_uneven(windows, columns.places, room.baseAddress!, flags.baseAddress!)
            }
            if count == 0 { continue }
            for column in 0..<columns.places where flags[column * stride] != 0 { body(group, row, column) }
          }
        }
      }
    }
  }

  /// The rows that are added to what a tile's output sees, and among them those that it does see.
  private func rowsNear(
    _ output: Int, side: Int, isWithin: Bool, isPlain: Bool
  ) -> (near: Range<Int>, seen: Range<Int>) {
    if isPlain { return (output + 1..<output + 2, 0..<1) }
    let near = isWithin ? output..<output + 3 : [0..<3, 1..<3, 1..<4][output]
    let first = (output - near.lowerBound) * maps.stride
    return (near.lowerBound * maps.stride..<near.upperBound * maps.stride, first..<first + side)
  }
}
