import Chapter09TrendsAndChallenges
import Engine
import Workbench

/// Looks for sentences of the test part that are nearly the same as one of the training part: by comparing each with
/// each, and by MinHash.
func showNearDuplicates(_ common: CommonOptions, _ experiment: inout Experiment) throws {
  let (learned, tested) = common.scale.of(quick: (200, 50), standard: (1_500, 300), full: (8_000, 1_000))
  let threshold = 0.5
  let data = TextData.sentences(training: learned, validation: 2, test: tested, seed: common.seed)
  let texts = data.training.texts + data.test.texts
  let shingles = texts.map { MinHash.shingles(of: WordTokenizer.words(of: $0)) }

  // Each with each.
  var watch = Stopwatch()
  var alike: [(learned: Int, tested: Int, similarity: Double)] = []
  for j in data.training.count..<texts.count {
    for i in 0..<data.training.count {
      let similarity = MinHash.jaccard(shingles[i], shingles[j])
      if similarity >= threshold { alike.append((i, j, similarity)) }
    }
  }
  let plainSeconds = watch.seconds

  // By signatures: those that share a band are looked at.
  watch = Stopwatch()
  let hashes = MinHash(count: 128, seed: common.seed)
  let signatures = shingles.map { hashes.signature(of: $0) }
  let candidates = MinHash.candidates(signatures, rows: 4).filter {
    $0.0 < data.training.count && $0.1 >= data.training.count
  }
  let found = candidates.filter { MinHash.similarity(signatures[$0.0], signatures[$0.1]) >= threshold - 0.1 }
    .filter { MinHash.jaccard(shingles[$0.0], shingles[$0.1]) >= threshold }
  let hashSeconds = watch.seconds

  let errors = candidates.map {
    MinHash.similarity(signatures[$0.0], signatures[$0.1]) - MinHash.jaccard(shingles[$0.0], shingles[$0.1])
  }
  let error = (errors.reduce(0) { $0 + $1 * $1 } / Double(max(errors.count, 1))).squareRoot()
  let twins = Set(alike.map(\.tested)).count
  var table = Table(
    "Near-duplicates between \(grouped(data.training.count)) sentences to learn from and \(grouped(data.test.count)) to test by",
    columns: ["way", "pairs compared", "pairs found", "ms"])
  table.add(
    "each with each", grouped(data.training.count * data.test.count), grouped(alike.count),
    fixed(plainSeconds * 1e3, 0))
  table.add(
    "MinHash, 32 bands of 4", grouped(candidates.count), grouped(found.count), fixed(hashSeconds * 1e3, 0))
  experiment.show(
    table,
    note: """
      A pair: half of the runs of three words in common, or more. \(grouped(twins)) of \(grouped(data.test.count)) test sentences
        have one. Signatures of 128 numbers err by \(fixed(error, 3)), root mean square, on the pairs they compare.
      """)
  for (name, value) in [
    ("pairs", Double(alike.count)), ("found", Double(found.count)), ("candidates", Double(candidates.count)),
    ("comparisons", Double(data.training.count * data.test.count)),
    ("recall", Double(found.count) / Double(max(alike.count, 1))), ("error", error),
    ("twins", Double(twins)), ("texts", Double(data.test.count)),
    ("plain_ms", plainSeconds * 1e3), ("minhash_ms", hashSeconds * 1e3),
  ] { experiment.metrics["near.\(name)"] = value }

  var closest = Table(
    "The sentences that are most alike, and not the same", columns: ["J", "learned from", "tested by"])
  var shown: Set<Int> = []
  for pair in alike.sorted(by: { ($0.similarity, $1.tested) > ($1.similarity, $0.tested) }) {
    if shown.count == 3 { break }
    if pair.similarity == 1 || !shown.insert(pair.tested).inserted { continue }
    closest.add(fixed(pair.similarity, 2), texts[pair.learned], texts[pair.tested])
  }
  if !closest.rows.isEmpty { experiment.show(closest) }
}
