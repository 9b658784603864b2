import Foundation
import Tensors
import Testing

@testable import Datasets

/// Serialized, because the number of threads is everybody's.
@Suite(.serialized) struct AugmentationTests {
  let steps: [any AugmentationStep] = [
    RandomRotation(degrees: 15), ElasticDistortion(alpha: 10, sigma: 2),
    RandomShift(pixels: 1.5, wholePixels: false),
    GaussianNoise(deviation: 0.1),
  ]

  func images(_ shape: [Int], seed: UInt64 = 8) -> Tensor {
    var random = RandomStream(seed: seed)
    return random.uniform(0..<1, shape: shape)
  }

  // MARK: What depends on what

  @Test func theSameBitsWithAnyNumberOfThreadsAndInAnyBatch() {
    let threads = Parallel.threads
    defer { Parallel.threads = threads }
    let images = images([23, 2, 9, 12])
    let examples = (0..<23).map { 1000 - 7 * $0 }
    let augmentation = Augmentation(steps, seed: 3)
    Parallel.threads = 1
    let results = augmentation(images, examples: examples, epoch: 2)
    for threads in [2, 5] {
      Parallel.threads = threads
      #expect(augmentation(images, examples: examples, epoch: 2) == results)
    }
    // One by one.
    for n in 0..<23 {
      let image = Tensor(images.scalars[n * 216..<(n + 1) * 216], shape: [1, 2, 9, 12])
      let alone = augmentation(image, examples: [examples[n]], epoch: 2)
      #expect(alone.scalars == Array(results.scalars[n * 216..<(n + 1) * 216]))
    }
  }

  @Test(arguments: 0..<4) func eachStepDependsOnSeedEpochAndExample(_ step: Int) {
    let image = images([1, 1, 12, 12])
    func result(seed: UInt64, epoch: Int, example: Int) -> Tensor {
      Augmentation([steps[step]], seed: seed)(image, examples: [example], epoch: epoch)
    }
    let first = result(seed: 3, epoch: 2, example: 5)
    #expect(first == result(seed: 3, epoch: 2, example: 5))
    #expect(first != result(seed: 4, epoch: 2, example: 5))
    #expect(first != result(seed: 3, epoch: 3, example: 5))
    #expect(first != result(seed: 3, epoch: 2, example: 6))
    #expect(first != image)
  }

  @Test func stepsComeOneAfterTheOtherWithNumbersOfTheirOwn() {
    let images = images([5, 1, 12, 12])
    #expect(Augmentation([], seed: 3)(images, examples: 0..<5, epoch: 1) == images)
    // Steps that draw nothing, in the first one's place, leave the second its numbers.
    let both = Augmentation([RandomShift(pixels: 2), GaussianNoise(deviation: 1)], seed: 3)
    let second = Augmentation([RandomShift(pixels: 0), GaussianNoise(deviation: 1)], seed: 3)
    let shifted = Augmentation([RandomShift(pixels: 2)], seed: 3)(images, examples: 0..<5, epoch: 1)
    let noise = second(Tensor.zeros(images.shape), examples: 0..<5, epoch: 1)
    #expect(both(images, examples: 0..<5, epoch: 1) == shifted + noise)
    // Two steps of one kind do not draw alike.
    let twice = Augmentation([GaussianNoise(deviation: 1), GaussianNoise(deviation: 1)], seed: 3)
    let zeros = Tensor.zeros([1, 1, 12, 12])
    let once = Augmentation([GaussianNoise(deviation: 1)], seed: 3)(zeros, examples: [0], epoch: 1)
    #expect(twice(zeros, examples: [0], epoch: 1) != once + once)
  }

  // MARK: Displacement

  @Test func valuesAreInterpolatedBetweenPixelsAndZeroOutside() {
    let image = images([3, 4, 6])
    let x = image.scalars
    var random = RandomStream(seed: 2)
    var displacement = Displacement("test", of: image)
    displacement.down = random.uniform(-6..<6, shape: [24]).scalars
    displacement.right = random.uniform(-6..<6, shape: [24]).scalars
    displacement.down[3] = .infinity
    displacement.right[4] = .nan
    displacement.down[5] = 1e30
    let y = displacement(image).scalars
    for c in 0..<3 {
      for row in 0..<4 {
        for column in 0..<6 {
          let pixel = row * 6 + column
          // The sum over all pixels of a tent around the place.
          let (top, left) = (Float(row) + displacement.down[pixel], Float(column) + displacement.right[pixel])
          var expected: Float = 0
          for i in 0..<4 {
            for j in 0..<6 {
              let weight = max(0, 1 - abs(top - Float(i))) * max(0, 1 - abs(left - Float(j)))
              if weight > 0 { expected += weight * x[c * 24 + i * 6 + j] }
            }
          }
          if [3, 4, 5].contains(pixel) { expected = 0 }
          #expect(abs(y[c * 24 + pixel] - expected) < 1e-5, "\(c) \(row) \(column)")
        }
      }
    }
  }

