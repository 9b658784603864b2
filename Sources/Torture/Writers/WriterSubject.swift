import BookKit
import Classroom
import ExerciseKit
import Formats
import Foundation
import Layers
import Pictures
import Tensors
import Training
import Workbench

/// Something that is written again and again, in versions: what is found afterwards tells which version it is, and whether
/// all of it is.
struct WriterSubject: Sendable {
  /// How the report calls it.
  let name: String
  /// All that is in the folder once a version has been written, from the folder on.
  let files: Set<String>
  /// Writes a version, from 1 on, into a folder.
  let write: @Sendable (_ version: Int, _ folder: String) throws -> Void
  /// The version that is there; 0 when there is none. Throws where something is that is not whole.
  let version: @Sendable (_ folder: String) throws -> Int

  static let all: [WriterSubject] = [
    checkpoint, weights, picture, chart, results, progress, marks, page, copy,
  ]

  private static func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The one number that all of these are; throws where they differ.
  private static func same(_ numbers: [Float], _ count: Int) throws -> Int {
    guard numbers.count == count, let first = numbers.first, numbers.allSatisfy({ $0 == first }) else {
      throw Fault("of two versions there is a part each")
    }
    return Int(first)
  }

  private static let checkpoint = WriterSubject(
    name: "checkpoint", files: ["run.safetensors"],
    write: { version, folder in
      let model = Linear(inFeatures: 2, outFeatures: 2)
      try Checkpoint(
        model, SGD(model.parameters, learningRate: 0.1), position: DataPosition(epoch: version, seed: 1),
        arrays: ["best": Tensor(repeating: Float(version), shape: [20_000])]
      ).write(to: folder + "/run.safetensors")
    },
    version: { folder in
      let path = folder + "/run.safetensors"
      guard isThere(path) else { return 0 }
      let read = try Checkpoint(readingFrom: path)
      let version = try same(read.arrays["best"]?.scalars ?? [], 20_000)
      if read.position.epoch != version { throw Fault("position and arrays are of two versions") }
      return version
    })

  private static let weights = WriterSubject(
    name: "weights", files: ["weights.safetensors"],
    write: { version, folder in
      let model = Linear(inFeatures: 200, outFeatures: 100)
      for parameter in model.parameters {
        parameter.update { $0 = Tensor(repeating: Float(version), shape: $0.shape) }
      }
      try model.writeWeights(to: folder + "/weights.safetensors")
    },
    version: { folder in
      guard isThere(folder + "/weights.safetensors") else { return 0 }
      let model = Linear(inFeatures: 200, outFeatures: 100)
      try model.readWeights(from: folder + "/weights.safetensors")
      return try same(model.parameters.flatMap(\.value.scalars), 20_100)
    })

  private static let picture = WriterSubject(
    name: "picture", files: ["map.png"],
    write: { version, folder in
      // Two bytes of the version in each pixel, and noise that does not pack.
      let (low, high) = (UInt8(version & 255), UInt8(version >> 8 & 255))
      let bytes = (0..<90_000).flatMap { place -> [UInt8] in [low, high, UInt8(place * 7 & 255)] }
      try PNG(width: 300, height: 300, color: .rgb, bytes: bytes).write(to: folder + "/map.png")
    },
    version: { folder in
      guard isThere(folder + "/map.png") else { return 0 }
      let bytes = try PNG(path: folder + "/map.png", as: .rgb).bytes
      let versions = (0..<90_000).map { place -> Float in
        Float(Int(bytes[3 * place]) + 256 * Int(bytes[3 * place + 1]))
      }
      return try same(versions, 90_000)
    })

  private static let chart = WriterSubject(
    name: "chart", files: ["loss.svg"],
    write: { version, folder in
      let numbers = (0..<300).map { Double($0 % 17) }
      try LineChart(
        title: "version \(version)", subtitle: nil, x: Axis("step"), y: Axis("loss"),
        series: [Series("end \(version)", x: numbers.indices.map { Double($0) }, y: numbers)]
      ).writeSVG(to: folder + "/loss.svg")
    },
    version: { folder in
      guard isThere(folder + "/loss.svg") else { return 0 }
      let text = try FileContents.text(of: folder + "/loss.svg")
      guard text.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("</svg>"),
        let match = text.firstMatch(of: /version (\d+)/), let version = Int(match.1)
      else { throw Fault("half a drawing") }
      return version
    })

