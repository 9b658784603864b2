import Testing

@testable import Tensors

/// With AVX-512 there are two ways to make a tile of a product, one for Intel's cores and one for the others. Both are tried
/// here, whatever the processor; where it has no AVX-512, they are the same.
@Suite(.serialized) struct FoldedProductTests {
  /// What a computation gives in either way.
  private func bothWays<Result>(_ compute: () -> Result) -> (Result, Result) {
    defer { ProcessorKernels.foldProducts(nil) }
    ProcessorKernels.foldProducts(false)
    let loaded = compute()
    ProcessorKernels.foldProducts(true)
    return (loaded, compute())
  }

  /// Rows that are copied, some of them beyond twelves and blocks, and beyond a piece of sixteen numbers; one panel, many
  /// panels, and a last one that is not full.
  @Test(arguments: [1, 4, 12, 13, 22, 97, 130], [1, 3, 256, 263]) func productsOfRows(_ m: Int, _ k: Int) {
    for n in [31, 32, 256, 290] {
      let (a, b) = (random([m, k], 1), random([k, n], 2))
      let packed = b.withPointer { PackedMatrix($0, k: k, n: n, transposed: false) }
      let (loaded, folded) = bothWays {
        var c = Tensor.zeros([m, n])
        a.withPointer { a in
          c.withMutablePointer { packed.multiply(rows: m, a, lda: k, into: $0, ldc: n, adding: true) }
        }
        return c
      }
      #expect(loaded == folded)
      #expect(loaded.scalars.contains { $0 != 0 })
    }
  }

  /// As a recurrent layer has them: some steps of few rows are taken together.
  @Test(arguments: [1, 5, 8, 16, 32]) func productsOfSteps(_ rows: Int) {
    let (steps, k, n) = (19, 70, 300)
    let a = random([steps, rows, k], 3)
    let packed = random([k, n], 4).withPointer { PackedMatrix($0, k: k, n: n, transposed: false) }
    let (loaded, folded) = bothWays {
      var c = Tensor.zeros([steps, rows, n])
      a.withPointer { a in
        c.withMutablePointer {
          packed.multiply(
            steps: steps, rows: rows, a, step: rows * k, lda: k, into: $0, step: rows * n, ldc: n)
        }
      }
      return c
    }
    #expect(loaded == folded)
  }

  @Test(arguments: [
    (ConvolutionMethod.windows, 37, 3, 2), (.windows, 64, 5, 1), (.direct, 8, 3, 1), (.direct, 21, 5, 1),
  ]) func convolutions(_ method: ConvolutionMethod, _ filters: Int, _ size: Int, _ step: Int) {
    let g = ConvolutionGeometry(
      input: [3, 4, 23, 30], weight: [filters, 4, size, size], stride: Size2d(step, step),
      padding: Size2d(1, 1))
    let (x, w, dy) = (random(g.inputShape, 5), random(g.weightShape, 6), random(g.outputShape, 7))
    let (loaded, folded) = bothWays {
      ConvolutionMethod.$forced.withValue(method) {
        let d = convolveBackward(
          g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
        return [convolve(g, x, w, nil), convolveReluPool2(g, x, w, nil).y, d.dx!, d.dw!]
      }
    }
    #expect(loaded == folded)
  }
}
