import Engine
import Foundation

/// A folder with one folder of PNG files for each class: `data/circle/1.png`, `data/square/1.png` and so on.
struct ImageFolder {
  /// The folders' names in alphabetical order; their places are the labels.
  let classes: [String]
  let data: ImageData

  init(_ folder: String) throws {
    let files = FileManager.default
    classes = try files.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
    var pixels: [UInt8] = []
    var labels: [Int] = []
    var size: (width: Int, height: Int)?
    for (label, name) in classes.enumerated() {
      let pictures = try files.contentsOfDirectory(atPath: "\(folder)/\(name)").filter {
        $0.hasSuffix(".png")
      }
      for picture in pictures.sorted() {
        let path = "\(folder)/\(name)/\(picture)"
        let image = try PNG(path: path, as: .gray)
        let expected = size ?? (image.width, image.height)
        if (image.width, image.height) != expected {
          throw FileError(
            path, "it is \(image.width)×\(image.height)",
            expected: "\(expected.width)×\(expected.height), as the first")
        }
        size = expected
        pixels += image.bytes.map { 255 - $0 }  // ink is 1 for the network, paper 0
        labels.append(label)
      }
    }
    guard let size, labels.count >= 10 else {
      throw FileError(
        folder, "it has \(labels.count) pictures", expected: "at least 10, in a folder for each class")
    }
    let set = ImageSet(
      pixels: pixels, labels: labels, height: size.height, width: size.width, classCount: classes.count)
    // Mixed once and for all: eight in ten to learn from, one to watch by, one to test with.
    var random = RandomStream(seed: 1)
    let order = random.permutation(labels.count)
    let (learned, watched) = (labels.count * 8 / 10, labels.count * 9 / 10)
    data = ImageData(
      training: ImagePart(set, order[..<learned]), validation: ImagePart(set, order[learned..<watched]),
      test: ImagePart(set, order[watched...]), source: folder)
  }
}
