import Foundation
import Practice

/// The network of the exercise, word by word as its definitions read, and in every way in which it may be wrong: what
/// checks compare with, and what known mistakes are made of. Far too slow to train.
struct OwnRNN: Sendable {
  /// Where the blocks of i, f, g and o begin, in multiples of H.
  var blocks = (i: 0, f: 1, g: 2, o: 3)
  var candidateIsTanh = true
  var outputIsTanh = true
  var keepsOld = true
  /// Whether each text is judged after its own last word; if not, word 0 fills it up to the longest of its batch.
  var stopsAtLastWord = true
  var beginsWithZeros = true
  var goesBack = true
  var carriesCellGradient = true
  var addsRepeatedWords = true
  var recurrentGradient = true
  var dividesGradient = true
  var dividesLoss = true
  var isStable = true
  var rateFalls = true
  var restartsSteps = false
  var correctsMeans = true
  var readsPlaces = true
  var givesOldWeights = false

  var answer: YourOwnRNNExercise.Answer {
    let network = self
    return YourOwnRNNExercise.Answer(
      scores: { network.scores($0, $1) }, loss: { network.loss($0, $1, $2) },
      train: { network.train($0, $1, $2, $3, $4) })
  }
}

/// A matrix or a vector in Double.
private struct Numbers {
  var scalars: [Double]
  let columns: Int

  init(_ tensor: Tensor) {
    scalars = tensor.scalars.map(Double.init)
    columns = tensor.shape.count == 2 ? tensor.shape[1] : 1
  }

  subscript(row: Int, column: Int) -> Double {
    get { scalars[row * columns + column] }
    set { scalars[row * columns + column] = newValue }
  }

  subscript(row: Int) -> Double {
    get { scalars[row] }
    set { scalars[row] = newValue }
  }
}

extension OwnRNN {
  /// One step of one text.
  private struct Step {
    var word = 0
    var h, c, i, f, g, o, after: [Double]
  }

