import Chapter10ChoosingAModel
import Engine
import Foundation
import Workbench

/// Where the heads of a GPT look in one sentence, and what it expects to come next.
///
/// One head is shown: of those that look farther back than two characters, the one whose weights are the least evenly
/// spread. A head that looks at the character before would be a diagonal.
struct SentenceMap {
  let ids: [Int]
  let labels: [String]
  /// Block by block, `[H, T, T]`.
  let maps: [Tensor]
  let block, head: Int

  init(_ model: GPT, _ ids: [Int], names: [Unicode.Scalar]) {
    self.ids = ids
    labels = names.map { $0 == " " ? "·" : String($0) }
    maps = model.attentionMaps(ids)
    let heads = maps.indices.flatMap { block in (0..<model.size.heads).map { (block, $0) } }
    let measures = heads.map { [maps] block, head in Self.measures(maps[block].selected(head, axis: 0)) }
    let far = heads.indices.filter { measures[$0].near < 0.5 }
    let chosen = (far.isEmpty ? Array(heads.indices) : far).min { measures[$0].places < measures[$1].places }!
    (block, head) = heads[chosen]
  }

  /// Of one map: the share of the weight at the character itself and the two before it, and among how many places the
  /// weight is spread, e to the entropy. The mean over all characters but the first five, which cannot look far.
  private static func measures(_ map: Tensor) -> (near: Double, places: Double) {
    let rows = 5..<map.shape[0]
    var (near, places) = (0.0, 0.0)
    for t in rows {
      let weights = (0...t).map { Double(map[t, $0]) }
      near += weights[(t - 2)...].reduce(0, +)
      places += exp(weights.reduce(0.0) { $1 > 0 ? $0 - $1 * log($1) : $0 })
    }
    return (near / Double(rows.count), places / Double(rows.count))
  }

  /// The most probable next characters, the likeliest first.
  private func next(_ model: GPT, _ tokenizer: CharacterTokenizer) -> [(name: String, probability: Double)] {
    let logits = withoutGradients { model(IntTensor(ids, shape: [1, ids.count])) }.value
    let last = logits.selected(0, axis: 0).sliced(ids.count - 1..<ids.count, axis: 0)
    let probabilities = last.softmax().scalars
    return probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }.prefix(8).map { id in
      let character = tokenizer.vocabulary[id]
      let names: [Unicode.Scalar: String] = [
        " ": "space", "\n": "new line", CharacterTokenizer.replacement: "unknown",
      ]
      return (names[character] ?? String(character), Double(probabilities[id]))
    }
  }

  func table(_ model: GPT, _ tokenizer: CharacterTokenizer) -> Table {
    var table = Table("What comes after “\(tokenizer.decode(ids))”", columns: ["character", "probability"])
    for (name, probability) in next(model, tokenizer) { table.add(name, percent(probability)) }
    return table
  }

  /// The head's map, and beside it the next characters.
  func picture(_ model: GPT, _ tokenizer: CharacterTokenizer) -> Canvas {
    let map = heatMap(
      maps[block].selected(head, axis: 0), rowLabels: labels, columnLabels: labels,
      rowTitle: "after this character", columnTitle: "looks at",
      title: "Block \(block + 1), head \(head + 1)",
      subtitle: "Each row sums to 1; a dot stands for a space.", quantity: "weight", range: 0...1)
    var chart = BarChart(
      title: "What comes next", quantity: "probability in %",
      bars: next(model, tokenizer).map { ($0.name, ($0.probability * 1_000).rounded() / 10) })
    chart.width = 360
    let bars = chart.canvas()
    var sheet = Canvas(width: map.width + bars.width, height: max(map.height, bars.height))
    sheet.draw(map, x: 0, y: 0)
    sheet.draw(bars, x: map.width, y: 0)
    return sheet
  }
}
