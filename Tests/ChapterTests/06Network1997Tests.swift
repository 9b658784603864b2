import Chapter06LSTM
import Engine
import Foundation
import Testing

/// The memory cell of 1997, and the trial that it was given.
@Suite struct Network1997Tests {
  /// Table 1, table 7 and table 9 of Hochreiter and Schmidhuber 1997.
  @Test(arguments: [
    (7, 7, 4, 1, Cell1997Size.Biases.gates, 264), (7, 7, 3, 2, .gates, 276), (2, 1, 2, 2, .allUnits, 93),
    (8, 4, 2, 2, .allUnits, 156), (8, 8, 3, 2, .allUnits, 308),
  ])
  func weightsAsInThePaper(
    _ inputs: Int, _ outputs: Int, _ blocks: Int, _ cells: Int, _ biases: Cell1997Size.Biases, _ count: Int
  ) {
    let size = Cell1997Size(
      inputs: inputs, outputs: outputs, blocks: blocks, cellsPerBlock: cells, biases: biases)
    #expect(size.weightCount == count)
    // So many numbers change when it learns, and no more.
    var stream = RandomStream(seed: 7)
    var network = Network1997(size, from: &stream)
    let before = network
    for _ in 0..<3 {
      network.step((0..<inputs).map { _ in Double(stream.normal()) })
      network.learn((0..<outputs).map { _ in Double(stream.uniform()) }, rate: 0.5)
    }
    let changed =
      zip(network.hiddenWeights, before.hiddenWeights).count { $0 != $1 }
      + zip(network.outputWeights, before.outputWeights).count { $0 != $1 }
    #expect(changed == count)
  }

  @Test func firstWeights() {
    var stream = RandomStream(seed: 8)
    let size = Cell1997Size(inputs: 7, outputs: 7, blocks: 3, cellsPerBlock: 2)
    let network = Network1997(size, from: &stream)
    let biases = Array(network.hiddenWeights.suffix(size.hiddenUnits))
    #expect(biases[3...5] == [-1, -2, -3])
    #expect(biases[6...] == [0, 0, 0, 0, 0, 0])
    #expect(network.outputWeights.suffix(7) == [0, 0, 0, 0, 0, 0, 0])
    let drawn =
      network.hiddenWeights.dropLast(size.hiddenUnits) + biases[..<3] + network.outputWeights.dropLast(7)
    #expect(drawn.allSatisfy { abs($0) <= 0.2 } && drawn.contains { abs($0) > 0.19 })
  }

  /// The step down is the truncated gradient: that of the loss, when what gates and cells gave at the step before is
  /// taken as given.
  @Test(arguments: [Cell1997Size.Biases.allUnits, .gates]) func truncatedGradient(
    _ biases: Cell1997Size.Biases
  ) {
    let size = Cell1997Size(inputs: 3, outputs: 2, blocks: 2, cellsPerBlock: 2, biases: biases)
    var stream = RandomStream(seed: 9)
    var network = Network1997(size, from: &stream)
    let xs = (0..<6).map { _ in (0..<3).map { _ in Double(stream.normal()) } }
    let target = [0.3, 0.9]
    // Learned weights are larger than the first ones.
    for x in xs {
      network.step(x)
      network.learn(target, rate: 5)
    }
    network.reset()
    var sources: [[Double]] = []
    for x in xs {
      sources.append(x + network.activations + [1])
      network.step(x)
    }
    var after = network
    after.learn(target, rate: 1)

    func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    func loss(_ hidden: [Double], _ output: [Double]) -> Double {
      var (states, shown) = ([0.0, 0, 0, 0], [0.0, 0, 0, 0])
      for source in sources {
        let sums = (0..<8).map { unit in
          source.indices.reduce(0.0) { $0 + source[$1] * hidden[$1 * 8 + unit] }
        }
        for cell in 0..<4 {
          states[cell] += logistic(sums[cell / 2]) * (4 * logistic(sums[4 + cell]) - 2)
          shown[cell] = logistic(sums[2 + cell / 2]) * (2 * logistic(states[cell]) - 1)
        }
      }
      return (0..<2).reduce(0.0) { sum, k in
        let y = logistic((0..<4).reduce(output[8 + k]) { $0 + output[$1 * 2 + k] * shown[$1] })
        return sum + (y - target[k]) * (y - target[k]) / 2
      }
    }
    let step = 1e-5
    for i in network.hiddenWeights.indices {
      var (up, down) = (network.hiddenWeights, network.hiddenWeights)
      up[i] += step
      down[i] -= step
      let slope = (loss(up, network.outputWeights) - loss(down, network.outputWeights)) / (2 * step)
      let isFixed = biases == .gates && i >= 11 * 8 + 4
      #expect(abs(network.hiddenWeights[i] - after.hiddenWeights[i] - (isFixed ? 0 : slope)) < 1e-9)
    }
    for i in network.outputWeights.indices {
      var (up, down) = (network.outputWeights, network.outputWeights)
      up[i] += step
      down[i] -= step
      let slope = (loss(network.hiddenWeights, up) - loss(network.hiddenWeights, down)) / (2 * step)
      let isFixed = biases == .gates && i >= 8
      #expect(abs(network.outputWeights[i] - after.outputWeights[i] - (isFixed ? 0 : slope)) < 1e-9)
    }
  }

