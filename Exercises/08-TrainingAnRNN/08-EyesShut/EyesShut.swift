// 8.8  Find the fault: read with eyes shut                         (the book: chapter 8, section 8.4)
//
// Somebody has written a network that puts a tag on every word of a text: 1 if word 2 was the last of the words 2 and 3 to
// come by, else 0. It reads padded batches with an LSTM, and a mask keeps the padding out of the loss. It compiles, it runs,
// and the loss falls to next to nothing within an epoch. Then somebody looked at the tags of new texts, and half of them are
// wrong.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 8.8
//
//     texts      lists of words, from 2 to 7 words long       words are numbers from 1 to 9; 0 is padding
//     tags       a list for each text, as long as the text
//     batches    which texts each step sees
//     unseen     other texts
//
// The loss is the mean over real words, as section 8.4 has it:
//
//     L = Σ_{n,t} m_{n,t} L_{n,t} / Σ_{n,t} m_{n,t}        m = 1 for a word, 0 for padding
//
// For example, texts of 1 and 3 words with the losses 0.7 · · and 0.7 0.1 0.1 give L = 1.6/4 = 0.4. What would a network have to
// know to make the losses at padding small?
//
// Mend as little as you can. The data, the batches and the rate come from the check and stay as they are.

import Engine
import Practice

/// Two numbers for every word of a batch.
private final class Tagger: Module {
  let embedding = Embedding(count: 10, dimension: 8)
  let rnn = LSTM(inputSize: 8, hiddenSize: 16, batchFirst: true)
  let output = Linear(inFeatures: 16, outFeatures: 2)

  /// Words `[N, T]` give scores `[N, T, 2]`.
  func callAsFunction(_ words: IntTensor) -> Variable { output(rnn(embedding(words)).output) }
}

/// Trains a tagger: the loss of every step, and the tags that it then gives to texts that it never saw.
func trainTagger(
  _ texts: [[Int]], tags: [[Int]], batches: [[Int]], learningRate: Double, unseen: [[Int]]
) throws -> (losses: [Float], tags: [[Int]]) {
  let tagger = withRandomSource(RandomSource(seed: 88)) { Tagger() }
  let optimizer = Adam(tagger.parameters, learningRate: learningRate)
  var losses: [Float] = []
  for batch in batches {
    let words = PaddedSequences(batch.map { texts[$0] })
    let targets = PaddedSequences(batch.map { tags[$0] }).ids
    let scores = tagger(words.ids).reshaped([targets.count, 2])
    let each = crossEntropy(scores, IntTensor(targets.scalars), reduction: .none)
    // BEGIN SOLUTION
    let mask = Tensor(words.mask.scalars.map { $0 ? 1 : 0 })
    // INSTEAD
    // let mask = Tensor(words.mask.scalars.map { $0 ? 0 : 1 })
    // END SOLUTION
    let loss = (each * Variable(mask)).sum() / Variable(Tensor(mask.sum()))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }
  let guesses = unseen.map { text in
    withoutGradients { tagger(IntTensor(text, shape: [1, text.count])) }.value.argmax().scalars
  }
  return (losses, guesses)
}
