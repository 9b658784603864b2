/// Who may look at whom when nobody may look ahead: step `t` sees steps `0` to `t`.
///
/// - Returns: `[T, T]`, true where allowed.
/// - PyTorch: `torch.ones(T, T, dtype=torch.bool).tril()`.
/// - Book: section 10.3.
public func causalMask(_ steps: Int) -> [[Bool]] {
  (0..<steps).map { t in (0..<steps).map { s in s <= t } }
}

/// Who may look at whom when the steps from `length` on are padding: everybody sees the first `length` steps.
///
/// Rows of padding look too; what they get is nobody's business, and nobody may look at it in the next layer either.
///
/// - Returns: `[T, T]`, true where allowed.
/// - PyTorch: the opposite of a row of `key_padding_mask`, repeated for every query.
/// - Book: section 10.3.
public func paddingMask(_ steps: Int, length: Int) -> [[Bool]] {
  (0..<steps).map { _ in (0..<steps).map { s in s < length } }
}

/// What both masks allow.
///
/// - Book: section 10.3.
public func bothMasks(_ a: [[Bool]], _ b: [[Bool]]) -> [[Bool]] {
  if a.map(\.count) != b.map(\.count) {
    fatalError("bothMasks: \(a.count) and \(b.count) rows: masks of one size are needed")
  }
  return zip(a, b).map { zip($0, $1).map { $0 && $1 } }
}
