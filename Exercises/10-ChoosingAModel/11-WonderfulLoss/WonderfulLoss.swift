// 10.11  Find the fault: a wonderful loss                          (the book: chapter 10, section 10.3)
//
// A block of attention learns to write. Its text is made of eight words, each as likely as the others wherever a word begins,
// so nobody can guess more than their later letters. The loss falls to nearly nothing, also on text that it never saw. Then
// it writes, and what it writes is rubbish.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 10.11
//
//     text      what it learns from, as numbers: 0 is the space, 1 to 26 are the letters
//     starts    where in the text the windows of each step begin
//     unseen    more text of the same kind
//     count     how many symbols it writes
//
// For example, a window that begins with "key mask" gives the inputs k e y _ m a s and the targets e y _ m a s k. After the
// space, any of eight letters may come: at that place no loss can be much less than ln 8 = 2.08.
//
// Mend as little as you can. Sizes, seeds, rate and number of steps stay as they are.

import Engine
import Practice

final class SmallWriter: Module {
  let tokens = Embedding(count: 27, dimension: 24)
  let positions = LearnedPositions(dimension: 24, maxLength: 24)
  let norm1 = LayerNorm(24)
  let attention = MultiHeadAttention(dimension: 24, heads: 2)
  let norm2 = LayerNorm(24)
  let linear1 = Linear(inFeatures: 24, outFeatures: 64)
  let linear2 = Linear(inFeatures: 64, outFeatures: 24)
  let head = Linear(inFeatures: 24, outFeatures: 27)

  /// Symbols `[N, T]` give scores `[N, T, 27]`: at place t, for the symbol at t + 1.
  func callAsFunction(_ ids: IntTensor, mask: MaskTensor) -> Variable {
    let x = positions(tokens(ids))
    let y = x + attention(norm1(x), mask: mask)
    return head(y + linear2(relu(linear1(norm2(y)))))
  }
}

/// Who may look at whom, `[T, T]`: true where step t may look at step s.
private func whoSeesWhom(_ steps: Int) -> MaskTensor {
  // BEGIN SOLUTION
  MaskTensor((0..<steps).flatMap { t in (0..<steps).map { s in s <= t } }, shape: [steps, steps])
  // INSTEAD
  // MaskTensor((0..<steps).flatMap { t in (0..<steps).map { s in s <= t + 1 } }, shape: [steps, steps])
  // END SOLUTION
}

/// Trains, measures the loss on unseen text, and writes.
func trainWriter(
  _ text: [Int], starts: [[Int]], unseen: [Int], count: Int
) throws -> (losses: [Float], unseenLoss: Float, written: [Int]) {
  let steps = 24
  let writer = withRandomSource(RandomSource(seed: 1011)) { SmallWriter() }
  let optimizer = Adam(writer.parameters, learningRate: 0.01)

  func loss(_ text: [Int], _ starts: [Int]) -> Variable {
    let inputs = IntTensor(starts.flatMap { text[$0..<$0 + steps] }, shape: [starts.count, steps])
    let targets = IntTensor(starts.flatMap { text[$0 + 1...$0 + steps] })
    let scores = writer(inputs, mask: whoSeesWhom(steps))
    return crossEntropy(scores.reshaped([starts.count * steps, 27]), targets)
  }

  var losses: [Float] = []
  for starts in starts {
    let loss = loss(text, starts)
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }

  let windows = Array(stride(from: 0, to: unseen.count - steps, by: steps))
  let unseenLoss = withoutGradients { loss(unseen, windows) }.scalar

  var written = [0]
  var chance = RandomStream(seed: 1012)
  while written.count <= count {
    let last = Array(written.suffix(steps))
    let scores = withoutGradients {
      writer(IntTensor(last, shape: [1, last.count]), mask: whoSeesWhom(last.count))
    }
    let next = scores.value.reshaped([last.count, 27]).row(last.count - 1)
    written.append(Sampler(temperature: 0.7).choose(from: next, with: &chance).scalars[0])
  }
  return (losses, unseenLoss, written)
}
