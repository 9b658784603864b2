internal import CKernels

/// Filters times the windows of places that stand side by side, each filter's results in a row.
///
/// The kernel computes whole panels of places (see `windows_product.c`), and what is left beyond them here goes by way of
/// one: nothing is written beyond the last place's result, nor need anything be there to read.
struct PlacesProduct {
  private let taps: WindowTaps
  /// The taps of windows that stand in a panel by themselves.
  private let inPanel: WindowTaps
  private let canReadOn: Bool
  private let panel = ck_packed_panel()
  /// The last places' windows, where a panel must not be read beyond them; and their results.
  private let rest: Storage
  private let sums: Storage

  /// - Parameters:
  ///   - filters: How many filters there are at most.
  ///   - canReadOn: Whether a panel's numbers may be read beyond the last place's.
  init(taps: WindowTaps, filters: Int, canReadOn: Bool) {
    (self.taps, self.canReadOn) = (taps, canReadOn)
    inPanel = WindowTaps(rows: canReadOn ? 0 : taps.count, apart: panel)
    rest = Storage(count: canReadOn ? 0 : taps.count * panel)
    sums = Storage(count: filters * panel)
  }

  /// `results = filters · windows + bias`, a filter's results `apart`.
  func multiply(
    _ filters: CKFilters, _ image: UnsafePointer<Float>, places: Int, bias: UnsafePointer<Float>?,
    into results: UnsafeMutablePointer<Float>, apart: Int
  ) {
    let whole = places / panel * panel
    if whole > 0 { multiply(filters, image, taps, whole, bias, into: results, apart) }
    let left = places - whole
    if left == 0 { return }
    if canReadOn {
      multiply(filters, image + whole, taps, left, bias, into: sums.pointer, panel)
    } else {
      for tap in 0..<taps.count {
        (rest.pointer + tap * panel).update(from: image + taps[tap] + whole, count: left)
      }
      multiply(filters, rest.pointer, inPanel, left, bias, into: sums.pointer, panel)
    }
    for o in 0..<filters.count {
      (results + o * apart + whole).update(from: sums.pointer + o * panel, count: left)
    }
  }

  private func multiply(
    _ filters: CKFilters, _ image: UnsafePointer<Float>, _ taps: WindowTaps, _ places: Int,
    _ bias: UnsafePointer<Float>?, into results: UnsafeMutablePointer<Float>, _ apart: Int
  ) {
    taps.withTaps { ck_windows_product(filters, image, $0, places, bias, results, apart) }
  }
}

/// Filters laid out for such products: for each group, one set after the other.
struct PackedFilters {
  private let storage: Storage
  private let count: Int
  private let taps: Int

  /// - Parameter weight: For each group, `count` filters of `taps` numbers. Few of them are not worth sharing out.
  init(_ weight: Tensor, groups: Int, count: Int, taps: Int) {
    (self.count, self.taps) = (count, taps)
    let (perGroup, depth) = (ck_filters_count(count, taps), Int(CK_PACKED_DEPTH))
    let storage = Storage(count: groups * perGroup)
    let pieces = (taps + depth - 1) / depth
    weight.withPointer { weight in
      Parallel.forEachRange(of: groups * pieces, grain: 1 + (1 << 15) / max(1, count * depth)) { range in
        for number in range {
          let (group, piece) = number.quotientAndRemainder(dividingBy: pieces)
          ck_filters_pack(
            weight + group * count * taps, count, taps, piece * depth, storage.pointer + group * perGroup)
        }
      }
    }
    self.storage = storage
  }

  func withGroup(_ group: Int, _ body: (CKFilters) -> Void) {
    withExtendedLifetime(storage) {
      body(
        CKFilters(
          numbers: storage.pointer + group * ck_filters_count(count, taps), count: count, taps: taps))
    }
  }
}
