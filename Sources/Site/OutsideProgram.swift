import BookKit
import Formats
import Foundation

/// A program of the system that an output of the book needs.
public struct OutsideProgram: Sendable {
  /// Its names, in the order in which they are looked for.
  let names: [String]
  /// What it is needed for.
  let purpose: String
  /// How to install it.
  let installation: String

  /// Makes MathML of TeX, and packs the EPUB.
  public static let pandoc = OutsideProgram(
    names: ["pandoc"], purpose: "formulas are made by pandoc",
    installation: "apt-get install pandoc, or brew install pandoc")

  /// Prints the PDF.
  public static let chromium = OutsideProgram(
    names: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    purpose: "the PDF is printed by Chromium",
    installation: "apt-get install chromium, or brew install --cask chromium")

  /// Where macOS has programs that are in no folder of `PATH`.
  private static let applications = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ]

  /// A program that was found.
  public struct Found: Sendable {
    public let file: URL

    /// Runs the program to its end.
    ///
    /// - Throws: `BookProblem` with what it said when it fails.
    @discardableResult
    func run(_ arguments: [String], input: Data = Data(), in folder: URL? = nil) throws(BookProblem)
      -> (output: Data, errors: String)
    {
      let name = file.lastPathComponent
      do {
        // Files and not pipes: neither side can wait for the other.
        let scratch = try TemporaryFolder()
        defer { scratch.remove() }
        let files = ["in", "out", "err"].map { scratch.url.appending(path: $0) }
        try input.write(to: files[0])
        for file in files[1...] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = file
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = folder }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        // `waitUntilExit` looks again and again, and takes a part of a core from the program that it waits for.
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        ended.wait()
        let errors = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
        guard process.terminationStatus == 0 else {
          throw BookProblem(
            name, "it failed with exit status \(process.terminationStatus)",
            advice: errors.split(separator: "\n").suffix(8).joined(separator: "\n"))
        }
        return (try Data(contentsOf: files[1]), errors)
      } catch let problem as BookProblem {
        throw problem
      } catch {
        throw BookProblem(file.path, "it cannot be run: \(error.localizedDescription)")
      }
    }
  }

  /// - Throws: `BookProblem` that says how to install it when it is missing.
  public func find(path: String? = ProgramSearch.path) throws(BookProblem) -> Found {
    guard let found = findIfThere(path: path) else {
      throw BookProblem(
        names[0], "it is not installed, and \(purpose)", advice: "Install it: \(installation)")
    }
    return found
  }

  /// The program, or nil where it is not installed.
  public func findIfThere(path: String? = ProgramSearch.path) -> Found? {
    let inPath = names.lazy.compactMap { ProgramSearch.find($0, path: path) }.first
    let applications = names.contains("chromium") ? Self.applications : []
    let file =
      inPath
      ?? applications.first { FileManager.default.isExecutableFile(atPath: $0) }.map { URL(filePath: $0) }
    return file.map { Found(file: $0) }
  }
}

/// A folder for a while.
struct TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: ".workbook-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}
