import Foundation

/// What came of one case.
public struct CaseResult: Sendable {
  /// The case, by the name of its file.
  public let name: String
  /// What was compared: `conv2d`, `adam`; `?` where the file could not be read.
  public let op: String
  /// Where the engine's results are farthest from the reference; nil where nothing was compared.
  public let worst: Deviation?
  /// Why the case could not be checked to the end.
  public let fault: String?

  /// Whether every result is within its tolerance, and nothing was left uncompared.
  public var passed: Bool {
    guard fault == nil, let worst else { return false }
    return worst.share <= 1
  }

  /// `ok    act-relu  relu  0.0134  (output at [0, 3])`
  public var line: String {
    var text = "\(passed ? "ok  " : "FAIL")  \(name)  \(op)"
    if let worst {
      text += "  \(Self.short(worst.share))  (\(worst.array) at \(worst.index))"
      if worst.share > 1 { text += "  \(worst.mine), expected \(worst.reference)" }
    }
    if let fault { text += "  \(fault)" }
    return text
  }

  private static func short(_ share: Double) -> String {
    share.isFinite ? String(format: "%.4f", share) : "\(share)"
  }
}

/// Checks the case in one file.
public func checkCase(_ url: URL) -> CaseResult {
  let name = url.deletingPathExtension().lastPathComponent
  let golden: GoldenCase
  do {
    golden = try GoldenCase(name: name, file: GoldenFile(url.path))
  } catch {
    return CaseResult(name: name, op: "?", worst: nil, fault: "\(error)")
  }
  var fault: String?
  do {
    guard let handler = caseHandlers[golden.op] else { throw CaseFault("op unknown") }
    try handler(golden)
    try golden.settle()
  } catch {
    fault = "\(error)"
  }
  return CaseResult(name: golden.name, op: golden.op, worst: golden.worst, fault: fault)
}

/// The cases of a folder, in the order of their names.
public func goldenFiles(in folder: URL) throws -> [URL] {
  try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    .filter { $0.pathExtension == "safetensors" }
    .sorted { $0.lastPathComponent < $1.lastPathComponent }
}
