import Foundation
import Tensors

/// Today's LSTM on symbols, with a linear layer, softmax and cross-entropy: trained by plain gradient descent, one
/// string after the other, with the whole gradient.
///
/// It computes what `lstmForward` and `lstmBackward` compute, with one bias vector instead of two, and with its numbers
/// in an order that is fast for one string at a time.
///
/// - PyTorch: `torch.nn.LSTM` on one-hot inputs, `torch.nn.Linear`, `cross_entropy(…, reduction="sum")` and `SGD`.
/// - Book: section 6.5.
public struct SymbolLSTM: SymbolNetwork {
  public let symbols, hiddenSize: Int

  // A row of weights for each source: the symbols, the hidden units of the step before, the bias.

  /// To the sums of the four parts, `[symbols + H + 1, 4·H]`: input gates, forget gates, candidates, output gates.
  public internal(set) var gateWeights: [Double]
  /// From the hidden state to the scores, `[H + 1, symbols]`; the last row are the biases.
  public internal(set) var outputWeights: [Double]

  // What each step of a string computed, one after the other.
  private var parts: [Double] = []
  private var cells: [Double] = []
  private var shown: [Double] = []
  private var hidden: [Double] = []
  private var scoreGradients: [Double] = []
  private var scores: [Double]
  private var gateGradients: [Double]
  private var outputGradients: [Double]

  /// First weights even between ±1/√H, as PyTorch's.
  ///
  /// - Parameter forgetBias: What the forget gates' biases begin with; nil leaves them at random.
  public init(symbols: Int, hiddenSize: Int, forgetBias: Double? = nil, from stream: inout RandomStream) {
    (self.symbols, self.hiddenSize) = (symbols, hiddenSize)
    let limit = 1 / Float(hiddenSize).squareRoot()
    func draw() -> Double { Double(stream.uniform(-limit..<limit)) }
    gateWeights = (0..<(symbols + hiddenSize + 1) * 4 * hiddenSize).map { _ in draw() }
    outputWeights = (0..<(hiddenSize + 1) * symbols).map { _ in draw() }
    scores = Array(repeating: 0, count: symbols)
    gateGradients = Array(repeating: 0, count: gateWeights.count)
    outputGradients = Array(repeating: 0, count: outputWeights.count)
    if let forgetBias {
      let start = (symbols + hiddenSize) * 4 * hiddenSize + hiddenSize
      for unit in 0..<hiddenSize { gateWeights[start + unit] = forgetBias }
    }
  }

  /// The same weights as the chapter's equations take them.
  public var weights: LSTMWeights<Double> {
    let rows = 0..<4 * hiddenSize
    func columns(_ sources: Range<Int>) -> [[Double]] {
      rows.map { row in sources.map { gateWeights[$0 * rows.count + row] } }
    }
    let bias = symbols + hiddenSize
    return LSTMWeights(
      inputHidden: columns(0..<symbols), hiddenHidden: columns(symbols..<bias),
      inputBias: columns(bias..<bias + 1).map { $0[0] }, hiddenBias: rows.map { _ in 0 })
  }

  /// The steps of a string, with all their gates.
  public func steps(_ string: [Int]) -> [LSTMStep<Double>] {
    lstmForward(string.map { oneHot($0, symbols) }, weights)
  }

  public var weightCount: Int { gateWeights.count + outputWeights.count }

  /// Makes place for what the steps of a string compute. Place 0 of the states is that before the first step.
  private mutating func prepare(_ steps: Int) {
    let size = hiddenSize
    func grow(_ x: inout [Double], _ count: Int) {
      if x.count < count { x = Array(repeating: 0, count: count) }
    }
    grow(&parts, steps * 4 * size)
    grow(&cells, (steps + 1) * size)
    grow(&shown, steps * size)
    grow(&hidden, (steps + 1) * size)
    grow(&scoreGradients, steps * symbols)
  }

