import Formats
import NumberText
import Tensors

extension ImageData {
  /// Digits from MNIST-format files, in three parts.
  ///
  /// With both pairs of files in the folder, the images that train are those of the first pair, less a twelfth for
  /// validation, and the test is the second pair. With one pair, or when `split` is given, its first `split` images
  /// train; of the rest, a quarter validates and three quarters test.
  ///
  /// - Throws: `FileError` when files are missing or damaged, `CannotSplit` when `split` does not fit.
  /// - Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
  /// - Book: chapter 7.
  public static func mnist(in directory: String, split: Int?) throws -> ImageData {
    let folder = try MNISTFolder.find(in: directory)
    if let train = folder.train, let test = folder.test, split == nil {
      let set = try images(of: train)
      let held = try images(of: test)
      if set.count < 12 {
        throw FileError(
          train.images, "it has \(counted(set.count, "image"))",
          expected: "12 or more, for a twelfth is left out of the training to validate with",
          advice: "Give more images, or say by --split how many train.")
      }
      let learn = set.count - set.count / 12
      return ImageData(
        training: ImagePart(set, 0..<learn), validation: ImagePart(set, learn..<set.count),
        test: ImagePart(held, 0..<held.count), source: directory)
    }
    guard let pair = folder.train ?? folder.test else { trap("MNISTFolder: found neither pair") }
    guard let split else { throw CannotSplit(path: pair.images, count: pair.count, split: nil) }
    if split < 1 || split > pair.count - 4 {
      throw CannotSplit(path: pair.images, count: pair.count, split: split)
    }
    let set = try images(of: pair)
    let validation = split + (set.count - split) / 4
    return ImageData(
      training: ImagePart(set, 0..<split), validation: ImagePart(set, split..<validation),
      test: ImagePart(set, validation..<set.count), source: directory)
  }

  /// These data with other images to test with: those of MNIST-format files, the ten thousand to test with where the
  /// folder has them.
  ///
  /// - Parameters:
  ///   - directory: A folder with MNIST's files, or others in their format, plain or gzipped.
  ///   - first: How many images are left out at the beginning: those that something was chosen by.
  /// - Throws: `FileError` when files are missing or damaged, or no image is left.
  public func tested(onFilesIn directory: String, leavingOut first: Int = 0) throws -> ImageData {
    let folder = try MNISTFolder.find(in: directory)
    guard let pair = folder.test ?? folder.train else { trap("MNISTFolder: found neither pair") }
    let set = try Self.images(of: pair)
    if first >= set.count {
      throw FileError(
        pair.images, "it has \(set.count) images, and \(first) are to be left out",
        advice: "Leave out fewer, so that some remain to test with.")
    }
    return ImageData(
      training: training, validation: validation, test: ImagePart(set, first..<set.count), source: source)
  }

  private static func images(of pair: MNISTFolder.Pair) throws -> ImageSet {
    let images = try IDXFile.readImages(pair.images)
    let labels = try IDXFile.readLabels(pair.labels).map(Int.init)
    if let bad = labels.firstIndex(where: { $0 > 9 }) {
      throw FileError(
        pair.labels, "label \(labels[bad]) of image \(bad) is not a digit", expected: "labels from 0 to 9")
    }
    if images.count != labels.count {
      throw FileError(
        pair.labels, "\(labels.count) labels for \(images.count) images", expected: "one label for each image"
      )
    }
    return ImageSet(
      pixels: pair.isTransposed ? images.transposed.pixels : images.pixels, labels: labels,
      height: pair.isTransposed ? images.width : images.height,
      width: pair.isTransposed ? images.height : images.width, classCount: 10)
  }
}

/// There is one pair of files, and no way to make three parts of it.
public struct CannotSplit: Error, CustomStringConvertible {
  /// The folder.
  public let path: String
  /// How many images its one pair of files has.
  public let count: Int
  /// How many of them were to train; nil when nothing was said.
  public let split: Int?

  public var description: String {
    let example = max(1, count * 4 / 5)
    guard let split else {
      return """
        \(path): this folder has one pair of files, so nothing is left to test with.
               Add --split N: the first N of the \(count) images train and the rest are held out (--split \(example), say).
        """
    }
    return """
      --split \(split) does not fit \(path), which has \(count) images: it must be from 1 to \(max(1, count - 4)).
             The first N images train and the rest are held out (--split \(example), say).
      """
  }
}
