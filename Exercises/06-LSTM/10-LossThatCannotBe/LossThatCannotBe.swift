// 6.10  Find the fault: a loss that cannot be                     (the book: chapter 6, section 6.6)
//
// An LSTM learns the embedded Reber grammar: it reads a string symbol by symbol and should say what comes next. The loss
// falls to nearly nothing. That cannot be: at half of the places nobody can know the next symbol. And when the network
// is asked, it is nearly always wrong.
//
// Find the fault, and mend it. Leave the sizes, the seed and the number of steps as they are.
//
//     strings    strings to learn from, as numbers: B T P S X V E are 0 to 6
//     unseen     other strings
//     losses     the loss of each step
//     scores     for each unseen string, the scores after each of its symbols but the last, [T, 7]

import Engine
import Practice

final class NextSymbol: Module {
  let lstm = LSTM(inputSize: 7, hiddenSize: 12)
  let fc = Linear(inFeatures: 12, outFeatures: 7)

  func callAsFunction(_ x: Variable) -> Variable { fc(lstm(x).output) }
}

/// Trains on batches of strings; then lets the network read the unseen ones.
func learnGrammar(_ strings: [[Int]], unseen: [[Int]]) throws -> (losses: [Float], scores: [Tensor]) {
  let network = withRandomSource(RandomSource(seed: 6)) { NextSymbol() }
  let optimizer = Adam(network.parameters, learningRate: 0.02)
  let batchSize = 16
  var losses: [Float] = []
  for step in 0..<120 {
    let batch = (0..<batchSize).map { strings[(step * batchSize + $0) % strings.count] }
    // Shorter strings are filled up: their inputs with zeros, their targets with −1, which the loss leaves out.
    let length = batch.map(\.count).max()! - 1
    var inputs = Tensor.zeros([length, batchSize, 7])
    var targets = [Int](repeating: -1, count: length * batchSize)
    for (n, string) in batch.enumerated() {
      for t in 0..<string.count - 1 {
        inputs[t, n, string[t]] = 1
        // BEGIN SOLUTION
        targets[t * batchSize + n] = string[t + 1]
        // INSTEAD
        // targets[t * batchSize + n] = string[t]
        // END SOLUTION
      }
    }
    let logits = network(Variable(inputs)).reshaped([length * batchSize, 7])
    let loss = crossEntropy(logits, IntTensor(targets), ignoring: -1)
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }

  let scores = unseen.map { string in
    var inputs = Tensor.zeros([string.count - 1, 1, 7])
    for t in 0..<string.count - 1 { inputs[t, 0, string[t]] = 1 }
    return withoutGradients { network(Variable(inputs)) }.value.reshaped([string.count - 1, 7])
  }
  return (losses, scores)
}
