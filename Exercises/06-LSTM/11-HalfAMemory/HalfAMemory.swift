// 6.11  Find the fault: half a memory                             (the book: chapter 6, section 6.6)
//
// An LSTM learns the embedded Reber grammar from whole strings, and learns it well: the loss comes to rest where the
// grammar leaves it. Then it is to read along with a typist: it gets one symbol at a time, keeps what it knows, and says
// after each symbol what may come next. Now it is wrong far more often than its loss allows.
//
// Find the fault, and mend it. Training is in order; leave it as it is.
//
//     strings    strings to learn from, as numbers: B T P S X V E are 0 to 6
//     unseen     other strings
//     losses     the loss of each step
//     scores     for each unseen string, the scores after each of its symbols but the last, [T, 7]

import Engine
import Practice

final class Reader: Module {
  let lstm = LSTM(inputSize: 7, hiddenSize: 12)
  let fc = Linear(inFeatures: 12, outFeatures: 7)

  func callAsFunction(_ x: Variable) -> Variable { fc(lstm(x).output) }
}

/// Trains on whole strings; then reads each unseen one symbol by symbol.
func readAlong(_ strings: [[Int]], unseen: [[Int]]) throws -> (losses: [Float], scores: [Tensor]) {
  let network = withRandomSource(RandomSource(seed: 6)) { Reader() }
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
      for (t, symbol) in string.enumerated() {
        if t < string.count - 1 { inputs[t, n, symbol] = 1 }
        if t > 0 { targets[(t - 1) * batchSize + n] = symbol }
      }
    }
    let logits = network(Variable(inputs)).reshaped([length * batchSize, 7])
    let loss = crossEntropy(logits, IntTensor(targets), ignoring: -1)
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }

  var scores: [Tensor] = []
  for string in unseen {
    let nothing = Variable(Tensor.zeros([1, 1, 12]))
    var memory = (hidden: nothing, cell: nothing)
    var rows: [Tensor] = []
    for symbol in string.dropLast() {
      var input = Tensor.zeros([1, 1, 7])
      input[0, 0, symbol] = 1
      withoutGradients {
        let step = network.lstm(Variable(input), initial: memory)
        // BEGIN SOLUTION
        memory = (step.hidden, step.cell)
        // INSTEAD
        // memory.hidden = step.hidden
        // END SOLUTION
        rows.append(network.fc(step.output).value.reshaped([1, 7]))
      }
    }
    scores.append(Tensor(rows.flatMap(\.scalars), shape: [rows.count, 7]))
  }
  return (losses, scores)
}
