// 6.11  Find the fault: lost on the way                            (the book: chapter 6, section 6.5)
//
// An LSTM reads 60 symbols and is asked at the end which one was the first. Its forget gates should begin open, with a
// bias of 3, so that what was read first is still there at the end. The program says so. But the loss stays where guessing
// leaves it, as if nothing were kept.
//
// Find the fault, and mend it. Leave the sizes, the seed, the learning rate and the number of steps as they are.
//
//     sequences    symbols from 0 to 3, 60 each        unseen    others
//     losses       the loss of each step
//     answers      the first symbol of each unseen sequence, as the network remembers it
//     biases       the bias with which each forget gate began: b_ih + b_hh

import Engine
import Practice

final class Rememberer: Module {
  let lstm = LSTM(inputSize: 4, hiddenSize: 16)
  let fc = Linear(inFeatures: 16, outFeatures: 4)

  func callAsFunction(_ x: Variable) -> Variable {
    let hidden = lstm(x).hidden
    return fc(hidden.reshaped(Array(hidden.shape.dropFirst())))
  }
}

/// Trains on batches of sequences; then asks for the first symbols of the unseen ones.
func rememberFirst(_ sequences: [[Int]], unseen: [[Int]]) throws -> (
  losses: [Float], answers: [Int], biases: [Float]
) {
  let network = withRandomSource(RandomSource(seed: 7)) { Rememberer() }
  let (size, place) = (16, network.lstm.directions[0][0])
  guard let inputBias = place.inputBias as? Parameter, let hiddenBias = place.hiddenBias as? Parameter else {
    fatalError("the layer has no biases")
  }
  // The forget gates begin open.
  // BEGIN SOLUTION
  for unit in size..<2 * size {
    inputBias.value[unit] = 3
    hiddenBias.value[unit] = 0
  }
  // INSTEAD
  // for unit in 0..<size {
  //   inputBias.value[unit] = 3
  // }
  // END SOLUTION
  let biases = (size..<2 * size).map { inputBias.value[$0] + hiddenBias.value[$0] }

  func batch(_ some: [[Int]]) -> Variable {
    var x = Tensor.zeros([some[0].count, some.count, 4])
    for (n, sequence) in some.enumerated() {
      for (t, symbol) in sequence.enumerated() { x[t, n, symbol] = 1 }
    }
    return Variable(x)
  }
  let optimizer = Adam(network.parameters, learningRate: 0.01)
  var losses: [Float] = []
  for step in 0..<100 {
    let some = (0..<16).map { sequences[(step * 16 + $0) % sequences.count] }
    let loss = crossEntropy(network(batch(some)), IntTensor(some.map { $0[0] }))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }
  let answers = withoutGradients { network(batch(unseen)) }.value.argmax().scalars
  return (losses, answers, biases)
}
