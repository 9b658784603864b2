import Foundation
import Testing

/// A browser without a window, in which a figure's script is run.
struct Browser {
  let path: String

  static let missing: Comment = "no Chromium is installed: the figures that readers touch are not run"

  /// The one that is installed, if there is one.
  static let installed: Browser? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let names = ["chromium", "chromium-browser", "google-chrome"]
    let paths = folders.flatMap { folder in names.map { folder + "/" + $0 } }
    let found = paths.first { FileManager.default.isExecutableFile(atPath: $0) }
    if found == nil { print("note: \(missing)") }
    return found.map { Browser(path: $0) }
  }()

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Opens a page that shows a figure, runs a test's script after the figure's own, and gives back what it reports.
  ///
  /// - Parameters:
  ///   - expected: What the script finds as `expected`.
  ///   - script: The body of an asynchronous function; what it returns is the report. `figure` is the figure on the page.
  func run<Report: Decodable>(
    _ figure: TouchFigure, expected: some Encodable, _ script: String, as type: Report.Type = Report.self
  ) throws -> Report {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "touch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let json = String(decoding: try JSONEncoder().encode(expected), as: UTF8.self)
    // What goes wrong is reported too: an empty report says nothing.
    let test = """
      const expected = \(json);
      const figure = document.querySelector("figure[data-touch]");
      const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
      const report = (object) => {
        const bytes = new TextEncoder().encode(JSON.stringify(object));
        document.getElementById("report").textContent =
          "«" + btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) + "»";
      };
      (async () => { \(script) })().then((result) => report({ result }), (error) => report({ error: `${error}` }));
      """
    try Data(test.utf8).write(to: folder.appending(path: "test.js"))
    let page = """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(figure.name)</title>
      <link rel="stylesheet" href="\(figure.folder.appending(path: "touch.css").absoluteString)">
      <script defer src="\(figure.data.absoluteString)"></script>
      <script defer src="\(figure.script.absoluteString)"></script><script defer src="test.js"></script></head>
      <body><figure class="touch" data-touch="\(figure.name)"><img src="\(figure.picture.absoluteString)" alt="static">
      <figcaption>A caption.</figcaption></figure><pre id="report"></pre></body></html>
      """
    try Data(page.utf8).write(to: folder.appending(path: "page.html"))
    let document = try dump(folder.appending(path: "page.html"), profile: folder.appending(path: "profile"))
    guard let match = document.firstMatch(of: /«([A-Za-z0-9+\/=]*)»/),
      let data = Data(base64Encoded: String(match.1))
    else { throw Failure(description: "\(figure.name): the page reported nothing") }
    let answer = try JSONDecoder().decode(Answer<Report>.self, from: data)
    if let error = answer.error { throw Failure(description: "\(figure.name): \(error)") }
    guard let result = answer.result else { throw Failure(description: "\(figure.name): an empty report") }
    return result
  }

  private struct Answer<Report: Decodable>: Decodable {
    let result: Report?
    let error: String?
  }

  /// The document of a page when all of its scripts have run: the browser's clock goes on as soon as nothing is left to do.
  private func dump(_ page: URL, profile: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=900,1400",
      "--user-data-dir=\(profile.path)", "--virtual-time-budget=60000", "--dump-dom", page.absoluteString,
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
