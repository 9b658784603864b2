import Datasets
import Formats
import Foundation
import Testing

/// Files that become three parts, or an error that says why they cannot.
@Suite struct MNISTDataTests {
  /// Writes images of 2×3 pixels, which count from 1, `count` to learn from and `count` to test with; returns the folder.
  private func folder(_ count: Int, prefix: (train: String, test: String) = ("train", "t10k")) throws
    -> String
  {
    let path = NSTemporaryDirectory() + "mnist-" + UUID().uuidString
    for part in [prefix.train, prefix.test] {
      let pixels = (0..<6 * count).map { UInt8($0 % 6 + 1) }
      try IDXFile.write(
        IDXImages(count: count, height: 2, width: 3, pixels: pixels), to: "\(path)/\(part)-images-idx3-ubyte",
        creatingFolders: true)
      try IDXFile.write(labels: [UInt8](repeating: 7, count: count), to: "\(path)/\(part)-labels-idx1-ubyte")
    }
    return path
  }

  @Test func noPartIsEmpty() throws {
    for count in [1, 11] {
      let path = try folder(count)
      defer { try? FileManager.default.removeItem(atPath: path) }
      let error = #expect(throws: FileError.self) { _ = try ImageData.mnist(in: path, split: nil) }
      #expect(error?.path == path + "/train-images-idx3-ubyte")
      #expect(error?.found == "it has \(count) image\(count == 1 ? "" : "s")")
    }
    let path = try folder(12)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let data = try ImageData.mnist(in: path, split: nil)
    #expect(data.training.count == 11 && data.validation.count == 1 && data.test.count == 12)
  }

  @Test func noImagesAtAll() throws {
    let path = try folder(0)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: FileError.self) { _ = try ImageData.mnist(in: path, split: nil) }
    #expect(error?.path == path + "/train-images-idx3-ubyte" && error?.found == "it has no images")
  }

  /// EMNIST's images lie on their sides.
  @Test func emnistIsTurnedUpright() throws {
    let path = try folder(12, prefix: ("emnist-digits-train", "emnist-digits-test"))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (images, labels) = try ImageData.mnist(in: path, split: nil).test.batch([0])
    #expect(images.shape == [1, 1, 3, 2] && labels.scalars == [7])
    #expect(images.scalars.map { Int(($0 * 255).rounded()) } == [1, 4, 2, 5, 3, 6])
  }
}
