import Testing

@testable import Tensors

/// Passes that are cut among the threads, and the products of few rows, each held to plain loops.
@Suite(.serialized) struct ParallelPassTests {
  private func random(_ shape: [Int], _ stream: UInt64) -> Tensor {
    var stream = RandomStream(seed: 11, stream: stream)
    return stream.normal(mean: 0, deviation: 1, shape: shape)
  }

  /// Calls `make` with 1, 2 and 3 threads; all must give the same bits.
  private func sameBits(_ make: () -> Tensor) -> Tensor {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    let all = [1, 2, 3].map { threads in
      Parallel.threads = threads
      return make()
    }
    for other in all.dropFirst() {
      #expect(other.scalars.map(\.bitPattern) == all[0].scalars.map(\.bitPattern))
    }
    return all[0]
  }

  @Test(arguments: [
    [1, 1], [3, 5], [4, 64], [7, 129], [1030, 193], [4099, 40], [513, 1024], [0, 4], [4, 0],
  ])
  func sumsOfColumns(_ shape: [Int]) {
    let x = random(shape, 1)
    let sum = sameBits { x.sum(axis: 0) }
    let numbers = x.scalars
    #expect(sum.shape == [shape[1]])
    for j in 0..<shape[1] {
      // In the order of the rows: the same roundings, so the same bits.
      var expected: Float = 0
      for i in 0..<shape[0] { expected += numbers[i * shape[1] + j] }
      #expect(sum[j] == expected)
    }
    let stacked = random([2] + shape, 2).sum(axis: 1)
    #expect(stacked.row(1) == random([2] + shape, 2).row(1).sum(axis: 0))
  }

  @Test(arguments: [[3, 5], [700, 300]]) func rowsGetABias(_ shape: [Int]) {
    let (x, bias) = (random(shape, 3), random([shape[1]], 4))
    let y = sameBits {
      var y = x
      y.addToRows(bias)
      return y
    }
    for i in 0..<shape[0] {
      for j in 0..<shape[1] where y[i, j] != x[i, j] + bias[j] { Issue.record("\(i), \(j)") }
    }
  }

  @Test(arguments: [[5, 3, 4], [300, 900, 193], [64, 2000, 70]])
  func rowsPickedAndAddedBack(_ sizes: [Int]) {
    let (table, picks, width) = (sizes[0], sizes[1], sizes[2])
    let (x, dy) = (random([table, width], 5), random([picks, width], 6))
    let places = (0..<picks).map { $0 * 7919 % table }
    let y = sameBits { x.selecting(places, axis: 0) }
    let back = sameBits { x.adding(dy, at: places, axis: 0) }
    var expected = x.scalars
    let up = dy.scalars
    for (i, place) in places.enumerated() {
      #expect(y.row(i) == x.row(place))
      for j in 0..<width { expected[place * width + j] += up[i * width + j] }
    }
    #expect(back == Tensor(expected, shape: x.shape))
  }

  /// One to four rows have a kernel of their own; five go the general way.
  @Test(arguments: 0...5, [[1, 1], [3, 15], [4, 16], [10, 33], [129, 1000], [130, 3136]])
  func fewRows(_ rows: Int, _ sizes: [Int]) {
    let (n, k) = (sizes[0], sizes[1])
    let (a, b) = (random([rows, k], 7), random([n, k], 8))
    let c = sameBits { matmul(a, b, transposeB: true) }
    #expect(c.shape == [rows, n])
    agrees(c, rows: rows, columns: n, depth: k, { a[$0, $1] }, { b[$0, $1] })
  }

  /// Many rows go by way of a packed right side.
  @Test(
    arguments: [[256, 16, 16], [257, 33, 17], [300, 70, 600], [1001, 96, 257], [4096, 20, 31]], [false, true])
  func manyRows(_ sizes: [Int], _ transposed: Bool) {
    let (m, n, k) = (sizes[0], sizes[1], sizes[2])
    let (a, b) = (random([m, k], 11), random(transposed ? [n, k] : [k, n], 12))
    let c = sameBits { matmul(a, b, transposeB: transposed) }
    #expect(c.shape == [m, n])
    agrees(c, rows: m, columns: n, depth: k, { a[$0, $1] }, { transposed ? b[$0, $1] : b[$1, $0] })
  }

  /// A linear layer adds its bias on the way; the same bits as in a pass of its own.
  @Test(arguments: [[3, 20, 17], [255, 40, 33], [256, 40, 33], [1000, 130, 64]])
  func linearLayers(_ sizes: [Int]) {
    let (m, n, k) = (sizes[0], sizes[1], sizes[2])
    let (x, w, bias) = (random([m, k], 13), random([n, k], 14), random([n], 15))
    let y = sameBits { affineProduct(x, w, bias: bias) }
    var apart = matmul(x, w, transposeB: true)
    #expect(affineProduct(x, w, bias: nil) == apart)
    apart.addToRows(bias)
    #expect(y == apart)
  }

  /// Long and narrow matrices are multiplied in parts, whose products are summed.
  @Test(arguments: [[48, 30, 4000], [65, 64, 1040], [40, 128, 1001], [33, 1, 140_000]])
  func longProducts(_ sizes: [Int]) {
    let (m, n, k) = (sizes[0], sizes[1], sizes[2])
    let (a, b) = (random([k, m], 9), random([k, n], 10))
    let c = sameBits { matmul(a, b, transposeA: true) }
    #expect(c.shape == [m, n])
    agrees(c, rows: m, columns: n, depth: k, { a[$1, $0] }, { b[$1, $0] })
  }

  /// No worse than twice what plain loops lose, or than a few roundings.
  private func agrees(
    _ c: Tensor, rows: Int, columns: Int, depth: Int, _ a: (Int, Int) -> Float, _ b: (Int, Int) -> Float
  ) {
    var (fast, naive, largest) = (0.0, 0.0, 1e-30)
    for i in 0..<rows {
      for j in 0..<columns {
        var (exact, plain) = (0.0, Float(0))
        for k in 0..<depth {
          let (p, q) = (a(i, k), b(j, k))
          exact += Double(p) * Double(q)
          plain += p * q
        }
        fast = max(fast, abs(Double(c[i, j]) - exact))
        naive = max(naive, abs(Double(plain) - exact))
        largest = max(largest, abs(exact))
      }
    }
    #expect(fast <= max(2 * naive, 1e-6 * largest), "\(fast), plain loops \(naive)")
  }
}
