import Foundation

/// What a disk does to a writer: it is full, it may not be written to, the folder goes away.
extension WriterTrial {
  /// - Parameter disk: A small file system that can be filled; nil where none can be made: then a limit to a file's size
  ///   stands for it.
  func trouble(disk: SmallDisk?, _ outcome: inout Outcome) throws {
    try prepare()
    _ = try SharedNumbers(work + "/numbers")
    chmod(work + "/numbers", 0o666)
    let first = try child(from: 1, to: 2)
    guard (first.wait(30) ?? first.kill()) == .exited(0) else {
      outcome.words.append("\(subject.name): the first version cannot be written: \(words)")
      return
    }
    if let disk {
      for left in [0, 4096, 20_480] {
        try disk.fill(but: left)
        try refused(
          "the disk is full (\(left) bytes are free)", child(from: 2, to: 3), &outcome, mayManage: true)
        disk.empty()
      }
    } else {
      try refused("no file may be larger than 16 bytes", child(from: 2, to: 3, ["--most", "16"]), &outcome)
    }
    if geteuid() == 0 {
      try readOnly(true)
      try refused(
        "the folder may not be written to", child(from: 2, to: 3, ["--user", "65534"]), &outcome)
      try readOnly(false)
    }
    try vanish(&outcome)
  }

  /// Takes everybody's right to write, in the folder and below.
  private func readOnly(_ isReadOnly: Bool) throws {
    var folders = [folder]
    for case let path as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
      folders.append(folder + "/" + path)
    }
    for path in folders {
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      chmod(path, status.st_mode & 0o7777 & ~0o222 | (isReadOnly ? 0o555 : 0o777))
      if isReadOnly { chmod(path, status.st_mode & S_IFMT == S_IFDIR ? 0o555 : 0o444) }
    }
  }

  /// The child must end with an error in plain words, the old version must be there, and nothing else.
  private func refused(
    _ what: String, _ start: @autoclosure () throws -> Child, _ outcome: inout Outcome,
    mayManage: Bool = false
  ) throws {
    let before = try subject.version(folder)
    let child = try start()
    let end = child.wait(30) ?? child.kill()
    let manages = mayManage && end == .exited(0)
    if end != .exited(1) && !manages {
      outcome.words.append("\(subject.name): \(what), and it ended with \(end): \(words.prefix(300))")
    } else if !manages, !words.hasPrefix("error: "), !words.isEmpty {
      outcome.words.append("\(subject.name): \(what), and it said: \(words.prefix(300))")
    } else {
      outcome.refusals += 1
    }
    if words.contains("Error Domain") || words.contains("NSError") {
      outcome.words.append(
        "\(subject.name): \(what), and the system's own words came out: \(words.prefix(300))")
    }
    do {
      let version = try subject.version(folder)
      if version != before && !manages { throw Fault("version \(version) is there, and it was \(before)") }
    } catch {
      outcome.words.append("\(subject.name): \(what); afterwards: \(error)")
    }
    let stray = try leftovers()
    outcome.stray += stray.count
    if !stray.isEmpty {
      outcome.words.append("\(subject.name): \(what), and left: \(stray.sorted().joined(separator: ", "))")
    }
  }

  /// The folder goes while it is being written to: an error, or a new folder; no trap, and no waiting.
  private func vanish(_ outcome: inout Outcome) throws {
    let shared = try SharedNumbers(work + "/numbers")
    (shared[0], shared[1]) = (2, 2)
    let child = try child(from: 3, to: 60)
    while shared[0] < 6, child.poll() == nil { usleep(200) }
    let aside = work + "/gone"
    rename(folder, aside)
    try? FileManager.default.removeItem(atPath: aside)
    let end = child.wait(60) ?? child.kill()
    if end != .exited(0) && end != .exited(1) {
      outcome.words.append(
        "\(subject.name): its folder went away, and it ended with \(end): \(words.prefix(300))")
    } else {
      outcome.refusals += 1
    }
  }
}
