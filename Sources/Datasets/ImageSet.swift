import Synchronization
import Tensors

/// Labelled grey images of one size, as bytes: 0 is paper and 255 is ink.
///
/// Images may be there already, read from a file, or be drawn when they are first asked for.
///
/// - PyTorch: a `torch.utils.data.Dataset` of (image, label) pairs.
public final class ImageSet: Sendable {
  /// H, of every image.
  public let height: Int
  /// W, of every image.
  public let width: Int
  /// One more than the largest label that may occur.
  public let classCount: Int
  /// What each image shows, from 0 up to but not including `classCount`.
  public let labels: [Int]

  private let draw: @Sendable (Int) -> [UInt8]
  private let cache: Mutex<Cache>

  private struct Cache {
    var pixels: [UInt8]
    var isDrawn: [Bool]
  }

  /// The number of images.
  public var count: Int { labels.count }

  /// Images that are there already.
  ///
  /// - Parameters:
  ///   - pixels: `labels.count` images, row by row, one after the other.
  ///   - labels: The class of each image, from `0..<classCount`.
  ///   - height: Pixels from top to bottom, the same for all.
  ///   - width: Pixels from left to right, the same for all.
  ///   - classCount: How many classes there are, also where some do not occur.
  public init(pixels: [UInt8], labels: [Int], height: Int, width: Int, classCount: Int) {
    if pixels.count != labels.count * height * width {
      trap("ImageSet: \(pixels.count) pixels for \(labels.count) images of \(height)×\(width)")
    }
    self.height = height
    self.width = width
    self.classCount = classCount
    self.labels = labels
    draw = { _ in [] }
    cache = Mutex(Cache(pixels: pixels, isDrawn: [Bool](repeating: true, count: labels.count)))
  }

  /// Images that are drawn when they are first asked for, and then kept.
  ///
  /// - Parameters:
  ///   - labels: The class of each image, from `0..<classCount`.
  ///   - height: Pixels from top to bottom, the same for all.
  ///   - width: Pixels from left to right, the same for all.
  ///   - classCount: How many classes there are, also where some do not occur.
  ///   - draw: The pixels of image `i`, always the same for the same `i`.
  public init(
    labels: [Int], height: Int, width: Int, classCount: Int, draw: @escaping @Sendable (Int) -> [UInt8]
  ) {
    self.height = height
    self.width = width
    self.classCount = classCount
    self.labels = labels
    self.draw = draw
    cache = Mutex(
      Cache(
        pixels: [UInt8](repeating: 0, count: labels.count * height * width),
        isDrawn: [Bool](repeating: false, count: labels.count)))
  }

  /// The first `count` of the digits that the project draws itself.
  public static func generatedDigits(count: Int, seed: UInt64) -> ImageSet {
    let digits = GeneratedDigits(seed: seed)
    return ImageSet(
      labels: digits.labels(at: 0..<count), height: GeneratedDigits.side, width: GeneratedDigits.side,
      classCount: 10
    ) { digits.image(at: $0) }
  }

  /// Images and labels for a network.
  ///
  /// - Returns: Images, `[N, 1, H, W]`, ink at 1 and paper at 0; labels, `[N]`.
  public func batch(_ indices: [Int]) -> (images: Tensor, labels: IntTensor) {
    let size = height * width
    let missing = cache.withLock { cache in indices.filter { !cache.isDrawn[$0] } }
    if !missing.isEmpty {
      let drawn = Mutex([(index: Int, pixels: [UInt8])]())
      Parallel.forEachRange(of: missing.count, grain: 16) { range in
        let images = range.map { (missing[$0], draw(missing[$0])) }
        drawn.withLock { $0 += images }
      }
      let images = drawn.withLock { $0 }
      cache.withLock { cache in
        for (index, pixels) in images {
          cache.pixels.replaceSubrange(index * size..<(index + 1) * size, with: pixels)
          cache.isDrawn[index] = true
        }
      }
    }
    var images = Tensor(uninitialized: [indices.count, 1, height, width])
    cache.withLock { cache in
      cache.pixels.withUnsafeBufferPointer { pixels in
        images.withMutablePointer { out in
          for (n, index) in indices.enumerated() {
            for p in 0..<size { out[n * size + p] = Float(pixels[index * size + p]) * (1 / 255) }
          }
        }
      }
    }
    return (images, IntTensor(indices.map { labels[$0] }))
  }
}

/// Some images of a set: the part to train on, say.
public struct ImagePart: Sendable {
  /// Where the images are.
  public let set: ImageSet
  /// Which of the set's images belong to the part, in order.
  public let indices: [Int]

  /// - Parameters:
  ///   - set: Where the images are; they are not copied.
  ///   - indices: Which of them belong to the part; an image may be in it twice.
  public init(_ set: ImageSet, _ indices: some Sequence<Int>) {
    self.set = set
    self.indices = Array(indices)
  }

  /// The number of images in the part.
  public var count: Int { indices.count }

  /// The first `count` of them, or all when there are fewer.
  public func first(_ count: Int) -> ImagePart { ImagePart(set, indices.prefix(count)) }

  /// Images `[N, 1, H, W]` and labels `[N]` of the given places in this part.
  public func batch(_ places: some Sequence<Int>) -> (images: Tensor, labels: IntTensor) {
    set.batch(places.map { indices[$0] })
  }
}

/// Images in three parts that share none: to learn from, to watch the learning by, and to judge the result by, once.
public struct ImageData: Sendable {
  /// The images to learn from.
  public let training: ImagePart
  /// The images to watch the learning by.
  public let validation: ImagePart
  /// The images to judge the result by, once.
  public let test: ImagePart
  /// Where the images are from, in words.
  public let source: String

  /// That the parts share no image is for the caller to see to.
  public init(training: ImagePart, validation: ImagePart, test: ImagePart, source: String) {
    self.training = training
    self.validation = validation
    self.test = test
    self.source = source
  }

  /// Digits that the project draws itself: as many to learn from as MNIST has.
  public static func generatedDigits(
    training: Int = 60_000, validation: Int = 1_000, test: Int = 2_000, seed: UInt64 = 1
  ) -> ImageData {
    let held = training + validation
    let set = ImageSet.generatedDigits(count: held + test, seed: seed)
    return ImageData(
      training: ImagePart(set, 0..<training), validation: ImagePart(set, training..<held),
      test: ImagePart(set, held..<held + test), source: "generated digits")
  }
}
