import Foundation

/// The public declarations of built modules, with their comments, as files that DocC reads.
struct SymbolGraphs {
  let root: URL
  let products: URL
  let extractor: URL

  init(of reference: Reference) {
    (root, products, extractor) = (reference.root, reference.products, reference.extractor)
  }

  /// Extracts every module of the reference into a folder.
  ///
  /// - Throws: `CannotDocument` where a module was not built, or before its sources were changed.
  func extract(to folder: URL) throws {
    for module in Reference.modules { try checkBuilt(module) }
    let common = try arguments()
    for module in Reference.modules {
      let (succeeded, text) = try Tool.run(
        extractor,
        [
          "-module-name", module, "-output-dir", folder.path, "-minimum-access-level", "public",
          "-skip-synthesized-members",
        ] + common)
      guard succeeded else {
        throw CannotDocument("\(module): its symbols cannot be extracted:\n\(text.suffix(2_000))")
      }
    }
  }

  /// A comment is read from the source, at the place that the build has noted: an older build notes others.
  ///
  /// The notes' own file tells when that was. The module's does not: the compiler leaves it as it is where only comments
  /// have changed.
  private func checkBuilt(_ module: String) throws {
    let built = products.appending(path: "Modules/\(module).swiftsourceinfo")
    guard let time = try? built.modified else {
      throw CannotDocument("\(built.path): no such file; build it first: swift build --target \(module)")
    }
    let folder = root.appending(path: "Sources/\(module)")
    let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    for file in files.sorted() where file.hasSuffix(".swift") {
      if try folder.appending(path: file).modified > time {
        throw CannotDocument(
          """
          Sources/\(module)/\(file) was changed after \(module) was built; build it first: \
          swift build --target \(module)
          """)
      }
    }
  }

  /// Where the modules are, and the C modules that they import.
  private func arguments() throws -> [String] {
    let files = FileManager.default
    func folders(in folder: URL) -> [URL] {
      ((try? files.contentsOfDirectory(atPath: folder.path)) ?? []).sorted().map {
        folder.appending(path: $0)
      }
    }
    let sources = folders(in: root.appending(path: "Sources"))
    var arguments = ["-I", products.appending(path: "Modules").path]
    for folder in sources {
      for place in [folder, folder.appending(path: "include")] where files.fileExists(atPath: place.path) {
        arguments += ["-I", place.path]
      }
    }
    // Those that the package manager writes for C targets, and those that packages bring.
    var maps: [URL] = []
    for folder in folders(in: products) where folder.pathExtension == "build" {
      let map = folder.appending(path: "module.modulemap")
      if files.fileExists(atPath: map.path) { maps.append(map) }
    }
    if let checkouts = products.above(holding: "checkouts") {
      for target in folders(in: checkouts).flatMap({ folders(in: $0.appending(path: "Sources")) }) {
        let map = target.appending(path: "include/module.modulemap")
        if files.fileExists(atPath: map.path) {
          maps.append(map)
          arguments += ["-I", target.appending(path: "include").path]
        }
      }
    }
    for map in maps { arguments += ["-Xcc", "-fmodule-map-file=\(map.path)"] }
    guard let target = try Tool.targetTriple() else { throw CannotDocument("swiftc does not say its target") }
    return arguments + ["-target", target] + (try Tool.sdk().map { ["-sdk", $0] } ?? [])
  }
}

extension URL {
  /// When the file was last changed.
  fileprivate var modified: Date {
    get throws {
      try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date ?? .distantPast
    }
  }

  /// The folder of this name in the nearest folder above that has one.
  fileprivate func above(holding name: String) -> URL? {
    var place = self
    while place.path != "/" {
      place = place.deletingLastPathComponent()
      let folder = place.appending(path: name)
      if FileManager.default.fileExists(atPath: folder.path) { return folder }
    }
    return nil
  }
}
