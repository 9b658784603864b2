import Chapter02Convolution
import Engine
import Testing

/// Chapter 2's arithmetic of windows, its columns, receptive fields and movements.
@Suite struct ConvolutionChapterTests {
  // MARK: Windows

  @Test func windowsByHand() {
    let window = SlidingWindow(3, stride: 2, padding: 1, dilation: 2)
    #expect(window.span == 5)
    #expect(window.places(on: 8) == 3)
    #expect((0..<3).map { window.pixel(under: $0, at: 0) } == [-1, 1, 3])
    #expect((0..<3).map { window.pixel(under: $0, at: 2) } == [3, 5, 7])
    #expect(SlidingWindow(5).places(on: 4) == 0)
    #expect(SlidingWindow(5, padding: 2).places(on: 28) == 28)
    #expect(SlidingWindow(3, dilation: 4).paddingThatKeepsTheSize == 4)
    #expect(SlidingWindow(2).paddingThatKeepsTheSize == nil)
  }

  /// As many places as the engine counts, and the padding that keeps the size keeps it.
  @Test func windowsAndTheEngineAgree() {
    for cells in 1...4 {
      for stride in 1...3 {
        for padding in 0...2 {
          for dilation in 1...3 {
            let window = SlidingWindow(cells, stride: stride, padding: padding, dilation: dilation)
            for pixels in window.span...window.span + 5 {
              let geometry = ConvolutionGeometry(
                input: [1, 1, pixels, 20], weight: [1, 1, cells, 1], stride: Size2d(stride, 1),
                padding: Size2d(padding, 0), dilation: Size2d(dilation, 1))
              #expect(window.places(on: pixels) == geometry.outputHeight)
              #expect(geometry.vertical == window)
            }
            if stride == 1, let same = window.paddingThatKeepsTheSize {
              #expect(SlidingWindow(cells, padding: same, dilation: dilation).places(on: 17) == 17)
            }
          }
        }
      }
    }
  }

