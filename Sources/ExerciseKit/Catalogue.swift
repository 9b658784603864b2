import Foundation

/// All exercises of the package, found by their folders.
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
    case noClass(folder: String, expected: String)
    case unknown(String)

    public var description: String {
      switch self {
      case .noFolder(let url):
        "\(url.path): no such folder; start the workbook in the package's root folder"
      case .badFolder(let path):
        "\(path): the folder of an exercise is called by number and name, such as 03-CrossCorrelation2d"
      case .noClass(let folder, let expected):
        "\(folder): there must be a public class \(expected) that conforms to Exercise; build the workbook again"
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
      for name in try files.contentsOfDirectory(atPath: path.path).sorted() where !name.hasPrefix(".") {
        guard let (number, type) = Self.numbered(name) else {
          throw Problem.badFolder("\(chapterFolder)/\(name)")
        }
        // The class is found by its name, so that an exercise need not be listed anywhere.
        guard let found = NSClassFromString("Exercises.\(type)Exercise") as? any Exercise.Type else {
          throw Problem.noClass(folder: "\(chapterFolder)/\(name)", expected: "\(type)Exercise")
        }
        entries.append(
          Entry(
            id: "\(chapter).\(number)", chapter: chapter, number: number, name: type,
            folder: path.appending(path: name), chapterFolder: chapterFolder, exercise: found.init()))
      }
    }
    self.entries = entries.sorted { ($0.chapter, $0.number) < ($1.chapter, $1.number) }
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
