import Foundation

/// All exercises of the package: those that the chapters list.
public struct Catalogue: Sendable {
  /// The exercises, by chapter and number.
  public private(set) var entries: [Entry]
  /// The chapters' titles by number, as the book has them.
  private let titles: [Int: String]

  /// One exercise and its place in the workbook.
  public struct Entry: Sendable {
    /// Chapter and number, such as "2.3".
    public let id: String
    /// The number of its chapter.
    public let chapter: Int
    /// Its place in the chapter, from 1.
    public let number: Int
    /// The name, such as "CrossCorrelation2d".
    public let name: String
    /// Its own folder, such as `Exercises/02-Convolution/03-CrossCorrelation2d`.
    public let folder: URL
    /// The folder of its chapter, such as "02-Convolution".
    public let chapterFolder: String
    /// What it asks for, and how it is checked.
    public let exercise: any Exercise
    /// The texts of checks that a learner's copy leaves to the marking.
    public internal(set) var withheld: Set<String> = []
    /// What the course makes it worth, and when it is due; nil where nobody has said.
    public internal(set) var coursePoints: Double?
    /// When the course wants it; nil where nobody has said.
    public internal(set) var due: Date?

    /// The file of the marked source, from which the learner's file is made.
    public var source: URL { folder.appending(path: "\(name).swift") }

    /// The marked source as it stands in the file now.
    ///
    /// - Throws: When the file cannot be read.
    public func markedSource() throws -> MarkedSource {
      MarkedSource(try String(contentsOf: source, encoding: .utf8))
    }
  }

  /// Why there is no catalogue, or no exercise of a name.
  public enum Problem: Error, CustomStringConvertible {
    /// There is no such folder: this is not the package's root.
    case noFolder(URL)
    /// A folder among the exercises is not called by number and name.
    case badFolder(String)
    /// A chapter's folder whose module has no list of exercises.
    case noChapter(folder: String, module: String)
    /// A chapter's list and its folders are not the same, in the same order.
    case otherList(folder: String, listed: [String], folders: [String])
    /// No exercise is called so; those with almost this name.
    case unknown(String, similar: [String])
    /// One exercise was asked for, and this is a chapter.
    case chapter(Int, exercises: [String])

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
      case .unknown(let name, let similar):
        "there is no exercise \(name)"
          + (similar.isEmpty ? ";" : "; did you mean \(similar.joined(separator: " or "))?")
          + " `./workbook list` shows all"
      case .chapter(let number, let exercises):
        "\(number) is a chapter; name one of its exercises: \(exercises.joined(separator: ", "))"
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
    let copy = try LearnersCopy(root: root)
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
      // A learner's copy has a choice of them, with the numbers that they have in the whole.
      let given = copy == nil ? listed : listed.filter(folders.contains)
      guard given == folders else {
        throw Problem.otherList(folder: chapterFolder, listed: listed, folders: folders)
      }
      for (index, (type, name)) in zip(types, listed).enumerated() where folders.contains(name) {
        entries.append(
          Entry(
            id: "\(chapter).\(index + 1)", chapter: chapter, number: index + 1,
            name: String(name.dropFirst(3)),
            folder: path.appending(path: name), chapterFolder: chapterFolder, exercise: type.init()))
      }
    }
    self.entries = entries.sorted { ($0.chapter, $0.number) < ($1.chapter, $1.number) }
    titles = Self.titles(inBook: root.appending(path: "Book"))
    if let copy {
      let plan = try CoursePlan(copy.course, in: self)
      self.entries = plan.entries.map { entry in
        var entry = entry
        entry.withheld = plan.hidden(of: entry)
        entry.coursePoints = plan.points(of: entry)
        entry.due = plan.due(entry)
        return entry
      }
    }
  }

  /// The chapters' titles, from the first lines of the book's pages: "# 7 Training a CNN".
  private static func titles(inBook folder: URL) -> [Int: String] {
    var titles: [Int: String] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
      guard name.firstMatch(of: /^\d\d-.*\.md$/) != nil,
        let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8),
        let match = text.prefix(while: { !$0.isNewline }).wholeMatch(of: /# (\d+)\.? +(.+)/),
        let number = Int(match.1)
      else { continue }
      titles[number] = String(match.2)
    }
    return titles
  }

  /// A chapter's title as the book has it; while there is no page, the folder's name in words.
  public func title(ofChapter number: Int) -> String {
    titles[number] ?? Self.title(ofFolder: entries.first { $0.chapter == number }?.chapterFolder ?? "")
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

  /// The exercise that is called so: by its number, its name, its title, or its learner's file.
  public func entry(_ name: String) throws -> Entry {
    let found = try select(name)
    if Int(name) != nil { throw Problem.chapter(found[0].chapter, exercises: found.map(\.id)) }
    return found[0]
  }

  /// The exercises that are called so: one of them, or by its number a chapter's.
  public func select(_ name: String) throws -> [Entry] {
    if let number = Int(name) {
      let chapter = entries.filter { $0.chapter == number }
      if chapter.isEmpty { throw Problem.unknown(name, similar: []) }
      return chapter
    }
    if let entry = entries.first(where: { $0.id == name }) { return [entry] }
    let file = URL(filePath: name).deletingPathExtension().lastPathComponent
    let wanted = [Self.letters(file), Self.letters(name)]
    if let entry = entries.first(where: { entry in
      wanted.contains { $0 == Self.letters(entry.name) || $0 == Self.letters(entry.exercise.title) }
    }) {
      return [entry]
    }
    throw Problem.unknown(name, similar: similar(to: name))
  }

  /// A name without what is written in several ways: capitals, spaces and hyphens.
  private static func letters(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }

  /// Up to three exercises with almost this name, the most similar first.
  private func similar(to name: String) -> [String] {
    if name.firstMatch(of: /^\d+\.\d*$/) != nil, let number = Int(name.prefix { $0 != "." }) {
      let chapter = entries.filter { $0.chapter == number }
      return chapter.isEmpty ? [] : ["\(chapter[0].id) … \(chapter[chapter.count - 1].id)"]
    }
    let wanted = Self.letters(URL(filePath: name).deletingPathExtension().lastPathComponent)
    guard wanted.count >= 3 else { return [] }
    return entries.compactMap { entry -> (text: String, distance: Int)? in
      let names = [Self.letters(entry.name), Self.letters(entry.exercise.title)]
      let distance = names.map { other in
        other.contains(wanted) ? 1 : editDistance(wanted, other)
      }.min()!
      return distance <= max(1, wanted.count / 3) ? ("\(entry.id) \(entry.name)", distance) : nil
    }.sorted { $0.distance < $1.distance }.prefix(3).map(\.text)
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

/// How many letters must be put in, left out, replaced or exchanged with their neighbour to make one word of another.
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
      row.append(least)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}

extension URL {
  fileprivate var isFolder: Bool { (try? resourceValues(forKeys: [.isDirectoryKey]).isDirectory) ?? false }
}