  @Test func windowsThatMakeNoSense() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SlidingWindow(3, stride: 0)
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self)
        .contains("SlidingWindow: 3 cells, stride 0, padding 0, dilation 1"))
  }

  // MARK: Columns

  @Test func columnsByHand() {
    let geometry = ConvolutionGeometry(input: [1, 1, 2, 3], weight: [1, 1, 2, 2])
    #expect(windowColumns([1, 2, 3, 4, 5, 6], geometry) == [1, 2, 2, 3, 4, 5, 5, 6])
    let padded = ConvolutionGeometry(
      input: [1, 1, 1, 2], weight: [1, 1, 1, 3], stride: Size2d(1, 1), padding: Size2d(0, 1))
    #expect(windowColumns([7, 8], padded) == [0, 7, 7, 8, 8, 0])
  }

  /// On whole numbers the product of matrices is the seven loops, to the last bit.
  @Test(arguments: [(1, 0, 1, 1), (2, 1, 1, 2), (1, 2, 2, 1), (3, 1, 2, 4)])
  func columnsAndLoopsAgree(stride: Int, padding: Int, dilation: Int, groups: Int) {
    var stream = RandomStream(seed: 22)
    let x = stream.normal(shape: [3, 4, 8, 7]).map { ($0 * 3).rounded() }
    let w = stream.normal(shape: [8, 4 / groups, 3, 2]).map { ($0 * 3).rounded() }
    let geometry = ConvolutionGeometry(
      input: x.shape, weight: w.shape, stride: Size2d(stride, stride), padding: Size2d(padding, padding),
      dilation: Size2d(dilation, dilation), groups: groups)
    let y = convolveByColumns(x, with: w, geometry)
    #expect(y.shape == geometry.outputShape)
    #expect(y.scalars == crossCorrelate2d(x.scalars, with: w.scalars, geometry))
    #expect(y.scalars.contains { $0 != 0 })
  }

  // MARK: Receptive fields

  @Test func theArticlesNetwork() {
    let layers = [
      SlidingWindow(5, padding: 2), SlidingWindow(2, stride: 2), SlidingWindow(5, padding: 2),
      SlidingWindow(2, stride: 2),
    ]
    let fields = ReceptiveField.behind(each: layers)
    #expect(fields.map(\.size) == [5, 6, 14, 16])
    #expect(fields.map(\.jump) == [1, 2, 2, 4])
    #expect(fields.map(\.first) == [-2, -2, -6, -6])
    #expect(fields[3].pixels(of: 3) == 6..<22)
  }

  @Test func waysByHand() {
    #expect(waysToPixels([]) == [1])
    #expect(waysToPixels([SlidingWindow(3), SlidingWindow(3)]) == [1, 2, 3, 2, 1])
    #expect(waysToPixels([SlidingWindow(2, stride: 2), SlidingWindow(3)]) == [1, 1, 1, 1, 1, 1])
    #expect(waysToPixels([SlidingWindow(2, dilation: 3)]) == [1, 0, 0, 1])
  }

  /// Sending one pixel at a time through the layers gives the same ways, and none outside the field.
  @Test func waysAndTheLayersThemselvesAgree() {
    let layers = [
      SlidingWindow(3, stride: 2, padding: 1), SlidingWindow(2, dilation: 2), SlidingWindow(3, stride: 2),
    ]
    let field = ReceptiveField.behind(each: layers).last!
    let ways = waysToPixels(layers)
    #expect(ways.count == field.size)
    let pixels = 40
    for place in 1...3 {
      let expected = field.pixels(of: place)
      for pixel in 0..<pixels {
        var row = [Double](repeating: 0, count: pixels)
        row[pixel] = 1
        for layer in layers {
          row = (0..<layer.places(on: row.count)).map { place in
            (0..<layer.cells).reduce(0) { sum, cell in
              let under = layer.pixel(under: cell, at: place)
              return row.indices.contains(under) ? sum + row[under] : sum
            }
          }
        }
        let way = expected.contains(pixel) ? ways[pixel - expected.lowerBound] : 0
        #expect(row[place] == way)
      }
    }
  }

  // MARK: Movements

  @Test func movedByHand() {
    let x = Tensor([[1, 2, 3], [4, 5, 6]])
    #expect(moved(x, right: 1) == Tensor([[0, 1, 2], [0, 4, 5]]))
    #expect(moved(x, down: 1, right: -1) == Tensor([[0, 0, 0], [2, 3, 0]]))
    #expect(moved(x, right: 5) == Tensor.zeros([2, 3]))
    #expect(moved(x.reshaped([2, 1, 1, 3]), right: 2).scalars == [0, 0, 1, 0, 0, 4])
  }

  /// In double precision and away from the border, to the last bit: with stride 1 the map moves along with any movement,
  /// with stride 2 with even ones only.
  @Test(arguments: 1...4) func equivariance(t: Int) {
    var stream = RandomStream(seed: 23)
    let (x, w) = (stream.normal(shape: [1, 2, 12, 20]), stream.normal(shape: [3, 2, 3, 3]))
    for stride in 1...2 {
      let geometry = ConvolutionGeometry(
        input: x.shape, weight: w.shape, stride: Size2d(stride, stride), padding: Size2d(1, 1))
      func maps(_ x: Tensor) -> [Double] {
        crossCorrelate2d(x.scalars.map(Double.init), with: w.scalars.map(Double.init), geometry)
      }
      let (y, z) = (maps(x), maps(moved(x, right: t)))
      let (height, width) = (geometry.outputHeight, geometry.outputWidth)
      var differing: Set<Int> = []
      for row in 0..<3 * height {
        for j in 0..<width {
          let before = j - t / stride >= 0 ? y[row * width + j - t / stride] : 0
          if z[row * width + j] != before { differing.insert(j) }
        }
      }
      if t % stride == 0 {
        // The zeros that come in are seen with what is behind them; at the right, padding is where a pixel was.
        let atTheLeft = stride == 1 ? [t - 1] : []
        let atTheRight = stride == 1 ? [width - 1] : []
        #expect(differing == Set(atTheLeft + atTheRight))
      } else {
        #expect(differing.count >= width - 1)
      }
    }
  }

  @Test func movementGaps() {
    var stream = RandomStream(seed: 24)
    let y = stream.normal(shape: [1, 2, 9, 9])
    #expect(movementGap(y, moved(y, right: 2), movedBy: 3, inside: 4..<9) == 0)
    #expect(movementGap(y, y, movedBy: 3, inside: 4..<9) == 0)
    #expect(movementGap(y, y.map { $0 * 2 }, movedBy: 0, inside: 0..<9) == 0.5)
    #expect(movementGap(y, moved(y, right: 4), movedBy: 3, inside: 5..<9) > 0.5)
  }

  // MARK: A kernel from data

  /// One step by hand: the unknown filter is −1 0 / 0 2, and from zeros every error is minus the target.
  @Test func kernelFromDataByHand() {
    var task = KernelFromData(image: [[1, 2, 0], [0, 1, 3]], filter: [[-1, 0], [0, 2]])
    #expect(task.target == [[1, 4]])  // −1·1 + 2·1, −1·2 + 2·3
    #expect(task.loss == 8.5)  // (1 + 16) / 2
    task.step(learningRate: 0.5)  // minus 0.5 · 2/2 · (−1 · window 0 − 4 · window 1)
    let expected: [[Double]] = [[4.5, 1], [2, 6.5]]  // half of 1 + 4·2, 2 + 4·0, 0 + 4·1, 1 + 4·3
    #expect(task.kernel == expected)
  }

  /// A small step lowers the loss by as much as the square of the gradient says; many steps find the filter.
  @Test func kernelFromDataLearns() throws {
    var random = RandomStream(seed: 3)
    var image: [[Double]] = []
    for _ in 0..<12 { image.append((0..<9).map { _ in Double(random.uniform(-1..<1)) }) }
    let filter: [[Double]] = [[0.5, -1, 2], [3, 0, -0.25], [1, 1, -2]]
    var task = KernelFromData(image: image, filter: filter)
    let before = task.loss
    task.step(learningRate: 1e-6)
    let squared = task.kernel.joined().reduce(0) { $0 + $1 * $1 } / 1e-12
    #expect(abs((before - task.loss) / 1e-6 / squared - 1) < 1e-4)
    for _ in 0..<400 { task.step(learningRate: 1) }
    for (found, expected) in zip(task.kernel.joined(), filter.joined()) {
      #expect(abs(found - expected) < 1e-6)
    }
  }

  @Test func kernelFromDataRefuses() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = KernelFromData(image: [[1, 2]], filter: [[1, 0], [0, 1]])
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self).contains(
        "a filter of 2×2 on an image of 1×2; it must be square, and fit"))
  }
}
