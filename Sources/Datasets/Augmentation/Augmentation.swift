import Tensors

/// One way to change an image at random, so that it still shows the same.
///
/// ``RandomShift``, ``RandomRotation``, ``ElasticDistortion`` and ``GaussianNoise`` are such steps; a type of one's own
/// may be another.
public protocol AugmentationStep: Sendable {
  /// The changed image.
  ///
  /// - Parameters:
  ///   - image: `[C, H, W]`.
  ///   - random: Where all of the step's chance comes from.
  /// - Returns: `[C, H, W]`.
  func changed(_ image: Tensor, random: inout RandomStream) -> Tensor
}

/// Changes images at random before they are trained on: every epoch each looks a little different.
///
/// The steps come one after the other. What becomes of an example is a function of the seed, the epoch and the example's
/// index alone: not of its batch, and not of the number of threads. Each step draws numbers of its own, so one that is
/// added at the end changes nothing before it.
///
/// ```swift
/// let augmentation = Augmentation(
///   [RandomRotation(degrees: 10), ElasticDistortion(), RandomShift(pixels: 2)], seed: 1)
/// let images = augmentation(batch.images, examples: examples, epoch: epoch)
/// ```
///
/// - PyTorch: `torchvision.transforms.v2.Compose`, which draws one transform for the whole batch.
/// - Book: chapter 7.
public struct Augmentation: Sendable {
  /// What is done to an image, one after the other.
  public let steps: [any AugmentationStep]
  /// What the random numbers come from.
  public let seed: UInt64

  /// - Parameters:
  ///   - steps: What is done to an image, one after the other; nothing when empty.
  ///   - seed: What the random numbers come from; the same seed changes the same images in the same way.
  public init(_ steps: [any AugmentationStep], seed: UInt64) {
    self.steps = steps
    self.seed = seed
  }

  /// The changed images. The work is spread over the processor's cores.
  ///
  /// - Parameters:
  ///   - images: `[N, C, H, W]`.
  ///   - examples: The index of each image's example, as ``Batches`` gives them; below 2³⁶.
  ///   - epoch: The epoch's number, below 2²⁵.
  /// - Returns: `[N, C, H, W]`.
  public func callAsFunction(_ images: Tensor, examples: some Sequence<Int>, epoch: Int) -> Tensor {
    let examples = Array(examples)
    if images.rank != 4 { trap("Augmentation: images [N, C, H, W] are needed: \(images.shape)") }
    if examples.count != images.shape[0] {
      trap("Augmentation: images and examples differ in number: \(images.shape) and [\(examples.count)]")
    }
    if !(0..<1 << 25).contains(epoch) { trap("Augmentation: an epoch is from 0 to 2^25 - 1, given \(epoch)") }
    if let odd = examples.first(where: { !(0..<1 << 36).contains($0) }) {
      trap("Augmentation: an example's index is from 0 to 2^36 - 1, given \(odd)")
    }
    let shape = Array(images.shape.dropFirst())
    let size = shape.reduce(1, *)
    var results = Tensor(uninitialized: images.shape)
    images.withPointer { from in
      results.withMutablePointer { to in
        // Each piece writes its own images only.
        Parallel.forEachRange(of: examples.count, grain: 4) { range in
          for n in range {
            let image = Tensor(UnsafeBufferPointer(start: from + n * size, count: size), shape: shape)
            let result = changed(image, example: examples[n], epoch: epoch)
            result.withPointer { (to + n * size).update(from: $0, count: size) }
          }
        }
      }
    }
    return results
  }

  private func changed(_ image: Tensor, example: Int, epoch: Int) -> Tensor {
    var result = image
    for (number, step) in steps.enumerated() {
      var random = RandomStream(seed: seed, stream: Self.streams + UInt64(epoch) << 36 + UInt64(example))
      // Room for four thousand million numbers each.
      random.position = UInt64(number) << 32
      result = step.changed(result, random: &random)
      if result.shape != image.shape {
        trap("Augmentation: step \(number) changes the shape: \(image.shape) and \(result.shape)")
      }
    }
    return result
  }

  /// Where the streams begin, one for each example of each epoch: they end before 2⁶³, where the generated digits'
  /// labels begin, and are far beyond those for orders.
  private static let streams: UInt64 = 1 << 62
}
