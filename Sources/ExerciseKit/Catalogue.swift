import Foundation

/// All exercises of the package: those that the chapters list.
public struct Catalogue: Sendable {
  public let entries: [Entry]

  /// One exercise and its place in the workbook.
  public struct Entry: Sendable {
    /// Chapter and number, such as "2.3".
    public let id: String
    public let chapter: Int
    public let number: Int
    /// The name, such as "CrossCorrelation2d".
    public let name: String
    public let folder: URL
    /// The folder of its chapter, such as "02-Convolution".
    public let chapterFolder: String
    public let exercise: any Exercise

    public var source: URL { folder.appending(path: "\(name).swift") }

    public func markedSource() throws -> MarkedSource {
      MarkedSource(try String(contentsOf: source, encoding: .utf8))
    }
  }

  public enum Problem: Error, CustomStringConvertible {
    case noFolder(URL)
    case badFolder(String)
    case noChapter(folder: String, module: String)
    case otherList(folder: String, listed: [String], folders: [String])
    case unknown(String)

    public var description: String {
      switch self {
      case .noFolder(let url):
        "\(url.path): no such folder; start the workbook in the package's root folder"
      case .badFolder(let path):
        "\(path): the folder of an exercise is called by number and name, such as 03-CrossCorrelation2d"
      case .noChapter(let folder, let module):
        """
        Exercises/\(folder): the module \(module) must have a public class Chapter, which lists the exercises, in \
        Chapter.swift; and the chapter needs its line in Package.swift. Then build the workbook again
        """
      case .otherList(let folder, let listed, let folders):
        """
        Exercises/\(folder): Chapter.swift lists \(listed.joined(separator: ", ")), the folders are \
        \(folders.joined(separator: ", ")); they must be the same, in the same order
        """
      case .unknown(let name):
        "there is no exercise \(name); `./workbook list` shows all"
      }
    }
  }

  /// - Parameter root: The package's folder.
  public init(root: URL) throws {
    let folder = root.appending(path: "Exercises")
    let files = FileManager.default
    guard let chapters = try? files.contentsOfDirectory(atPath: folder.path) else {
      throw Problem.noFolder(folder)
    }
    var entries: [Entry] = []
    for chapterFolder in chapters.sorted() {
      guard let chapter = Self.numbered(chapterFolder)?.number else { continue }
      let path = folder.appending(path: chapterFolder)
      let folders = try Self.folders(in: path)
      // Found by its name, so that no list of chapters has to be kept here.
      let module = "Exercises" + chapterFolder.replacing("-", with: "")
      guard let list = NSClassFromString("\(module).Chapter") as? any ExerciseChapter.Type else {
        throw Problem.noChapter(folder: chapterFolder, module: module)
      }
      let types = list.init().exercises
      let listed = types.enumerated().map { index, type in
        String(format: "%02d-", index + 1) + "\(type)".replacing(/Exercise$/, with: "")
      }
      guard listed == folders else {
        throw Problem.otherList(folder: chapterFolder, listed: listed, folders: folders)
      }
      for (index, (type, name)) in zip(types, folders).enumerated() {
        entries.append(
          Entry(
            id: "\(chapter).\(index + 1)", chapter: chapter, number: index + 1,
            name: String(name.dropFirst(3)),
            folder: path.appending(path: name), chapterFolder: chapterFolder, exercise: type.init()))
      }
    }
    self.entries = entries.sorted { ($0.chapter, $0.number) < ($1.chapter, $1.number) }
  }

  /// The folders of a chapter's exercises, in their order.
  private static func folders(in chapter: URL) throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: chapter.path).filter { name in
      !name.hasPrefix(".") && chapter.appending(path: name).isFolder
    }
    if let other = names.first(where: { numbered($0) == nil }) {
      throw Problem.badFolder("\(chapter.lastPathComponent)/\(other)")
    }
    return names.sorted()
  }

  /// "03-Name" as 3 and "Name".
  private static func numbered(_ name: String) -> (number: Int, name: String)? {
    guard let match = name.wholeMatch(of: /(\d\d)-(\w+)/), let number = Int(match.1) else { return nil }
    return (number, String(match.2))
  }

  /// The exercise that is called so: by its number, its name, or its learner's file.
  public func entry(_ name: String) throws -> Entry {
    let wanted = name.lowercased()
    let last = URL(filePath: wanted).deletingPathExtension().lastPathComponent
    guard
      let entry = entries.first(where: {
        $0.id == wanted || $0.name.lowercased() == (wanted == $0.id ? "" : last)
      })
    else { throw Problem.unknown(name) }
    return entry
  }

  /// The chapters by number, with their folders' names.
  public var chapters: [(number: Int, folder: String, entries: [Entry])] {
    Dictionary(grouping: entries, by: \.chapter).sorted { $0.key < $1.key }
      .map { ($0.key, $0.value[0].chapterFolder, $0.value) }
  }

  /// "02-BigAndSmall" as "Big and small".
  public static func title(ofFolder folder: String) -> String {
    let words = folder.drop { $0.isNumber || $0 == "-" }
    var title = ""
    for character in words {
      if character.isUppercase && !title.isEmpty && title.last?.isUppercase == false { title += " " }
      title.append(character)
    }
    return title.split(separator: " ").enumerated().map { index, word in
      index == 0 || word.allSatisfy(\.isUppercase) && word.count > 1 ? String(word) : word.lowercased()
    }.joined(separator: " ")
  }
}

extension URL {
  fileprivate var isFolder: Bool { (try? resourceValues(forKeys: [.isDirectoryKey]).isDirectory) ?? false }
}
