import Tensors
import Testing

@testable import Datasets

/// What users of the generated digits rely on.
@Suite(.serialized) struct GeneratedDigitsTests {
  let digits = GeneratedDigits(seed: 1)

  @Test func anImageIsTheSameAloneAndInABatchOnAnyNumberOfThreads() {
    let threads = Parallel.threads
    defer { Parallel.threads = threads }
    // From the middle of a ten, and over several pieces of work.
    let indices = 37..<237
    let alone = indices.flatMap { digits.image(at: $0) }
    for threads in [1, 2, 5] {
      Parallel.threads = threads
      // Compared outside the macro: listing the differences of two such arrays takes minutes.
      let isSame = digits.images(at: indices) == alone
      #expect(isSame, "\(threads) threads")
    }
    #expect(digits.labels(at: indices) == indices.map { digits.label(at: $0) })
    #expect(digits.images(at: 5..<5) == [])
  }

  @Test func everyTenHoldEachDigitOnceInAnOrderOfTheirOwn() {
    var orders: Set<[Int]> = []
    for ten in 0..<100 {
      let labels = digits.labels(at: ten * 10..<ten * 10 + 10)
      #expect(labels.sorted() == Array(0...9))
      orders.insert(labels)
    }
    // 100 out of 3,628,800 orders are all different, but for one time in 700.
    #expect(orders.count >= 99)
    #expect(digits.labels(at: 0..<100) != GeneratedDigits(seed: 2).labels(at: 0..<100))
  }

  @Test func noTwoImagesAreAlike() {
    var images: Set<[UInt8]> = []
    for seed in [1, 2, 1 << 40] as [UInt64] {
      for index in 0..<1000 { images.insert(GeneratedDigits(seed: seed).image(at: index)) }
    }
    #expect(images.count == 3000)
  }

  /// As in MNIST: the longer side of the ink is 20 pixels, and its centre of mass is in the middle of the image.
  @Test func imagesAreNormalised() {
    var (misfits, uncentred, pale) = ([Int](), [Int](), [Int]())
    var paper = 0
    var full = 0
    for index in 0..<2000 {
      let image = digits.image(at: index)
      var (mass, massX, massY) = (0, 0, 0)
      var (left, right, top, bottom) = (28, -1, 28, -1)
      for y in 0..<28 {
        for x in 0..<28 where image[y * 28 + x] > 0 {
          let ink = Int(image[y * 28 + x])
          mass += ink
          massX += ink * x
          massY += ink * y
          left = min(left, x)
          right = max(right, x)
          top = min(top, y)
          bottom = max(bottom, y)
        }
      }
      let longerSide = max(right - left, bottom - top) + 1
      if !(19...20).contains(longerSide) { misfits.append(index) }
      // Moved by whole pixels, so half a pixel remains at most.
      let offCentre = max(abs(Double(massX) / Double(mass) - 13.5), abs(Double(massY) / Double(mass) - 13.5))
      if offCentre > 0.501 { uncentred.append(index) }
      if image.max()! < 200 { pale.append(index) }
      paper += image.count { $0 == 0 }
      full += image.count { $0 >= 250 }
    }
    #expect(misfits == [])
    #expect(uncentred == [])
    #expect(pale == [])
    // Of MNIST's pixels, 82 % are paper and 7 % full ink.
    #expect((0.77...0.86).contains(Double(paper) / (2000 * 784)))
    #expect((0.04...0.09).contains(Double(full) / (2000 * 784)))
  }

  /// Figures in the book come from these images: whoever changes them must make the figures again.
  @Test func imagesAreThoseOfEarlierVersions() {
    var checksum: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for byte in digits.images(at: 0..<50) { checksum = (checksum ^ UInt64(byte)) &* 0x100_0000_01b3 }
    #expect(checksum == 5_834_096_452_542_538_001)
    #expect(digits.labels(at: 0..<20) == [2, 3, 6, 7, 9, 5, 8, 1, 4, 0, 8, 7, 0, 9, 3, 2, 1, 5, 6, 4])
  }

  /// The nearest mean image is the simplest of linear classifiers: well above chance, but not enough.
  @Test func meanImagesDoNotSuffice() {
    let (train, test) = (0..<2000, 2000..<3000)
    var means = [[Float]](repeating: [Float](repeating: 0, count: 784), count: 10)
    for index in train {
      let image = digits.image(at: index)
      let label = digits.label(at: index)
      for i in 0..<784 { means[label][i] += Float(image[i]) / 200 }
    }
    var right = 0
    for index in test {
      let image = digits.image(at: index).map(Float.init)
      let distances = means.map { mean in zip(mean, image).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      if distances.indices.min(by: { distances[$0] < distances[$1] }) == digits.label(at: index) {
        right += 1
      }
    }
    let accuracy = Double(right) / 1000
    #expect(accuracy > 0.65)
    #expect(accuracy < 0.85)
  }

  @Test func aNegativeIndexTraps() async throws {
    for asked in 0..<3 {
      let result = try await #require(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [asked = asked as Int] in
        let digits = GeneratedDigits(seed: 1)
        switch asked {
        case 0: _ = digits.image(at: -1)
        case 1: _ = digits.images(at: -1..<2)
        default: _ = digits.label(at: -1)
        }
      }
      let message = String(decoding: result.standardErrorContent, as: UTF8.self)
      #expect(message.contains("GeneratedDigits: an index is at least 0, given -1"))
    }
  }
}
