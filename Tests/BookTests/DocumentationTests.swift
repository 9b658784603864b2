import Foundation
import Testing

/// Everything public has a documentation comment: of the engine, the workbench, and what learners and authors of exercises
/// and pages use. The cases of enumerations and what protocols ask for are counted among it.
///
/// What a protocol asks for is explained there, and holds for those who fulfil it: their own declarations need no
/// comment, nor do overrides, and what Swift's own protocols ask for (`description`, `==`).
@Suite struct DocumentationTests {
  static let modules = [
    "NumberText", "Tensors", "Formats", "Autograd", "Layers", "Datasets", "Training", "Pictures", "Workbench",
    "Ranks", "Practice", "ExerciseChannel", "ExerciseKit", "BookKit", "Reference", "Classroom", "Conformance",
  ]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A Swift file, line by line, each without the space around it.
  struct Source {
    let name: String
    let lines: [String]
    private let isTopLevel: [Bool]
    private let indents: [Int]

    init(_ name: String, _ text: String) {
      self.name = name
      let whole = text.components(separatedBy: "\n")
      isTopLevel = whole.map { !$0.hasPrefix(" ") }
      indents = whole.map { $0.prefix { $0 == " " }.count }
      var isText = false
      lines = whole.map { line in
        // What stands in a text of several lines declares nothing.
        let wasText = isText
        if line.components(separatedBy: "\"\"\"").count.isMultiple(of: 2) { isText.toggle() }
        return wasText ? "" : line.trimmingCharacters(in: .whitespaces)
      }
    }

    /// Whether a documentation comment ends right above line `i`, or above the attributes there.
    func isDocumented(_ i: Int) -> Bool {
      var above = i - 1
      while above >= 0, let start = attributeStart(endingAt: above) { above = start - 1 }
      return above >= 0 && lines[above].hasPrefix("///")
    }

