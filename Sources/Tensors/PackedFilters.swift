internal import CKernels

/// Filters laid out for products with windows (see `windows_product.c`): for each group, one set after the other.
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
      Parallel.forEachRange(of: groups * pieces, grain: 1 + (1 << 13) / max(1, count * depth)) { range in
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
