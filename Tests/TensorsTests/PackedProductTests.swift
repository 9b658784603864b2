import Testing

@testable import Tensors

/// `Σₖ aᵢₖ bₖⱼ` in double precision; a's number (i, k) at `i·down + k·along`, b's rows `ldb` apart.
private func product(
  _ m: Int, _ n: Int, _ k: Int, _ a: Tensor, down: Int, along: Int, _ b: Tensor, ldb: Int
) -> [Double] {
  var c = [Double](repeating: 0, count: m * n)
  a.withPointer { a in
    b.withPointer { b in
      c.withUnsafeMutableBufferPointer { c in
        for i in 0..<m {
          for l in 0..<k {
            let left = Double(a[i * down + l * along])
            for j in 0..<n { c[i * n + j] += left * Double(b[l * ldb + j]) }
          }
        }
      }
    }
  }
  return c
}

private let untouched: Float = 123

private func agree(_ c: [Float], _ exact: [Double]) -> Bool {
  c.count == exact.count && zip(c, exact).allSatisfy { abs(Double($0) - $1) <= 1e-4 }
}

@Suite struct PackedProductTests {
  /// Heights about those of a tile and of a block of rows, depths about that of a block, widths about that of a panel and
  /// of so many that rows are packed, and rows that lie apart; 1024 numbers are the distance at which rows are copied.
  @Test(arguments: [1, 6, 7, 13, 97, 130], [1, 256, 257, 520]) func rowsAgreeWithTheDefinition(
    _ m: Int, _ k: Int
  ) {
    for (n, lda) in [(1, k), (16, k + 3), (33, 1024), (35, k), (290, k + 1)] {
      let (a, b) = (random([m, lda], 1), random([k, n], 2))
      let exact = product(m, n, k, a, down: lda, along: 1, b, ldb: n)
      let turned = b.transposed()
      for transposed in [false, true] {
        let packed = (transposed ? turned : b).withPointer {
          PackedMatrix($0, k: k, n: n, transposed: transposed)
        }
        let ldc = n + 2
        for adding in [false, true] {
          var c = Tensor(repeating: untouched, shape: [m, ldc])
          a.withPointer { a in
            c.withMutablePointer { packed.multiply(rows: m, a, lda: lda, into: $0, ldc: ldc, adding: adding) }
          }
          let expected = (0..<m * ldc).map { place -> Double in
            let (i, j) = (place / ldc, place % ldc)
            return j < n ? exact[i * n + j] + (adding ? Double(untouched) : 0) : Double(untouched)
          }
          #expect(agree(c.scalars, expected), "\(n) columns, transposed \(transposed), adding \(adding)")
        }
      }
    }
  }

  /// The first rows and columns of what was packed, as for the keys that a query sees.
  @Test func partsAreTheProductsOfParts() {
    let (m, k, n) = (9, 600, 70)
    let (a, b) = (random([m, k], 3), random([k, n], 4))
    let packed = b.withPointer { PackedMatrix($0, ldb: n, k: k, n: n, transposed: false) }
    for (firstK, firstN) in [(600, 33), (300, 70), (20, 5), (256, 16), (257, 17), (0, 3)] {
      let exact = product(m, firstN, firstK, a, down: k, along: 1, b, ldb: n)
      var c = Tensor(repeating: untouched, shape: [m, firstN])
      a.withPointer { a in
        c.withMutablePointer {
          packed.multiply(rows: m, a, lda: k, k: firstK, n: firstN, into: $0, ldc: firstN)
        }
      }
      #expect(agree(c.scalars, exact), "\(firstK), \(firstN)")
    }
  }

  @Test func stepsTogetherAreStepsOneByOne() {
    let (steps, rows, k, n) = (7, 10, 300, 40)
    let a = random([steps, rows, k], 5)
    let packed = random([k, n], 6).withPointer { PackedMatrix($0, k: k, n: n, transposed: false) }
    for backwards in [false, true] {
      var (together, single) = (Tensor.zeros([steps, rows, n]), Tensor.zeros([steps, rows, n]))
      a.withPointer { a in
        together.withMutablePointer { c in
          let last = steps - 1
          packed.multiply(
            steps: steps, rows: rows, a + (backwards ? last * rows * k : 0),
            step: backwards ? -rows * k : rows * k,
            lda: k, into: c + (backwards ? last * rows * n : 0), step: backwards ? -rows * n : rows * n,
            ldc: n)
        }
        single.withMutablePointer { c in
          for s in 0..<steps {
            packed.multiply(rows: rows, a + s * rows * k, lda: k, into: c + s * rows * n, ldc: n)
          }
        }
      }
      #expect(together == single)
    }
  }

  @Test(arguments: [(1, 1), (50, 13), (300, 3), (7, 600)]) func gradientsAreSumsOverAllSteps(
    _ steps: Int, _ batch: Int
  ) {
    for (units, gateRow, width) in [(1, 1, 1), (50, 60, 33), (300, 300, 17)] {
      let (d, x) = (random([steps, batch, gateRow], 7), random([steps, batch, width], 8))
      var (dw, db) = (Tensor(repeating: untouched, shape: [units, width]), Tensor.zeros([units]))
      d.withPointer { d in
        var x = x
        x.withMutablePointer { x in
          dw.withMutablePointer { dw in
            db.withMutablePointer { db in
              let gradient = WeightGradient(
                dgates: d, units: units, gateRow: gateRow,
                x: SequenceRows(pointer: x, step: batch * width, row: width), width: width, into: dw, bias: db
              )
              WeightGradient.compute([gradient], steps: steps, batch: batch)
            }
          }
        }
      }
      let rows = steps * batch
      let exact = product(units, width, rows, d, down: 1, along: gateRow, x, ldb: width)
      let sums = product(units, 1, rows, d, down: 1, along: gateRow, .ones([rows]), ldb: 1)
      #expect(error(dw.scalars, exact) <= 2e-6)
      #expect(error(db.scalars, sums) <= 2e-6)
    }
  }
}
