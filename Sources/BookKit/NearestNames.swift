import NumberText

/// A sentence that names those of `names` that are most like `name`, or all when they are few; fit for a terminal, for they
/// may come from a file.
func nearest(to name: String, among names: some Sequence<String>, call kind: String) -> String {
  let all = Array(Set(names)).sorted()
  if all.isEmpty { return "There are no \(kind)." }
  let ranked = all.map { (name: $0, edits: edits(between: name.lowercased(), and: $0.lowercased())) }
    .sorted { ($0.edits, $0.name) < ($1.edits, $1.name) }
  if all.count > 6, let best = ranked.first, best.edits <= max(2, name.count / 3) {
    return "Did you mean \(listed(ranked.prefix(3).map(\.name)))?"
  }
  if all.count <= 6 { return "There are: \(listed(all))." }
  return "The nearest of \(all.count) \(kind): \(listed(ranked.prefix(5).map(\.name)))."
}

/// How many characters to insert, delete or replace to make `a` into `b`.
///
/// - Source: Levenshtein, "Binary codes capable of correcting deletions, insertions and reversals", 1966.
func edits(between a: String, and b: String) -> Int {
  let a = Array(a)
  let b = Array(b)
  var row = Array(0...b.count)
  for i in a.indices {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
    }
  }
  return row[b.count]
}
