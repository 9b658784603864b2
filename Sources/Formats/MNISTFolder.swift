import NumberText
import Foundation

/// The MNIST files of a folder: images and their labels, to learn from and to test with.
///
/// - PyTorch: the `raw` folder of `torchvision.datasets.MNIST`.
/// - Book: chapter 7.
public struct MNISTFolder: Sendable, Equatable {
  /// A file of images and the file of their labels.
  public struct Pair: Sendable, Equatable {
    /// The path of the images' file.
    public let images: String
    /// The path of the labels' file.
    public let labels: String
    /// How many images there are, and labels.
    public let count: Int
    /// Whether the images lie on their sides, rows and columns exchanged: EMNIST's do.
    public var isTransposed = false
  }

  /// The 60,000 digits to learn from, where the folder has them.
  public let train: Pair?
  /// The 10,000 digits to test with, where the folder has them.
  public let test: Pair?

  /// The files that lie in `directory` under their usual names: `train-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`
  /// and so on, also with `.idx` for `-idx`, also with `.gz`; where there are both, the plain one. EMNIST's digits are
  /// found too (`emnist-digits-train-images-idx3-ubyte`, `emnist-mnist-…`).
  ///
  /// They may lie in the folder itself, or where torchvision (`MNIST/raw`, `EMNIST/raw`), EMNIST's own archive (`gzip`) or
  /// Kaggle's (each file in a folder of its name) puts them.
  ///
  /// - Throws: `FileError` when the folder is missing or has none of the files, when images lack their labels or
  ///   labels their images, when they are not equally many, and when there are none.
  public static func find(in directory: String) throws(FileError) -> MNISTFolder {
    var isFolder: ObjCBool = false
    if !FileManager.default.fileExists(atPath: directory, isDirectory: &isFolder) {
      throw FileError(directory, "there is no such folder", expected: "a folder with the MNIST files")
    }
    if !isFolder.boolValue {
      throw FileError(directory, "this is a file", expected: "a folder with the MNIST files")
    }
    let root = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    for part in ["", "/raw", "/MNIST/raw", "/gzip", "/EMNIST/raw"] {
      for (train, test) in [
        ("train", "t10k"), ("emnist-digits-train", "emnist-digits-test"),
        ("emnist-mnist-train", "emnist-mnist-test"),
      ] {
        let found = MNISTFolder(
          train: try pair(in: root + part, prefix: train), test: try pair(in: root + part, prefix: test))
        if found.train != nil || found.test != nil { return found }
      }
    }
    throw FileError(
      directory, "this folder has no MNIST files\(others(in: root))",
      expected: "train-images-idx3-ubyte and train-labels-idx1-ubyte, or the two with t10k",
      advice: "The names may end in .gz. Without MNIST, use the generated digits.")
  }

  /// What looks like the right thing in another form, in words.
  private static func others(in directory: String) -> String {
    let names = ["", "/raw", "/gzip", "/EMNIST/raw"].flatMap {
      (try? FileManager.default.contentsOfDirectory(atPath: directory + $0)) ?? []
    }
    if names.contains(where: { $0.hasPrefix("emnist-") }) { return " of digits, only EMNIST's letters" }
    if names.contains(where: { $0.hasPrefix("train.csv") || $0.hasPrefix("mnist_train.csv") }) {
      return ", only tables (.csv), which are not read"
    }
    return ""
  }

  private static func pair(in directory: String, prefix: String) throws(FileError) -> Pair? {
    let images = file(in: directory, "\(prefix)-images", "idx3-ubyte")
    let labels = file(in: directory, "\(prefix)-labels", "idx1-ubyte")
    guard let images else {
      if let labels { throw lonely(labels, "images", missing: "\(prefix)-images-idx3-ubyte") }
      return nil
    }
    guard let labels else { throw lonely(images, "labels", missing: "\(prefix)-labels-idx1-ubyte") }

    let (imageCount, labelCount) = (try IDXFile.imageCount(images), try IDXFile.labelCount(labels))
    if imageCount != labelCount {
      throw FileError(
        labels, "it has \(counted(labelCount, "label"))",
        expected: "\(grouped(imageCount)), one for each image of \(images)",
        advice: "The two files do not belong together; fetch both again.")
    }
    if imageCount == 0 {
      throw FileError(images, "it has no images", expected: "at least one", advice: "Fetch the file again.")
    }
    return Pair(
      images: images, labels: labels, count: imageCount, isTransposed: prefix.hasPrefix("emnist"))
  }

  private static func file(in directory: String, _ name: String, _ kind: String) -> String? {
    let names = ["\(name)-\(kind)", "\(name).\(kind)", "\(name)-\(kind).gz", "\(name).\(kind).gz"]
    let paths = names.map { "\(directory)/\($0)" } + names.map { "\(directory)/\($0)/\($0)" }
    return paths.first {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
    }
  }

  private static func lonely(_ path: String, _ what: String, missing: String) -> FileError {
    FileError(
      path, "the \(what) that belong to it are missing", expected: "\(missing) beside it, perhaps with .gz",
      advice: "Fetch that file too.")
  }
}
