import Foundation
import Site

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Chromium without a window, driven over its own protocol by a pipe: messages are JSON, each with a zero byte after it.
final class Browser {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let process = Process()
  private let requests = Pipe()
  private let replies = Pipe()
  private let profile: URL
  private var unread = Data()
  private var lastID = 0
  private var session: String?

  /// What the page has asked for since the last `open`.
  private(set) var requested: [String] = []
  /// What went wrong on the page since then.
  private(set) var errors: [String] = []
  private var hasLoaded = false

  /// - Throws: When Chromium cannot be started.
  init() throws {
    let program = try OutsideProgram.chromium.find()
    profile = FileManager.default.temporaryDirectory.appending(path: "site-tests-\(UUID().uuidString)")
    // The protocol's pipe is at the numbers 3 and 4, which only a shell can give to a child of Foundation's.
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments =
      ["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null", program.file.path]
      + Publication.chromiumOptions(profile: profile) + ["--remote-debugging-pipe", "about:blank"]
    process.standardInput = requests
    process.standardOutput = replies
    try process.run()
    let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] as? String
    session =
      try call("Target.attachToTarget", ["targetId": target ?? "", "flatten": true])["sessionId"] as? String
    for domain in ["Page", "Runtime", "Network", "Log"] { try call("\(domain).enable") }
  }

  func close() {
    _ = try? call("Browser.close")
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: profile)
  }

  // MARK: The protocol

  @discardableResult
  func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    lastID += 1
    let id = lastID
    var message: [String: Any] = ["id": id, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    requests.fileHandleForWriting.write(try JSONSerialization.data(withJSONObject: message) + [0])
    while true {
      let reply = try next()
      guard reply["id"] as? Int == id else { continue }
      if let error = reply["error"] { throw Failure(description: "\(method): \(error)") }
      return reply["result"] as? [String: Any] ?? [:]
    }
  }

  /// The next message; events are noted on the way.
  private func next() throws -> [String: Any] {
    let output = replies.fileHandleForReading
    while true {
      if let end = unread.firstIndex(of: 0) {
        let message = unread[..<end]
        unread = Data(unread[(end + 1)...])
        let json = try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
        note(json)
        return json
      }
      var wait = pollfd(fd: output.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 60_000) > 0 else {
        throw Failure(description: "Chromium said nothing for a minute")
      }
      let data = output.availableData
      if data.isEmpty { throw Failure(description: "Chromium has ended") }
      unread += data
    }
  }

  private func note(_ event: [String: Any]) {
    let parameters = event["params"] as? [String: Any] ?? [:]
    switch event["method"] as? String {
    case "Page.loadEventFired": hasLoaded = true
    case "Network.requestWillBeSent":
      requested.append((parameters["request"] as? [String: Any])?["url"] as? String ?? "")
    case "Network.loadingFailed": errors.append("not loaded: \(parameters["errorText"] ?? "")")
    case "Runtime.exceptionThrown": errors.append("\(parameters["exceptionDetails"] ?? "")")
    case "Runtime.consoleAPICalled"
    where ["error", "warning", "assert"].contains(parameters["type"] as? String):
      errors.append("console: \(parameters["args"] ?? "")")
    case "Log.entryAdded":
      let entry = parameters["entry"] as? [String: Any]
      if entry?["level"] as? String == "error" { errors.append("log: \(entry?["text"] ?? "")") }
    default: break
    }
  }

  // MARK: What a reader does

  func setWindow(width: Int, height: Int = 900, isDark: Bool = false) throws {
    try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
    try call(
      "Emulation.setEmulatedMedia",
      ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
  }

  /// Opens a page and waits until all of it has been loaded.
  func open(_ url: URL) throws {
    (requested, errors, hasLoaded) = ([], [], false)
    try call("Page.navigate", ["url": url.absoluteString])
    try waitForPage()
  }

  /// Waits for the page that something has led to.
  func waitForPage() throws {
    while !hasLoaded { _ = try next() }
  }

  /// Does something that leads to another page, and waits for that.
  func follow(_ action: () throws -> Void) throws {
    hasLoaded = false
    try action()
    try waitForPage()
  }

  /// What an expression comes to; promises are waited for.
  @discardableResult
  func evaluate(_ expression: String) throws -> Any? {
    let reply = try call(
      "Runtime.evaluate",
      ["expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true])
    if let problem = reply["exceptionDetails"] { throw Failure(description: "\(expression): \(problem)") }
    return (reply["result"] as? [String: Any])?["value"]
  }

  func text(_ expression: String) throws -> String { try evaluate(expression) as? String ?? "" }
  func number(_ expression: String) throws -> Int { try evaluate(expression) as? Int ?? -1 }
  func holds(_ expression: String) throws -> Bool { try evaluate(expression) as? Bool ?? false }

  /// Waits until an expression is true, at most five seconds.
  func wait(until expression: String) throws {
    for _ in 0..<100 {
      if try holds(expression) { return }
      usleep(50_000)
    }
    throw Failure(description: "never true: \(expression)")
  }

  /// Presses a key and lets it go.
  func press(_ key: String) throws {
    var down: [String: Any] = ["type": "keyDown", "key": key, "code": key]
    if key.count == 1 { down["text"] = key }
    if key == "Enter" { down["text"] = "\r" }
    let codes = [
      "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9,
    ]
    if let code = codes[key] { down["windowsVirtualKeyCode"] = code }
    try call("Input.dispatchKeyEvent", down)
    try call("Input.dispatchKeyEvent", ["type": "keyUp", "key": key, "code": key])
  }

  func type(_ text: String) throws { try call("Input.insertText", ["text": text]) }
}