  // MARK: Steps

  @Test func aShiftReachesEveryPlaceAndMovesExactly() {
    let image = images([2, 5, 6])
    var found: Set<[Int]> = []
    for example in 0..<300 {
      var random = RandomStream(seed: 1, stream: UInt64(example))
      let result = RandomShift(pixels: 2).changed(image, random: &random)
      for down in -2...2 {
        for right in -2...2 {
          var expected = Tensor.zeros([2, 5, 6])
          for c in 0..<2 {
            for i in 0..<5 where (0..<5).contains(i + down) {
              for j in 0..<6 where (0..<6).contains(j + right) {
                expected[c, i, j] = image[c, i + down, j + right]
              }
            }
          }
          if result == expected { found.insert([down, right]) }
        }
      }
    }
    #expect(found.count == 25)
  }

  @Test func aShiftByPartsGoesAnywhereWithinItsReach() {
    // Two slopes show how far the image was moved, down and right.
    let down = (0..<81).map { Float($0 / 9 - 4) }
    let right = (0..<81).map { Float($0 % 9 - 4) }
    let slopes = Tensor(down + right, shape: [2, 9, 9])
    var distances: [Float] = []
    for example in 0..<200 {
      var random = RandomStream(seed: 1, stream: UInt64(example))
      let moved = RandomShift(pixels: 2.5, wholePixels: false).changed(slopes, random: &random)
      distances += [moved[0, 4, 4], moved[1, 4, 4]]
      #expect(moved[0, 4, 4] != moved[1, 4, 4])
    }
    #expect(distances.allSatisfy { abs($0) <= 2.5 })
    #expect(distances.max()! > 2.4)
    #expect(distances.min()! < -2.4)
    #expect(distances.count { abs($0 - $0.rounded()) > 0.1 } > 250)
  }

  @Test func quarterTurnsAreExactAndAgainstTheClock() {
    let image = images([2, 5, 5])
    let turned = RandomRotation.turned(image, degrees: 90)
    for c in 0..<2 {
      for i in 0..<5 {
        for j in 0..<5 {
          let difference: Float = turned[c, i, j] - image[c, j, 4 - i]
          #expect(abs(difference) < 1e-5)
        }
      }
    }
    // The middle lies between pixels here, and the sides differ.
    let half = RandomRotation.turned(self.images([1, 4, 6], seed: 3), degrees: 180)
    let reversed = Tensor(images([1, 4, 6], seed: 3).scalars.reversed(), shape: [1, 4, 6])
    #expect(zip(half.scalars, reversed.scalars).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(RandomRotation.turned(image, degrees: 0) == image)
  }

  @Test func rotationsReachBothEndsAndNoFurther() {
    // One bright pixel, far to the right of the middle: where it goes shows the angle.
    var image = Tensor.zeros([1, 41, 41])
    image[0, 20, 36] = 1
    var angles: [Double] = []
    for example in 0..<200 {
      var random = RandomStream(seed: 1, stream: UInt64(example))
      let turned = RandomRotation(degrees: 30).changed(image, random: &random)
      var (y, x) = (0.0, 0.0)
      for i in 0..<41 {
        for j in 0..<41 {
          y += Double(turned[0, i, j]) * Double(20 - i)
          x += Double(turned[0, i, j]) * Double(j - 20)
        }
      }
      angles.append(atan2(y, x) * 180 / .pi)
    }
    #expect(angles.allSatisfy { abs($0) < 32 })
    #expect(angles.max()! > 26)
    #expect(angles.min()! < -26)
  }