  private func sigma(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private func read(_ text: [Int], _ w: [Numbers], from state: ([Double], [Double])) -> [Step] {
    let size = w[2].columns
    var (h, c) = state
    return text.map { word in
      func sum(_ block: Int, _ j: Int) -> Double {
        let row = block * size + j
        let fromWord = (0..<w[0].columns).reduce(w[3][row]) { $0 + w[1][row, $1] * w[0][word, $1] }
        return (0..<size).reduce(fromWord) { $0 + w[2][row, $1] * h[$1] }
      }
      let units = 0..<size
      var step = Step(
        word: word, h: h, c: c, i: units.map { sigma(sum(blocks.i, $0)) },
        f: units.map { sigma(sum(blocks.f, $0)) },
        g: units.map { candidateIsTanh ? tanh(sum(blocks.g, $0)) : sigma(sum(blocks.g, $0)) },
        o: units.map { sigma(sum(blocks.o, $0)) }, after: [])
      step.after = units.map { (keepsOld ? step.f[$0] * c[$0] : 0) + step.i[$0] * step.g[$0] }
      c = step.after
      h = units.map { step.o[$0] * (outputIsTanh ? tanh(c[$0]) : c[$0]) }
      return step
    }
  }

  private func output(_ steps: [Step]) -> [Double] {
    let last = steps[steps.count - 1]
    return last.after.indices.map { last.o[$0] * (outputIsTanh ? tanh(last.after[$0]) : last.after[$0]) }
  }

  private func readings(_ texts: [[Int]], _ w: [Numbers]) -> [[Step]] {
    let longest = texts.map(\.count).max() ?? 0
    let zeros = [Double](repeating: 0, count: w[2].columns)
    var state = (zeros, zeros)
    return texts.map { text in
      let padding = stopsAtLastWord ? 0 : longest - text.count
      let steps = read(text + [Int](repeating: 0, count: padding), w, from: state)
      if !beginsWithZeros { state = (output(steps), steps[steps.count - 1].after) }
      return steps
    }
  }

  private func scores(_ h: [Double], _ w: [Numbers]) -> [Double] {
    w[5].scalars.indices.map { c in h.indices.reduce(w[5][c]) { $0 + w[4][c, $1] * h[$1] } }
  }

  func scores(_ texts: [[Int]], _ weights: [Tensor]) -> Tensor {
    let w = weights.map { Numbers($0) }
    let all = readings(texts, w).map { scores(output($0), w) }
    return Tensor(all.joined().map { Float($0) }, shape: [texts.count, weights[5].shape[0]])
  }

  func loss(_ texts: [[Int]], _ targets: [Int], _ weights: [Tensor]) -> (Float, [Tensor]) {
    let w = weights.map { Numbers($0) }
    var d = weights.map { Numbers(Tensor.zeros($0.shape)) }
    var loss = 0.0
    for (steps, target) in zip(readings(texts, w), targets) {
      let h = output(steps)
      let scores = scores(h, w)
      let shift = isStable ? scores.max()! : 0
      let powers = scores.map { isStable ? exp($0 - shift) : Double(exp(Float($0))) }
      let sum = powers.reduce(0, +)
      loss += log(sum) + shift - scores[target]
      var dh = h.map { _ in 0.0 }
      for c in scores.indices {
        let slope =
          (powers[c] / sum - (c == target ? 1 : 0)) / (dividesGradient ? Double(targets.count) : 1)
        d[5][c] += slope
        for j in h.indices {
          d[4][c, j] += slope * h[j]
          dh[j] += slope * w[4][c, j]
        }
      }
      back(steps, dh, w, &d)
    }
    return (
      Float(dividesLoss ? loss / Double(targets.count) : loss),
      zip(d, weights).map { Tensor($0.scalars.map { Float($0) }, shape: $1.shape) }
    )
  }

  private func back(_ steps: [Step], _ last: [Double], _ w: [Numbers], _ d: inout [Numbers]) {
    let size = last.count
    var (dh, dc) = (last, last.map { _ in 0.0 })
    for step in (goesBack ? steps : Array(steps.suffix(1))).reversed() {
      var (before, cell) = (dh.map { _ in 0.0 }, dh.map { _ in 0.0 })
      var dx = [Double](repeating: 0, count: w[0].columns)
      for j in 0..<size {
        let squashed = outputIsTanh ? tanh(step.after[j]) : step.after[j]
        let slope = outputIsTanh ? 1 - squashed * squashed : 1
        let dcell = (carriesCellGradient ? dc[j] : 0) + dh[j] * step.o[j] * slope
        let g = step.g[j]
        let parts = [
          (blocks.i, dcell * g * step.i[j] * (1 - step.i[j])),
          (blocks.f, keepsOld ? dcell * step.c[j] * step.f[j] * (1 - step.f[j]) : 0),
          (blocks.g, dcell * step.i[j] * (candidateIsTanh ? 1 - g * g : g * (1 - g))),
          (blocks.o, dh[j] * squashed * step.o[j] * (1 - step.o[j])),
        ]
        for (block, da) in parts {
          let row = block * size + j
          d[3][row] += da
          for k in 0..<w[0].columns {
            d[1][row, k] += da * w[0][step.word, k]
            dx[k] += da * w[1][row, k]
          }
          for k in 0..<size {
            if recurrentGradient { d[2][row, k] += da * step.h[k] }
            before[k] += da * w[2][row, k]
          }
        }
        cell[j] = keepsOld ? dcell * step.f[j] : 0
      }
      for k in dx.indices {
        d[0][step.word, k] = addsRepeatedWords ? d[0][step.word, k] + dx[k] : dx[k]
      }
      (dh, dc) = (before, cell)
    }
  }

  func train(
    _ texts: [[Int]], _ targets: [Int], _ epochs: [[[Int]]], _ weights: [Tensor], _ learningRate: Float
  ) -> ([[Tensor]], [Float]) {
    let steps = epochs.reduce(0) { $0 + $1.count }
    var now = weights.map { $0.scalars.map(Double.init) }
    var (means, squares) = (now.map { $0.map { _ in 0.0 } }, now.map { $0.map { _ in 0.0 } })
    var (after, losses): ([[Tensor]], [Float]) = ([], [])
    func tensors() -> [Tensor] { zip(now, weights).map { Tensor($0.map { Float($0) }, shape: $1.shape) } }
    for epoch in epochs {
      let before = tensors()
      for (index, batch) in epoch.enumerated() {
        let places = readsPlaces ? batch : Array(batch.indices)
        let (loss, gradients) = loss(places.map { texts[$0] }, places.map { targets[$0] }, tensors())
        losses.append(loss)
        let t = Double(restartsSteps ? index + 1 : losses.count)
        let rate = Double(learningRate) * (rateFalls ? 1 - Double(losses.count - 1) / Double(steps) : 1)
        let corrections = correctsMeans ? (1 - pow(0.9, t), 1 - pow(0.999, t)) : (1, 1)
        for (i, gradient) in gradients.enumerated() {
          for (place, g) in gradient.scalars.map(Double.init).enumerated() {
            means[i][place] = 0.9 * means[i][place] + 0.1 * g
            squares[i][place] = 0.999 * squares[i][place] + 0.001 * g * g
            let square = squares[i][place] / corrections.1
            let root = square.squareRoot() + 1e-8
            now[i][place] -= rate * (means[i][place] / corrections.0) / root
          }
        }
      }
      after.append(givesOldWeights ? before : tensors())
    }
    return (after, losses)
  }
}
