// 10.12  Find the fault: as good as a tossed coin                  (the book: chapter 10, section 10.5)
//
// Each text has eight words, among them word 1 once and word 2 once. The label says whether 1 comes before 2. One layer of
// attention should learn that in a moment, but the loss stays where a coin leaves it, at ln 2 = 0.69.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 10.12
//
//     texts      lists of eight words, which are numbers from 1 to 9
//     labels     1 where word 1 comes before word 2, else 0
//     batches    which texts each step sees
//     unseen     other texts
//
// For example, 5 1 9 9 2 4 7 3 has the label 1, and 5 2 9 9 1 4 7 3 the label 0. Both have the same words, and attention without
// positions mixes the same values for both: nothing but the positions can tell them apart.
//
// Mend as little as you can. The data, the sizes, the seed and the rate stay as they are.

import Engine
import Practice

final class OrderReader: Module {
  let tokens = Embedding(count: 10, dimension: 16)
  /// A vector for each of up to 32 places.
  let positions = Embedding(count: 32, dimension: 16)
  let attention = MultiHeadAttention(dimension: 16, heads: 2)
  let linear = Linear(inFeatures: 16, outFeatures: 32)
  let output = Linear(inFeatures: 32, outFeatures: 2)

  /// Words `[N, T]` give scores `[N, 2]`.
  ///
  /// - Parameter places: Where each word stands, `[N, T]`.
  func callAsFunction(_ words: IntTensor, places: IntTensor) -> Variable {
    let x = tokens(words) + positions(places)
    let y = x + attention(x)
    return output(relu(linear(y))).mean(axis: 1)
  }
}

/// Trains a reader: the loss of every step, and its labels for unseen texts.
func trainReader(
  _ texts: [[Int]], labels: [Int], batches: [[Int]], unseen: [[Int]]
) throws -> (losses: [Float], labels: [Int]) {
  let reader = withRandomSource(RandomSource(seed: 1012)) { OrderReader() }
  let optimizer = Adam(reader.parameters, learningRate: 0.01)

  func scores(_ texts: [[Int]]) -> Variable {
    let (count, length) = (texts.count, texts[0].count)
    let words = IntTensor(texts.flatMap { $0 }, shape: [count, length])
    // The numbers of all texts lie one behind the other, so each has a place from 0 to count · length − 1.
    // BEGIN SOLUTION
    let places = IntTensor((0..<count * length).map { $0 % length }, shape: [count, length])
    // INSTEAD
    // let places = IntTensor((0..<count * length).map { $0 / length }, shape: [count, length])
    // END SOLUTION
    return reader(words, places: places)
  }

  var losses: [Float] = []
  for batch in batches {
    let loss = crossEntropy(scores(batch.map { texts[$0] }), IntTensor(batch.map { labels[$0] }))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }

  let batchSize = batches[0].count
  let guesses = stride(from: 0, to: unseen.count, by: batchSize).flatMap { start in
    let part = Array(unseen[start..<min(start + batchSize, unseen.count)])
    return withoutGradients { scores(part) }.value.argmax().scalars
  }
  return (losses, guesses)
}