  /// What is in a cell stays there: nobody can forget.
  @Test func aCellKeepsItsState() {
    var stream = RandomStream(seed: 10)
    var network = Network1997(Cell1997Size(inputs: 1, outputs: 1, blocks: 1, cellsPerBlock: 1), from: &stream)
    network.step([1])
    let written = network.states[0]
    #expect(written != 0)
    var last = written
    for _ in 0..<50 {
      network.step([0])
      #expect(abs(network.states[0] - last) < 0.25)
      last = network.states[0]
    }
    network.reset()
    #expect(network.states == [0] && network.activations == [0, 0, 0])
  }

  /// Today's network, fast: the same loss and gradients as the chapter's equations.
  @Test func theFastLSTMIsThatOfTheEquations() {
    var stream = RandomStream(seed: 11)
    let (symbols, hidden) = (4, 3)
    let network = SymbolLSTM(symbols: symbols, hiddenSize: hidden, from: &stream)
    #expect(network.weightCount == 4 * hidden * (symbols + hidden + 1) + symbols * (hidden + 1))
    let string = [2, 0, 3, 3, 1, 0]
    // From rows for each source to rows for each sum.
    let width = 4 * hidden
    let w = network.weights
    let xs = string.dropLast().map { symbol in (0..<symbols).map { $0 == symbol ? 1.0 : 0 } }
    let steps = lstmForward(xs, w)
    #expect(network.steps(string).map(\.hidden).dropLast() == steps.map(\.hidden)[...])
    var (loss, dhs, output) = (0.0, [[Double]](), [Double](repeating: 0, count: network.outputWeights.count))
    for (step, next) in zip(steps, string.dropFirst()) {
      let h = step.hidden + [1]
      let scores = (0..<symbols).map { s in
        (0...hidden).reduce(0.0) { $0 + network.outputWeights[$1 * symbols + s] * h[$1] }
      }
      let sum = scores.map { exp($0) }.reduce(0, +)
      loss += log(sum) - scores[next]
      let gradient = (0..<symbols).map { exp(scores[$0]) / sum - ($0 == next ? 1 : 0) }
      dhs.append(
        (0..<hidden).map { k in
          (0..<symbols).reduce(0.0) { $0 + network.outputWeights[k * symbols + $1] * gradient[$1] }
        })
      for k in 0...hidden { for s in 0..<symbols { output[k * symbols + s] += gradient[s] * h[k] } }
    }
    let expected = lstmBackward(dhs, steps, w).weights
    let got = network.lossAndGradients(string)
    #expect(abs(got.loss - loss) < 1e-12)
    #expect(zip(got.output, output).allSatisfy { abs($0 - $1) < 1e-12 })
    for row in 0..<width {
      for s in 0..<symbols {
        #expect(abs(got.gates[s * width + row] - expected.inputHidden[row][s]) < 1e-12)
      }
      for k in 0..<hidden {
        #expect(abs(got.gates[(symbols + k) * width + row] - expected.hiddenHidden[row][k]) < 1e-12)
      }
      #expect(abs(got.gates[(symbols + hidden) * width + row] - expected.inputBias[row]) < 1e-12)
    }
    // A shorter string after a longer one finds nothing of it.
    var used = network
    _ = used.read(string) { _, _ in true }
    #expect(used.lossAndGradients([1, 2]).loss == network.lossAndGradients([1, 2]).loss)
    // A step of learning is one down the gradient.
    var learned = network
    learned.learn(string, rate: 0.25)
    #expect(
      zip(learned.gateWeights.indices, learned.gateWeights)
        .allSatisfy { abs($1 - (network.gateWeights[$0] - 0.25 * got.gates[$0])) < 1e-15 })
    #expect(learned.lossAndGradients(string).loss < loss)
  }

  @Test func theForgetBiasOfTheFastLSTM() {
    var (a, b) = (RandomStream(seed: 12), RandomStream(seed: 12))
    let plain = SymbolLSTM(symbols: 7, hiddenSize: 4, from: &a)
    let open = SymbolLSTM(symbols: 7, hiddenSize: 4, forgetBias: 2, from: &b)
    let changed = zip(plain.gateWeights, open.gateWeights).enumerated().filter {
      $0.element.0 != $0.element.1
    }
    #expect(changed.map(\.offset) == Array(11 * 16 + 4..<11 * 16 + 8))
    #expect(changed.allSatisfy { $0.element.1 == 2 })
  }

  @Test func theTaskHasTwoSetsWithNothingInCommon() {
    var stream = RandomStream(seed: 13)
    let task = ReberTask(from: &stream)
    #expect(task.training.count == 256 && task.test.count == 256)
    #expect(Set(task.training).isDisjoint(with: task.test))
    #expect((task.training + task.test).allSatisfy { ReberGrammar.embedded.contains($0.symbols) })
  }

  /// A network that knows the grammar from its 20th string on.
  private struct Oracle: SymbolNetwork {
    let weightCount = 0
    var seen = 0
    mutating func learn(_ symbols: [Int], rate: Double) { seen += 1 }
    mutating func read(_ symbols: [Int], judge: (Int, [Double]) -> Bool) -> Bool {
      (0..<symbols.count - 1).allSatisfy { t in
        let next = ReberGrammar.embedded.possibleNext(after: symbols[...t])!
        return judge(t, (0..<7).map { next.contains($0) && (seen >= 20 || t < 3) ? 1 : 0 })
      }
    }
  }

  @Test func aTrialEndsWithSuccess() {
    var stream = RandomStream(seed: 14)
    let task = ReberTask(count: 16, from: &stream)
    var oracle = Oracle()
    #expect(task.stringsUntilSuccess(&oracle, rate: 1, limit: 100, interval: 7, from: &stream) == 21)
    oracle.seen = 0
    #expect(task.stringsUntilSuccess(&oracle, rate: 1, limit: 20, interval: 7, from: &stream) == nil)
  }

  /// Today's LSTM learns the grammar.
  @Test func anLSTMLearnsTheGrammar() {
    var stream = RandomStream(seed: 3, stream: 1)
    let task = ReberTask(from: &stream)
    var network = SymbolLSTM(symbols: 7, hiddenSize: 8, forgetBias: 1, from: &stream)
    let strings = task.stringsUntilSuccess(&network, rate: 0.1, limit: 40_000, from: &stream)
    #expect(strings != nil)
    #expect((task.training + task.test).allSatisfy { network.predicts($0) })
  }
}