  /// One step: from the states in place `t` to those in place `t + 1`, and to `scores`.
  private mutating func step(_ t: Int, _ symbol: Int) {
    let (size, width) = (hiddenSize, 4 * hiddenSize)
    let bias = (symbols + size) * width
    for a in 0..<width { parts[t * width + a] = gateWeights[bias + a] + gateWeights[symbol * width + a] }
    for unit in 0..<size {
      let h = hidden[t * size + unit]
      let row = (symbols + unit) * width
      for a in 0..<width { parts[t * width + a] += gateWeights[row + a] * h }
    }
    let at = t * width
    for k in 0..<size {
      let i = 1 / (1 + exp(-parts[at + k]))
      let f = 1 / (1 + exp(-parts[at + size + k]))
      let g = Foundation.tanh(parts[at + 2 * size + k])
      let o = 1 / (1 + exp(-parts[at + 3 * size + k]))
      (parts[at + k], parts[at + size + k]) = (i, f)
      (parts[at + 2 * size + k], parts[at + 3 * size + k]) = (g, o)
      let c = f * cells[t * size + k] + i * g
      cells[(t + 1) * size + k] = c
      shown[t * size + k] = Foundation.tanh(c)
      hidden[(t + 1) * size + k] = o * shown[t * size + k]
    }
    for s in 0..<symbols { scores[s] = outputWeights[size * symbols + s] }
    for k in 0..<size {
      let h = hidden[(t + 1) * size + k]
      for s in 0..<symbols { scores[s] += outputWeights[k * symbols + s] * h }
    }
  }

  public mutating func read(_ string: [Int], judge: (Int, [Double]) -> Bool) -> Bool {
    prepare(string.count)
    for k in 0..<hiddenSize { (cells[k], hidden[k]) = (0, 0) }
    for t in 0..<max(0, string.count - 1) {
      step(t, string[t])
      if !judge(t, scores) { return false }
    }
    return true
  }

  public mutating func learn(_ string: [Int], rate: Double) {
    _ = addGradients(string)
    for i in gateWeights.indices {
      gateWeights[i] -= rate * gateGradients[i]
      gateGradients[i] = 0
    }
    for i in outputWeights.indices {
      outputWeights[i] -= rate * outputGradients[i]
      outputGradients[i] = 0
    }
  }

  /// The summed cross-entropy of a string's next symbols, and its gradients by `gateWeights` and `outputWeights`.
  public func lossAndGradients(_ string: [Int]) -> (loss: Double, gates: [Double], output: [Double]) {
    var copy = self
    let loss = copy.addGradients(string)
    return (loss, copy.gateGradients, copy.outputGradients)
  }

  /// Forward, backward; the gradients are added to `gateGradients` and `outputGradients`.
  private mutating func addGradients(_ string: [Int]) -> Double {
    let (size, width, steps) = (hiddenSize, 4 * hiddenSize, string.count - 1)
    if steps < 1 { return 0 }
    prepare(steps)
    for k in 0..<size { (cells[k], hidden[k]) = (0, 0) }
    var loss = 0.0
    for t in 0..<steps {
      step(t, string[t])
      // Softmax, less 1 at the right symbol.
      let largest = scores.max()!
      var sum = 0.0
      for s in 0..<symbols {
        scores[s] -= largest
        sum += exp(scores[s])
      }
      loss += log(sum) - scores[string[t + 1]]
      for s in 0..<symbols { scoreGradients[t * symbols + s] = exp(scores[s]) / sum }
      scoreGradients[t * symbols + string[t + 1]] -= 1
    }

    var (dh, dc) = ([Double](repeating: 0, count: size), [Double](repeating: 0, count: size))
    var da = [Double](repeating: 0, count: width)
    for t in (0..<steps).reversed() {
      let at = t * width
      for s in 0..<symbols { outputGradients[size * symbols + s] += scoreGradients[t * symbols + s] }
      for k in 0..<size {
        let h = hidden[(t + 1) * size + k]
        for s in 0..<symbols {
          let gradient = scoreGradients[t * symbols + s]
          dh[k] += outputWeights[k * symbols + s] * gradient
          outputGradients[k * symbols + s] += gradient * h
        }
        let (i, f, g, o) = (
          parts[at + k], parts[at + size + k], parts[at + 2 * size + k], parts[at + 3 * size + k]
        )
        let seen = shown[t * size + k]
        let atCell = dc[k] + dh[k] * o * (1 - seen * seen)
        da[k] = atCell * g * i * (1 - i)
        da[size + k] = atCell * cells[t * size + k] * f * (1 - f)
        da[2 * size + k] = atCell * i * (1 - g * g)
        da[3 * size + k] = dh[k] * seen * o * (1 - o)
        dc[k] = atCell * f
        dh[k] = 0
      }
      let (symbolRow, biasRow) = (string[t] * width, (symbols + size) * width)
      for a in 0..<width {
        gateGradients[symbolRow + a] += da[a]
        gateGradients[biasRow + a] += da[a]
      }
      for k in 0..<size {
        let (h, row) = (hidden[t * size + k], (symbols + k) * width)
        var sum = 0.0
        for a in 0..<width {
          gateGradients[row + a] += da[a] * h
          sum += gateWeights[row + a] * da[a]
        }
        dh[k] = sum
      }
    }
    return loss
  }
}
