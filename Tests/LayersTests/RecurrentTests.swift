import Autograd
import Tensors
import Testing

@Suite struct RecurrentTests {
  static let cells: [NaiveCell] = [.tanh, .relu, .gru, .lstm]

  /// Shapes that meet every edge of the kernels: fewer rows than a tile, columns beside a panel, depths beyond a block.
  static let fixtures: [RecurrentFixture] = cells.flatMap { cell in
    [
      RecurrentFixture(cell, batch: 1, steps: 3, input: 1, hidden: 1),
      RecurrentFixture(cell, batch: 13, steps: 2, input: 5, hidden: 33, bias: false),
      RecurrentFixture(cell, batch: 5, steps: 4, input: 3, hidden: 16, layers: 3),
      RecurrentFixture(cell, batch: 29, steps: 2, input: 260, hidden: 37),
      RecurrentFixture(cell, batch: 6, steps: 5, input: 4, hidden: 9, layers: 2, directions: 2),
      RecurrentFixture(
        cell, batch: 7, steps: 5, input: 4, hidden: 17, layers: 2, directions: 2,
        lengths: [3, 5, 1, 2, 5, 4, 1]),
    ]
  }

  @Test(arguments: fixtures)
  func agreesWithTheFormulas(_ fixture: RecurrentFixture) {
    let expected = fixture.naive(Double.self, fixture.doubles)
    for (with, results) in [(true, fixture.run().results), (false, fixture.run(gradients: false).results)] {
      #expect(results.count == expected.count)
      for (mine, naive) in zip(results, expected) {
        #expect(mine.shape == naive.shape)
        let worst = zip(mine.scalars, naive.scalars).map { abs(Double($0) - $1) / (1 + abs($1)) }.max() ?? 0
        #expect(worst < 3e-6, "history \(with)")
      }
    }
  }

  /// Every number of every gradient, against the naive twin differenced in Double.
  @Test(arguments: cells)
  func gradientsNumberByNumber(_ cell: NaiveCell) throws {
    let fixture = RecurrentFixture(
      cell, batch: 3, steps: 4, input: 3, hidden: 5, layers: 2, directions: 2, lengths: [4, 2, 3], seed: 5)
    let gradients = fixture.run().gradients
    let doubles = fixture.doubles
    for (i, name) in fixture.names.enumerated() where fixture.isUsed(i) {
      let mine = try #require(gradients[i], "\(name)").scalars
      var worst = 0.0
      for j in mine.indices {
        var (up, down) = (doubles, doubles)
        up[i][j] += 1e-5
        down[i][j] -= 1e-5
        let slope = (fixture.naiveLoss(up) - fixture.naiveLoss(down)) / 2e-5
        worst = max(worst, abs(slope - Double(mine[j])) / (1 + abs(slope)))
      }
      #expect(worst < 2e-5, "\(name)")
    }
  }

  /// Larger shapes: the slope along a random direction of each input.
  @Test(arguments: fixtures)
  func gradientsAlongRandomDirections(_ fixture: RecurrentFixture) throws {
    // A ReLU may bend between two neighbouring points; a shorter way makes that rare.
    let h = fixture.cell == .relu ? 1e-7 : 1e-5
    let gradients = fixture.run().gradients
    let doubles = fixture.doubles
    var stream = RandomStream(seed: 11)
    for (i, name) in fixture.names.enumerated() where fixture.isUsed(i) {
      let mine = try #require(gradients[i], "\(name)").scalars
      let direction = mine.map { _ in Double(stream.normal()) }
      var (up, down) = (doubles, doubles)
      for j in mine.indices {
        up[i][j] += h * direction[j]
        down[i][j] -= h * direction[j]
      }
      let slope = (fixture.naiveLoss(up) - fixture.naiveLoss(down)) / (2 * h)
      let along = zip(mine, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
      let length = mine.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(slope - along) < 3e-5 * (1 + length), "\(name): \(slope) and \(along)")
    }
  }

  @Test(arguments: cells)
  func sameBitsWithAnyNumberOfThreads(_ cell: NaiveCell) {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    let fixture = RecurrentFixture(
      cell, batch: 37, steps: 6, input: 20, hidden: 50, layers: 2, directions: 2,
      lengths: (0..<37).map { 1 + $0 % 6 })
    Parallel.threads = 1
    let one = fixture.run()
    for threads in [2, 3, 7, 1] {
      Parallel.threads = threads
      let again = fixture.run()
      #expect(again.results == one.results, "\(threads) threads")
      #expect(again.gradients == one.gradients, "\(threads) threads")
    }
  }

  /// A sequence beside others, padded, is computed as it is alone, to the bit.
  @Test(arguments: cells)
  func noSequenceSeesAnother(_ cell: NaiveCell) {
    let lengths = [4, 1, 6, 3, 6]
    let all = RecurrentFixture(
      cell, batch: 5, steps: 6, input: 3, hidden: 20, layers: 2, directions: 2, lengths: lengths)
    let together = all.run(gradients: false).results
    for (n, length) in lengths.enumerated() {
      var alone = RecurrentFixture(
        cell, batch: 1, steps: length, input: 3, hidden: 20, layers: 2, directions: 2)
      alone.inputs = all.inputs
      alone.inputs[0] = all.inputs[0].row(n).rows(0..<length).reshaped([1, length, 3])
      for i in [1, 2] { alone.inputs[i] = column(n, of: all.inputs[i]) }
      let results = alone.run(gradients: false).results
      let output = together[0].row(n)
      #expect(output.rows(0..<length) == results[0].row(0))
      #expect(output.rows(length..<6).scalars.allSatisfy { $0 == 0 })
      for i in 1..<results.count { #expect(column(n, of: together[i]) == results[i]) }
    }
  }

  /// `[L, N, H]` at one `n`, as `[L, 1, H]`.
  func column(_ n: Int, of x: Tensor) -> Tensor {
    let (layers, batch) = (x.shape[0], x.shape[1])
    return x.reshaped([-1, x.shape[2]]).rows((0..<layers).map { $0 * batch + n })
      .reshaped([layers, 1, x.shape[2]])
  }

  @Test func notANumberStaysInItsSequence() {
    var fixture = RecurrentFixture(.lstm, batch: 3, steps: 4, input: 2, hidden: 6)
    let clean = fixture.run(gradients: false).results[0]
    var scalars = fixture.inputs[0].scalars
    scalars[1 * 4 * 2 + 2 * 2] = .nan  // sequence 1, step 2
    fixture.inputs[0] = Tensor(scalars, shape: fixture.inputs[0].shape)
    let spoilt = fixture.run(gradients: false).results[0]
    #expect(spoilt.row(0) == clean.row(0) && spoilt.row(2) == clean.row(2))
    #expect(spoilt.row(1).rows(0..<2) == clean.row(1).rows(0..<2))
    let rest = spoilt.row(1).rows(2..<4).scalars
    #expect(rest.filter(\.isNaN).count == rest.count)
  }

  /// Far out, the gates are 0, 1 and −1, not infinite and not NaN.
  @Test func saturates() {
    var fixture = RecurrentFixture(.gru, batch: 2, steps: 3, input: 2, hidden: 3)
    fixture.inputs[0] = fixture.inputs[0] * 1e30
    let run = fixture.run()
    let numbers = run.results[0].scalars + run.gradients[4]!.scalars
    #expect(numbers.filter(\.isFinite).count == numbers.count)
  }
}
