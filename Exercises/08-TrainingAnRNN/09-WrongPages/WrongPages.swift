// 8.9  Find the fault: a memory of other pages                     (the book: chapter 8, section 8.8)
//
// Somebody trains a language model by truncated back-propagation: a long text in streams side by side, four steps at a time,
// and the state that one batch ends with is what the next begins with. It compiles, it runs, and the loss falls. But it stays
// twice as high as it should, and carrying the state brings nothing: with a state of zeros for each batch it is no worse.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 8.9
//
//     text       a long text as numbers from 0 to symbols − 1        streams    how many rows are read side by side
//     steps      how many columns a batch has                        epochs     how often the text is read
//
// The text is in one of two moods for a page at a time, and the first letter of each page says which; all that follows on the
// page depends on it:
//
//     0 2 3 2 3 2 3 …  1 2 4 2 4 2 4 …
//
// Whoever begins in the middle of a page, with 2, and does not know its mood, must guess what comes next. For example, with four
// steps a batch and a guess once in each, the loss is at least ln 2 / 4 = 0.173.
//
// Mend as little as you can. The text, the streams and the rate come from the check and stay as they are.

import Engine
import Practice

/// An LSTM that says after each letter what may come next.
private final class Writer: Module {
  let embedding: Embedding
  let rnn = LSTM(inputSize: 8, hiddenSize: 16, batchFirst: true)
  let output: Linear

  init(symbols: Int) {
    embedding = Embedding(count: symbols, dimension: 8)
    output = Linear(inFeatures: 16, outFeatures: symbols)
  }
}

/// Trains a writer: the loss of every step.
func trainWriter(
  _ text: [Int], symbols: Int, streams: Int, steps: Int, epochs: Int, learningRate: Double
) throws -> [Float] {
  let writer = withRandomSource(RandomSource(seed: 89)) { Writer(symbols: symbols) }
  let optimizer = Adam(writer.parameters, learningRate: learningRate)
  let pages = TextStreams(text, streams: streams)
  let batches = pages.batches(steps: steps)
  var losses: [Float] = []
  for epoch in 1...epochs {
    var state: (hidden: Variable, cell: Variable)?
    // BEGIN SOLUTION
    let order = Batches(of: batches.count, batchSize: 1, epoch: epoch).order
    // INSTEAD
    // let order = Batches(of: batches.count, batchSize: 1, shuffledBy: 89, epoch: epoch).order
    // END SOLUTION
    for place in order {
      let (inputs, targets) = pages[batches[place]]
      let (outputs, hidden, cell) = writer.rnn(writer.embedding(inputs), initial: state)
      // Numbers without a history: gradients stay within the batch, memory does not.
      state = (hidden.detached(), cell.detached())
      let scores = writer.output(outputs).reshaped([targets.count, symbols])
      let loss = crossEntropy(scores, IntTensor(targets.scalars))
      optimizer.clearGradients()
      loss.backward()
      optimizer.step()
      losses.append(loss.scalar)
    }
  }
  return losses
}
