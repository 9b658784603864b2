import Engine
import Testing

@Suite struct BatchesTests {
  @Test func everyExampleOnceInAnOrderOfItsOwn() {
    let first = Batches(of: 103, batchSize: 10, shuffledBy: 4, epoch: 1)
    let second = Batches(of: 103, batchSize: 10, shuffledBy: 4, epoch: 2)
    #expect(first.count == 11)
    #expect(first.map(\.count) == [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 3])
    let visited = first.flatMap { $0 }
    #expect(Set(visited) == Set(0..<103) && visited.count == 103)
    #expect(first.order != second.order)
    #expect(first.order == Batches(of: 103, batchSize: 7, shuffledBy: 4, epoch: 1).order)
    #expect(first.order != Batches(of: 103, batchSize: 10, shuffledBy: 5, epoch: 1).order)
    #expect(Batches(of: 5, batchSize: 2).map { Array($0) } == [[0, 1], [2, 3], [4]])
    #expect(Batches(of: 5, batchSize: 2, droppingLast: true).map { Array($0) } == [[0, 1], [2, 3]])
  }

  @Test func imagesAreDrawnWhenAskedForAndAlwaysTheSame() {
    let lazily = ImageSet.generatedDigits(count: 40, seed: 3)
    let digits = GeneratedDigits(seed: 3)
    let (images, labels) = lazily.batch([7, 0, 39])
    #expect(images.shape == [3, 1, 28, 28])
    #expect(labels.scalars == [7, 0, 39].map { digits.label(at: $0) })
    for (n, index) in [7, 0, 39].enumerated() {
      #expect(images.row(n).scalars == digits.image(at: index).map { Float($0) * (1 / 255) })
    }
    #expect(lazily.batch([7]).images.row(0) == images.row(0))
  }

  @Test func theThreePartsShareNoImage() {
    let data = ImageData.generatedDigits(training: 50, validation: 20, test: 30)
    let all = data.training.indices + data.validation.indices + data.test.indices
    #expect(Set(all).count == 100)
  }
}