    /// The first line of the attribute that ends in line `i`; nil when none does.
    private func attributeStart(endingAt i: Int) -> Int? {
      if lines[i].hasPrefix("@") { return i }
      guard lines[i].hasSuffix(")") else { return nil }
      var line = i
      while line > 0, i - line < 8, !lines[line].isEmpty {
        line -= 1
        if lines[line].wholeMatch(of: #/@\w+\(/#) != nil { return line }
      }
      return nil
    }

    /// The lines of public declarations that want a comment of their own.
    var declarations: [Int] { (ownDeclarations + members).sorted() }

    /// The cases of public enumerations, and what public protocols ask for: they are public without the word.
    private var members: [Int] {
      var members: [Int] = []
      for i in lines.indices {
        let isEnum = lines[i].hasPrefix("public enum ") || lines[i].hasPrefix("public indirect enum ")
        guard isEnum || lines[i].hasPrefix("public protocol "), lines[i].hasSuffix("{") else { continue }
        let end = lines[(i + 1)...].indices.first { lines[$0].hasPrefix("}") && indents[$0] == indents[i] }
        for k in i + 1..<(end ?? lines.endIndex) where indents[k] == indents[i] + 2 {
          let isMember =
            isEnum
            ? lines[k].hasPrefix("case ")
            : lines[k].prefixMatch(of: #/(?:static |mutating )*(?:func|var|init|subscript|associatedtype)\b/#)
              != nil
          if isMember { members.append(k) }
        }
      }
      return members
    }

    private var ownDeclarations: [Int] {
      lines.indices.filter { i in
        let line = lines[i]
        // Most lines are none: they are told by their beginning, which is quicker.
        guard line.hasPrefix("public ") || line.hasPrefix("open ") || line.hasPrefix("@") else {
          return false
        }
        let isPublic = line.prefixMatch(of: #/(?:@\w+(?:\([^)]*\))? )*(?:public|open) /#) != nil
        let isExempt =
          line.contains(
            #/\b(?:extension|import|override)\b|\b(?:var|let) (?:debugD|errorD|d)escription\b|func (?:==|<|hash|encode) ?\(|init\(from decoder/#
          )
        return isPublic && !isExempt
      }
    }

    /// The requirements of public protocols that have a comment.
    var requirements: Set<String> {
      var names: Set<String> = []
      var isInside = false
      for i in lines.indices {
        if isTopLevel[i] {
          isInside = lines[i].hasPrefix("public protocol ") || isInside && !lines[i].hasPrefix("}")
        }
        if isInside, isDocumented(i), let name = Self.name(lines[i]) { names.insert(name) }
      }
      return names
    }

    /// A function's name and its arguments' labels, an initialiser with its arguments, or a property's name.
    static func name(_ line: String) -> String? {
      if let match = line.firstMatch(of: #/\bfunc (\w+)(?:<[^>]*>)?\((.*?)\)(?: |$)/#) {
        let labels = match.2.matches(of: #/(?:^|, )(\w+)(?: \w+)?:/#).map { "\($0.1):" }
        return "\(match.1)(\(labels.joined()))"
      }
      // Types and all: an initialiser's labels alone say little.
      if let match = line.firstMatch(of: #/\binit\??\([^)]+\)/#) { return String(match.0) }
      return line.firstMatch(of: #/\b(?:var|let) (\w+)/#).map { String($0.1) }
    }
  }

  private static func sources() throws -> [Source] {
    try modules.flatMap { module in
      let folder = root.appending(path: "Sources/\(module)")
      let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      return try files.filter { $0.hasSuffix(".swift") }.sorted().map { file in
        Source(
          "\(module)/\(file)", try String(contentsOf: folder.appending(path: file), encoding: .utf8))
      }
    }
  }

  /// File, line and declaration of what has no comment.
  static func undocumented(_ sources: [Source]) -> (all: Int, bare: [String]) {
    let requirements = sources.reduce(into: Set<String>()) { $0.formUnion($1.requirements) }
    var (all, bare) = (0, [String]())
    for source in sources {
      for i in source.declarations {
        all += 1
        if source.isDocumented(i) { continue }
        if let name = Source.name(source.lines[i]), requirements.contains(name) { continue }
        bare.append("\(source.name):\(i + 1): \(source.lines[i])")
      }
    }
    return (all, bare)
  }

  @Test func everythingPublicHasAComment() throws {
    let (all, bare) = Self.undocumented(try Self.sources())
    #expect(all > 2500, "the search finds hardly any")
    #expect(bare == [], "\(bare.joined(separator: "\n"))")
  }

  /// The search sees what it is to see.
  @Test func theSearchFindsBareDeclarations() {
    let source = Source(
      "Made.swift",
      #"""
      /// A protocol.
      public protocol Shape {
        /// Its area.
        var area: Double { get }
        /// The shape, grown.
        func grown(by factor: Double) -> Self
        var bareRequirement: Int { get }
        /// From a number.
        init(_ number: Int)
      }

      /// An enumeration.
      public enum Side {
        /// With a comment.
        case left
        case right
        /// With a comment.
        var opposite: Side {
          switch self {
          case .left: .right
          case .right: .left
          }
        }
      }

      public struct Square: Shape {
        public var side: Double
        /// With a comment.
        @inlinable
        public init(side: Double) { self.side = side }
        public init(_ number: Int) { side = Double(number) }
        public init(_ text: String) {
          side = Double(
            """
            public var text: String
            """) ?? 0
        }
        public var area: Double { side * side }
        public func grown(by factor: Double) -> Square { Square(side: side * factor) }
        public func grown(times factor: Double) -> Square { self }
        public var description: String { "square" }
        @Option(
          help: "a help")
        public var option: Int
        /// With a comment.
        @Option(
          help: "a help")
        public var explained: Int
        var inner = 0
      }
      """#)
    #expect(
      Self.undocumented([source]).bare == [
        "Made.swift:7: var bareRequirement: Int { get }", "Made.swift:16: case right",
        "Made.swift:26: public struct Square: Shape {", "Made.swift:27: public var side: Double",
        "Made.swift:32: public init(_ text: String) {",
        "Made.swift:40: public func grown(times factor: Double) -> Square { self }",
        "Made.swift:44: public var option: Int",
      ])
  }
}
