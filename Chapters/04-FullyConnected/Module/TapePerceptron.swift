import Engine

extension MultilayerPerceptron<Double> {
  /// The same loss and the same gradients as `lossAndGradients`, but nobody wrote the way back: every multiplication
  /// and addition goes onto a tape, number by number.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`
  ///   - t: The right classes, `N` of them.
  /// - Returns: Also how many steps the tape has.
  /// - Book: section 4.6.
  public func lossAndGradientsByTape(_ x: Matrix<Double>, _ t: [Int])
    -> (loss: Double, gradients: [Layer], steps: Int)
  {
    let tape = Tape()
    let weights = layers.map { $0.weight.scalars.map { tape.input($0) } }
    let biases = layers.map { $0.bias.map { tape.input($0) } }

    var total = tape.input(0)
    for n in 0..<x.rows {
      var numbers = (0..<x.columns).map { tape.input(x[n, $0]) }
      for k in layers.indices {
        var results: [Number] = []
        for o in biases[k].indices {
          var sum = biases[k][o]
          for i in numbers.indices { sum = sum + weights[k][o * numbers.count + i] * numbers[i] }
          results.append(k + 1 < layers.count ? apply(activation, sum) : sum)
        }
        numbers = results
      }
      total = total + crossEntropy(numbers, t[n])
    }
    let loss = 1 / Double(x.rows) * total

    tape.backward(from: loss)
    var gradients = layers
    for k in layers.indices {
      gradients[k].weight.scalars = weights[k].map(\.gradient)
      gradients[k].bias = biases[k].map(\.gradient)
    }
    return (loss.value, gradients, tape.steps.count)
  }

  /// `ln Σₖ exp(xₖ − m) − (xₜ − m)` for one example, `m` the largest score: a plain number, since it cancels.
  private func crossEntropy(_ scores: [Number], _ t: Int) -> Number {
    let tape = scores[0].tape
    let largest = tape.input(scores.map(\.value).max()!)
    let sum = scores.dropFirst().reduce(exp(scores[0] - largest)) { $0 + exp($1 - largest) }
    return log(sum) - (scores[t] - largest)
  }
}

private func apply(_ activation: Activation, _ x: Number) -> Number {
  switch activation {
  case .relu: relu(x)
  case .sigmoid: sigmoid(x)
  case .tanh: tanh(x)
  }
}
