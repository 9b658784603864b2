import Engine

// What the exercises that read the embedded Reber grammar are judged by.

/// The share of places where the possible next symbols are the most active.
func share(_ scores: [Tensor], _ strings: [GrammarString]) -> Double {
  guard scores.count == strings.count else { return 0 }
  var (right, all) = (0, 0)
  for (table, string) in zip(scores, strings) {
    guard table.shape == [string.next.count, 7] else { return 0 }
    for t in string.next.indices {
      all += 1
      right += areMostActive(string.next[t], in: (0..<7).map { Double(table[t, $0]) }) ? 1 : 0
    }
  }
  return Double(right) / Double(all)
}

/// Trains a reader of strings for 120 steps, and gives the loss of each.
///
/// - Parameters:
///   - target: How far ahead the symbol stands that is to be told.
///   - scores: Of inputs `[T, N, 7]`, for each place and symbol.
func grammarLosses(
  _ parameters: [Parameter], _ strings: [[Int]], target: Int = 1, learningRate: Double = 0.02,
  scores: (Variable) -> Variable
) -> [Float] {
  let optimizer = Adam(parameters, learningRate: learningRate)
  return (0..<120).map { step in
    let batch = (0..<16).map { strings[(step * 16 + $0) % strings.count] }
    let length = batch.map(\.count).max()! - 1
    var inputs = Tensor.zeros([length, 16, 7])
    var targets = [Int](repeating: -1, count: length * 16)
    for (n, string) in batch.enumerated() {
      for t in 0..<string.count - 1 {
        inputs[t, n, string[t]] = 1
        let place = t + target
        if string.indices.contains(place) { targets[t * 16 + n] = string[place] }
      }
    }
    let logits = scores(Variable(inputs)).reshaped([length * 16, 7])
    let loss = crossEntropy(logits, IntTensor(targets), ignoring: -1)
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    return loss.scalar
  }
}
