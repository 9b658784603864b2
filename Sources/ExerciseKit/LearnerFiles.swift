import Formats
import Foundation
import Pictures

/// A file with a picture of what an answer made.
public struct ResultPicture: Sendable {
  /// The picture's file, a PNG.
  public let file: URL
  /// What it shows, in a few words.
  public let meaning: String
}

/// The folder of what the learner edits.
public struct LearnerFiles: Sendable {
  /// Usually `Exercises/Yours`.
  public let folder: URL

  /// The files in a folder, which need not be there yet.
  public init(folder: URL) { self.folder = folder }

  /// The learner's file of an exercise, made from the stub when there is none.
  @discardableResult
  public func file(for entry: Catalogue.Entry) throws -> URL {
    let file = path(of: entry)
    if !FileManager.default.fileExists(atPath: file.path) {
      try write(Array(entry.markedSource().stub.utf8), to: file)
    }
    return file
  }

  /// Where the learner's file of an exercise lies, or would.
  public func path(of entry: Catalogue.Entry) -> URL {
    folder.appending(path: entry.chapterFolder).appending(path: "\(entry.name).swift")
  }

  /// Makes the learner's file anew.
  ///
  /// - Returns: Where the old one is kept; nil when there was none, or when it was as new.
  public func reset(_ entry: Catalogue.Entry) throws -> URL? {
    let file = path(of: entry)
    let stub = try entry.markedSource().stub
    var backup: URL?
    // The bytes, for a learner's editor may write in another encoding.
    if let old = try? Data(contentsOf: file), old != Data(stub.utf8) {
      let formatter = DateFormatter()
      formatter.locale = Locale(identifier: "en_US_POSIX")
      formatter.dateFormat = "yyyy-MM-dd-HHmmss"
      let stem = "\(entry.name)-\(formatter.string(from: .now))"
      let backups = folder.appending(path: "Backups").appending(path: entry.chapterFolder)
      let free = (0...).lazy.map {
        backups.appending(path: $0 == 0 ? "\(stem).swift" : "\(stem)-\($0).swift")
      }
      .first { !FileManager.default.fileExists(atPath: $0.path) }!
      try write([UInt8](old), to: free)
      backup = free
    }
    try write(Array(stub.utf8), to: file)
    return backup
  }

  /// Draws the image that a verdict found wrong, beside what was expected and the difference. Without one, the picture
  /// of an earlier verdict goes.
  ///
  /// - Returns: Where the picture lies; nil when there is nothing to draw.
  /// - Throws: `FileError` when the picture cannot be written.
  public func drawPicture(of verdict: Verdict, for entry: Catalogue.Entry) throws(FileError) -> URL? {
    let file = folder.appending(path: "Pictures").appending(path: "\(entry.id).png")
    guard let image = verdict.image else {
      unlink(file.path)
      return nil
    }
    try AtomicFile.createFolder(file.deletingLastPathComponent().path)
    try image.canvas(title: "\(entry.id)  \(entry.exercise.title)").writePNG(to: file.path)
    return file
  }

  /// Writes what the checks drew of an answer, in place of what they drew of an earlier one.
  ///
  /// - Returns: Where each picture lies, with what it shows.
  /// - Throws: `FileError` when a picture cannot be written.
  public func drawResults(of verdict: Verdict, for entry: Catalogue.Entry) throws(FileError)
    -> [ResultPicture]
  {
    let folder = folder.appending(path: "Pictures").appending(path: entry.id)
    try? FileManager.default.removeItem(at: folder)
    var written: [ResultPicture] = []
    for picture in verdict.judgement?.pictures ?? [] {
      try AtomicFile.createFolder(folder.path)
      let file = folder.appending(path: "\(picture.name).png")
      try picture.canvas.writePNG(to: file.path)
      written.append(ResultPicture(file: file, meaning: picture.meaning))
    }
    return written
  }

  private func write(_ bytes: [UInt8], to file: URL) throws(FileError) {
    try AtomicFile.write(bytes, to: file.path, creatingFolders: true)
  }
}