  private static let results = WriterSubject(
    name: "results", files: ["results.json"],
    write: { version, folder in
      var results = Results(command: "torture", seed: UInt64(version))
      for i in 0..<200 { results.metrics["metric \(i)"] = Double(version) }
      try results.write(to: OutputFolder(folder))
    },
    version: { folder in
      guard let bytes = FileManager.default.contents(atPath: folder + "/results.json") else { return 0 }
      let results = try JSONDecoder().decode(Results.self, from: bytes)
      let version = try same(results.metrics.values.map { Float($0) }, 200)
      if results.seed != UInt64(version) { throw Fault("seed and metrics are of two versions") }
      return version
    })

  /// A count that each change raises: what is lost or done twice shows.
  private static let progress = WriterSubject(
    name: "progress", files: ["progress.json", ".progress.lock"],
    write: { version, folder in
      try ProgressFile(folder: URL(filePath: folder)).change { $0["1.1"].attempts += 1 }
    },
    version: { try ProgressFile(folder: URL(filePath: $0)).read()["1.1"].attempts })

  private static let marks = WriterSubject(
    name: "marks", files: ["state/ada/2.3.json"],
    write: { version, folder in
      let store = try MarkStore(folder: folder)
      try store.begin("2.3", of: "ada")
      var record = MarkRecord(exercise: "2.3", state: .passed)
      record.points = version
      record.printed = String(repeating: "\(version) ", count: 500)
      try store.write(record, of: "ada")
    },
    version: { folder in
      let store = try MarkStore(folder: folder)
      // A killed judge leaves a note that it was at work, which the next one settles.
      try store.settle(afterCrash: false)
      guard isThere(folder + "/state/ada/2.3.json") else { return 0 }
      guard let record = store.record("2.3", of: "ada") else { throw Fault("a mark that cannot be read") }
      if record.printed != String(repeating: "\(record.points) ", count: 500) {
        throw Fault("a mark of two versions")
      }
      return record.points
    })

  private static let page = WriterSubject(
    name: "book page", files: ["Book/03-pooling.md", "Book/Results/03-pooling/shifts/results.json"],
    write: { version, folder in
      let root = URL(filePath: folder)
      let results = root.appending(path: "Book/Results/03-pooling/shifts")
      var found = Results(command: "pooling shifts", seed: UInt64(version))
      found.metrics["accuracy"] = 0.5
      try AtomicFile.createFolder(results.path)
      try found.write(to: OutputFolder(results.path))
      let path = root.appending(path: "Book/03-pooling.md").path
      if !isThere(path) {
        let text =
          "# 3 Pooling\n\n"
          + (0..<300).map { _ in "By seed <!--= 03-pooling/shifts seed -->0<!--/-->.\n\n" }.joined()
        try AtomicFile.write(text, to: path)
      }
      let book = try Book(root: root)
      _ = try book.write(book.filled("Book/03-pooling.md"))
    },
    version: { folder in
      guard isThere(folder + "/Book/03-pooling.md") else { return 0 }
      let text = try FileContents.text(of: folder + "/Book/03-pooling.md")
      return try same(text.matches(of: /-->(\d+)<!--/).compactMap { Float($0.1) }, 300)
    })

  /// A copy for learners: made in a folder of its own, and put in place as a whole.
  private static let copy = WriterSubject(
    name: "released copy", files: Set((0..<40).map { "copy/Chapters/\($0).swift" }),
    write: { version, folder in
      let work = try WorkFolder(in: folder, for: "release")
      for i in 0..<40 {
        try AtomicFile.write(
          String(repeating: "\(version)\n", count: 50), to: work.path + "/copy/Chapters/\(i).swift",
          creatingFolders: true)
      }
      try work.publish("copy", as: folder + "/copy")
    },
    version: { folder in
      guard isThere(folder + "/copy") else { return 0 }
      return try same(
        (0..<40).flatMap { i in
          try FileContents.text(of: folder + "/copy/Chapters/\(i).swift").split(separator: "\n").compactMap {
            Float($0)
          }
        }, 2000)
    })
}