  /// The smoothing as the formula has it, in Double and two-dimensional at once.
  @Test func elasticDisplacementsAreThoseOfTheFormula() {
    let (alpha, sigma, height, width) = (7.0, 1.5, 6, 8)
    let reach = 5
    var random = RandomStream(seed: 5)
    let displacement = ElasticDistortion(alpha: Float(alpha), sigma: Float(sigma)).displacement(
      of: Tensor.zeros([1, height, width]), random: &random)
    let wide = width + 2 * reach
    var sum = 0.0
    for a in -reach...reach {
      for b in -reach...reach { sum += exp(-Double(a * a + b * b) / (2 * sigma * sigma)) }
    }
    let source = RandomStream(seed: 5)
    for i in 0..<height {
      for j in 0..<width {
        var (down, right) = (0.0, 0.0)
        for a in -reach...reach {
          for b in -reach...reach {
            let weight = alpha * exp(-Double(a * a + b * b) / (2 * sigma * sigma)) / sum
            let bits = source.bits(at: UInt64((i + a + reach) * wide + j + b + reach))
            down += weight * (Double(bits >> 40) / Double(1 << 23) - 1)
            right += weight * (Double(bits & 0xFF_FFFF) / Double(1 << 23) - 1)
          }
        }
        #expect(abs(Double(displacement.down[i * width + j]) - down) < 1e-5)
        #expect(abs(Double(displacement.right[i * width + j]) - right) < 1e-5)
      }
    }
  }

  @Test func elasticDisplacementsAreAsLargeAsTheDocumentationSays() {
    var squares = (0.0, 0.0)
    for example in 0..<200 {
      var random = RandomStream(seed: 1, stream: UInt64(example))
      let d = ElasticDistortion().displacement(of: Tensor.zeros([1, 28, 28]), random: &random)
      // At the edge as in the middle.
      squares.0 += Double(d.down[0] * d.down[0] + d.right[783] * d.right[783]) / 400
      squares.1 += Double(d.down[14 * 28 + 14] * d.down[14 * 28 + 14] + d.right[400] * d.right[400]) / 400
    }
    let expected = 34 / (4 * (12 * Double.pi).squareRoot())
    #expect(abs(squares.0.squareRoot() / expected - 1) < 0.15)
    #expect(abs(squares.1.squareRoot() / expected - 1) < 0.15)
  }

  @Test func noiseHasTheDeviationAskedFor() {
    let image = Tensor(repeating: 0.5, shape: [2, 100, 100])
    var random = RandomStream(seed: 1)
    let noise = GaussianNoise(deviation: 0.2).changed(image, random: &random).scalars.map { Double($0) - 0.5 }
    let mean = noise.reduce(0, +) / 20_000
    let deviation = (noise.reduce(0) { $0 + $1 * $1 } / 20_000).squareRoot()
    #expect(abs(mean) < 0.006)
    #expect(abs(deviation / 0.2 - 1) < 0.02)
  }

  // MARK: Traps

  @Test func impossibleArgumentsTrap() async throws {
    let messages = [
      "Augmentation: images [N, C, H, W] are needed: [4, 5]",
      "Augmentation: images and examples differ in number: [2, 1, 3, 3] and [3]",
      "Augmentation: an epoch is from 0 to 2^25 - 1, given -1",
      "Augmentation: an example's index is from 0 to 2^36 - 1, given -2",
      "RandomShift: a distance of 0 or more is needed, given -1.0",
      "RandomRotation: an angle of 0 or more is needed, given nan",
      "ElasticDistortion: sigma from 0 to 1000 is needed, given 0.0",
      "ElasticDistortion: alpha of 0 or more is needed, given -1.0",
      "GaussianNoise: a deviation of 0 or more is needed, given -0.5",
      "Augmentation: step 0 changes the shape: [1, 3, 3] and [9]",
      "RandomShift: an image [C, H, W] is needed: [3, 3]",
    ]
    for asked in messages.indices {
      let result = try await #require(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [asked = asked as Int] in
        struct Flattening: AugmentationStep {
          func changed(_ image: Tensor, random: inout RandomStream) -> Tensor { image.flattened() }
        }
        let none = Augmentation([], seed: 1)
        let images = Tensor.zeros([2, 1, 3, 3])
        var random = RandomStream(seed: 1)
        switch asked {
        case 0: _ = none(Tensor.zeros([4, 5]), examples: 0..<4, epoch: 1)
        case 1: _ = none(images, examples: 0..<3, epoch: 1)
        case 2: _ = none(images, examples: 0..<2, epoch: -1)
        case 3: _ = none(images, examples: [0, -2], epoch: 1)
        case 4: _ = RandomShift(pixels: -1)
        case 5: _ = RandomRotation(degrees: .nan)
        case 6: _ = ElasticDistortion(sigma: 0)
        case 7: _ = ElasticDistortion(alpha: -1)
        case 8: _ = GaussianNoise(deviation: -0.5)
        case 9: _ = Augmentation([Flattening()], seed: 1)(images, examples: 0..<2, epoch: 1)
        default: _ = RandomShift(pixels: 1).changed(Tensor.zeros([3, 3]), random: &random)
        }
      }
      #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains(messages[asked]))
    }
  }
}
