import Foundation

/// A copy of the workbook at a place of its own, as a clone is: what Git keeps, and a learner's folder.
struct Clone {
  let root: String

  /// - Parameters:
  ///   - original: The workbook's root.
  ///   - root: Where the copy goes.
  init(of original: String, at root: String) throws {
    self.root = root
    let files = FileManager.default
    try files.createDirectory(atPath: root, withIntermediateDirectories: true)
    // What the learner's commands read. The rest of the sources is large, and nobody asks for it.
    for name in ["Package.swift", "README.md", "workbook", "Exercises", "Book"] {
      try files.copyItem(atPath: original + "/" + name, toPath: root + "/" + name)
    }
    // The learner's folder as it is in a fresh clone.
    let yours = root + "/Exercises/Yours"
    for name in try files.contentsOfDirectory(atPath: yours)
    where name != "README.md" && name != "compile_flags.txt" {
      try files.removeItem(atPath: yours + "/" + name)
    }
    try files.createDirectory(atPath: root + "/Sources", withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: original + "/Sources")
    where files.fileExists(atPath: "\(original)/Sources/\(name)/module.modulemap") {
      try files.copyItem(atPath: "\(original)/Sources/\(name)", toPath: "\(root)/Sources/\(name)")
    }
  }

  /// The learner's file of exercise 1.1, and one that solves it.
  static let file = "Exercises/Yours/01-BigAndSmall/PerceptronParameters.swift"
  static let answer = """
    import Practice

    /// How many. é
    func perceptronParameters(sizes: [Int], hasBias: Bool) throws -> Int {
      var count = 0
      for (inputs, outputs) in zip(sizes, sizes.dropFirst()) { count += inputs * outputs + (hasBias ? outputs : 0) }
      return count
    }
    """

  /// Puts an answer into the learner's folder.
  func answer(_ bytes: [UInt8] = Array(answer.utf8)) throws {
    let path = root + "/" + Self.file
    try FileManager.default.createDirectory(
      atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// Takes or gives everybody's right to write, in all of it.
  func setWritable(_ isWritable: Bool) {
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    for path in [root] + names.map({ root + "/" + $0 }) {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { continue }
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      chmod(path, isFolder ? (isWritable ? 0o777 : 0o555) : (isWritable ? 0o666 : 0o444))
    }
  }
}
