internal import CKernels

// What a convolution by Winograd's products is made of: maps at either end, tiles along either axis, and the phases
// of an image that its windows step over by two.

/// The maps at one end.
struct WinogradMaps {
  /// Of all groups.
  let channels: Int
  let height: Int
  let width: Int
  /// Zeros above and to the left.
  let padding: Size2d
  /// How far a tile's places lie apart, 1 or 2; with 2, the even and the odd rows and columns are four phases. For
  /// `PlainOutputs`, how far windows step.
  let stride: Int
  var plane: Int { height * width }
  var image: Int { channels * plane }
  var phases: Int { stride * stride }
}

/// The tiles along one axis.
struct WinogradAxis {
  /// The first place of each.
  let firsts: [Int]
  /// How far its places lie apart.
  let step: Int
  /// How many places it has at the end of the outputs, 2 or 3.
  let outputs: Int
  /// Of the outputs.
  let places: Int

  init(places: Int, outputs: Int, dilation: Int) {
    (step, self.outputs, self.places) = (dilation, outputs, places)
    firsts = (0..<min(dilation, places)).flatMap {
      Array(stride(from: $0, to: places, by: outputs * dilation))
    }
  }

  /// The numbers of a row that holds all that the tiles see.
  func width(stride: Int) -> Int { ((firsts.max() ?? 0) + 3 * step + 1) * stride }

  /// The first number of each tile in such a row.
  func columns(stride: Int) -> [Int] { firsts.map { $0 * stride } }
}

/// The part that the windows have in one phase of an image.
struct WinogradPhase {
  /// Its first row and column, 0 or 1.
  let row: Int
  let column: Int
  /// Where the weights of its windows stand in a filter; below 0, it has none there.
  let at: [Int]
  /// What its tiles become along each axis.
  let down: CKWinogradAxis
  let across: CKWinogradAxis

  /// The only one of maps whose places are taken one after another.
  static func whole(kernel: Int) -> WinogradPhase {
    WinogradPhase(
      row: 0, column: 0, at: Array(0..<kernel * kernel), down: CK_WINOGRAD_FOUR, across: CK_WINOGRAD_FOUR)
  }

  /// All of them, so ordered that those of which any one product is made stand side by side.
  static func all(kernel: Int, stride: Int) -> [WinogradPhase] {
    if stride == 1 { return [whole(kernel: kernel)] }
    func axis(_ first: Int) -> CKWinogradAxis { 2 + first < kernel ? CK_WINOGRAD_FOUR : CK_WINOGRAD_THREE }
    return [(1, 0), (0, 0), (0, 1), (1, 1)].map { row, column in
      let at = [(0, 0), (0, 1), (1, 0), (1, 1)].map { i, j in
        let (down, right) = (2 * i + row, 2 * j + column)
        return down < kernel && right < kernel ? down * kernel + right : -1
      }
      return WinogradPhase(row: row, column: column, at: at, down: axis(row), across: axis(column))
    }
  }

  /// The same with the windows turned round, which takes gradients back to the phase.
  var turned: WinogradPhase {
    func axis(_ axis: CKWinogradAxis) -> CKWinogradAxis {
      axis == CK_WINOGRAD_THREE ? CK_WINOGRAD_PLAIN : axis
    }
    return WinogradPhase(row: row, column: column, at: at.reversed(), down: axis(down), across: axis(across))
  }

  /// What the tiles become for it, wherever it begins.
  var kind: WinogradPhase { WinogradPhase(row: 0, column: 0, at: [], down: down, across: across) }

  func isSameKind(as other: WinogradPhase) -> Bool { down == other.down && across == other.across }

  /// How many of the sixteen products are wanted.
  var products: Int { (down == CK_WINOGRAD_FOUR ? 4 : 3) * (across == CK_WINOGRAD_FOUR ? 4 : 3) }

  func isWanted(_ product: Int) -> Bool {
    (product / 4 < 3 || down == CK_WINOGRAD_FOUR) && (product % 4 < 3 || across == CK_WINOGRAD_FOUR)
  }

  /// The product whose filters are those of `product`: the first one along a plain axis.
  func filters(of product: Int) -> Int {
    (down == CK_WINOGRAD_PLAIN ? 0 : product / 4 * 4) + (across == CK_WINOGRAD_PLAIN ? 0 : product % 4)
  }

  /// The weights of filters, `side` × `side` of each.
  func filters(
    _ taps: UnsafePointer<Float>?, side: Int, channelsApart: Int, filtersApart: Int
  ) -> CKWinogradFilters {
    func place(_ i: Int) -> Int { i < at.count ? at[i] : -1 }
    return CKWinogradFilters(
      taps: taps, k_stride: channelsApart, n_stride: filtersApart, side: Int32(side),
      plain_down: down == CK_WINOGRAD_PLAIN ? 1 : 0, plain_across: across == CK_WINOGRAD_PLAIN ? 1 : 0,
      at: (
        place(0), place(1), place(2), place(3), place(4), place(5), place(6), place(7), place(8)
      ))
  }
}

/// Tiles' numbers for each of the sixteen products: a matrix, `[tiles, channels]`.
struct WinogradProducts {
  private let storage: Storage
  let channels: Int
  /// From one product to the next: not a power of two, whose multiples share lines of the cache.
  let apart: Int

  init(tiles: Int, channels: Int) {
    self.channels = channels
    apart = tiles * channels + 16
    storage = Storage(count: 16 * apart)
  }

  func at(_ product: Int) -> UnsafeMutablePointer<Float> { storage.pointer + product * apart }

  /// The numbers of tile `tile` and those after it, from `channel` on.
  func tiles(
    from tile: Int, channel: Int = 0, down: CKWinogradAxis = CK_WINOGRAD_FOUR,
    across: CKWinogradAxis = CK_WINOGRAD_FOUR
  ) -> CKWinogradTiles {
    CKWinogradTiles(
      numbers: at(0) + tile * channels + channel, tile: channels, product: apart, down: down, across: across)
  }
}
