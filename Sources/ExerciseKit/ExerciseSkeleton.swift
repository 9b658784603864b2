import Foundation

/// A new exercise that compiles and can be checked, for an author to write over: its two files, and its line in the
/// chapter's list. What is still to be written is marked TODO; `ExerciseProof` finds each of them.
public struct ExerciseSkeleton: Sendable {
  /// Chapter and number, such as "5.3".
  public let id: String
  /// The files that are new or changed, with their texts.
  public let files: [(url: URL, text: String)]

  /// Why no exercise can be begun.
  public enum Problem: Error, CustomStringConvertible {
    /// It is not named like a type.
    case badName(String)
    /// There is no such chapter; the folders that there are.
    case noChapter(String, known: [String])
    /// There is an exercise of this name, in this folder.
    case exists(String)
    /// The chapter's file has no list that a line can be added to.
    case noList(URL)

    public var description: String {
      switch self {
      case .badName(let name):
        "\(name): an exercise is named like a type, in letters and digits, such as GatedStep"
      case .noChapter(let chapter, let known):
        "there is no chapter \(chapter) in Chapters; there are \(known.joined(separator: ", "))"
      case .exists(let path): "\(path): there is an exercise of this name"
      case .noList(let url): "\(url.path): no list of exercises that ends in a line with a bracket"
      }
    }
  }

  /// - Parameters:
  ///   - chapter: Its number or its folder, such as "5" or "05-GRU".
  ///   - name: The exercise's, such as "GatedStep".
  ///   - kind: Whether the learner is to write a function or to find a fault.
  ///   - root: The package's folder.
  public init(chapter: String, name: String, kind: ExerciseKind, root: URL) throws {
    guard name.wholeMatch(of: /[A-Z][A-Za-z0-9]+/) != nil else { throw Problem.badName(name) }
    let manager = FileManager.default
    let chapters = ((try? manager.contentsOfDirectory(atPath: root.appending(path: "Chapters").path)) ?? [])
      .filter { $0.wholeMatch(of: /\d\d-\w+/) != nil }.sorted()
    guard
      let folderName = chapters.first(where: {
        $0.lowercased() == chapter.lowercased() || Int($0.prefix(2)) == Int(chapter)
      }), let number = Int(folderName.prefix(2))
    else { throw Problem.noChapter(chapter, known: chapters) }
    let folder = root.appending(path: "Exercises/\(folderName)")
    let others = ((try? manager.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { $0.wholeMatch(of: /\d\d-\w+/) != nil }
    if let same = others.first(where: { $0.dropFirst(3) == name }) {
      throw Problem.exists("Exercises/\(folderName)/\(same)")
    }

    id = "\(number).\(others.count + 1)"
    let list = folder.appending(path: "Chapter.swift")
    let before = (try? String(contentsOf: list, encoding: .utf8)) ?? Self.emptyList(number)
    guard let listed = Self.adding("\(name)Exercise.self", to: before) else { throw Problem.noList(list) }
    let own = folder.appending(path: String(format: "%02d-", others.count + 1) + name)
    let words = Words(id: id, chapter: number, name: name)
    files = [
      (own.appending(path: "\(name).swift"), kind == .write ? words.source : words.faultySource),
      (own.appending(path: "\(name)Exercise.swift"), kind == .write ? words.exercise : words.faultyExercise),
      (list, listed),
    ]
  }

  /// Writes the files; the chapter's list last.
  public func write() throws {
    for (url, text) in files {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url, options: .atomic)
    }
  }

  private static func emptyList(_ chapter: Int) -> String {
    """
    import ExerciseKit

    /// The exercises of chapter \(chapter), in the order of their folders.
    public final class Chapter: ExerciseChapter {
      public init() {}

      public let exercises: [any Exercise.Type] = []
    }

    """
  }

  /// A chapter's list with one line more; nil where there is no list.
  static func adding(_ line: String, to list: String) -> String? {
    if let range = list.range(of: "[any Exercise.Type] = []") {
      return list.replacingCharacters(in: range, with: "[any Exercise.Type] = [\n    \(line),\n  ]")
    }
    guard let range = list.range(of: "\n  ]", options: .backwards) else { return nil }
    return list.replacingCharacters(in: range, with: "\n    \(line),\n  ]")
  }
}

/// The texts of a skeleton.
private struct Words {
  let id: String
  let chapter: Int
  let name: String

  private var title: String { Catalogue.title(ofFolder: name) }
  private var function: String { name.prefix(1).lowercased() + name.dropFirst() }

  private func head(_ title: String) -> String {
    "// \(id)  \(title)".padded(to: 68) + "(the book: chapter \(chapter), section \(chapter).0)"
  }

  private func properties(_ title: String) -> String {
    """
      public init() {}

      public let title = "\(title)"
      public let section = "\(chapter).0"  // TODO
    """
  }

  var source: String {
    """
    \(head(title))
    //
    // TODO: what is asked for and why, then the formula with the book's symbols:
    //
    //     y_i = 2 x_i
    //
    //     x   the numbers   [N]
    //
    // For example, x = [1, −2, 3] gives y = [2, −4, 6].

    import Practice

    /// TODO: what it gives.
    func \(function)(_ x: [Float]) throws -> [Float] {
      // BEGIN SOLUTION
      return x.map { number in 2 * number }
      // END SOLUTION
    }

    """
  }

  var exercise: String {
    """
    import ExerciseKit
    import Practice

    public final class \(name)Exercise: Exercise {
      public typealias Answer = @Sendable (_ x: [Float]) throws -> [Float]

    \(properties(title))
      public let difficulty = 2
      public let minutes = 15
      public let allowed = Allowed.tensor + .arithmetic
      public let functions = ["\(function)"]
      public let solution: Answer = \(function)

      public func answer(of learner: Learner) -> Answer { { x in try learner.call("\(function)", x) } }

      public let hints = [
        "TODO: an idea, and no formula.",
        "TODO: the formula, with the shapes.",
        "TODO: nearly the code, with … for what is left.",
      ]

      public let checks: [Check<Answer>] = [
        Check(.shape, "as many numbers as before", points: 1) { answer, trial in
          trial.expect(try answer([1, -2, 3]).count, equals: 3, "\(function)([1, -2, 3]).count")
        },
        Check(.byHand, "three numbers", points: 1) { answer, trial in
          try expectDoubled([1, -2, 3], of: answer, trial)
        },
        Check(.property, "as the definition says, for eight sizes", points: 1) { answer, trial in
          var inputs = Inputs(seed: \(id.filter(\.isNumber)))
          for count in 1...8 { try expectDoubled(inputs.integers(count), of: answer, trial) }
        },
      ]

      public let mistakes: [Mistake<Answer>] = [
        Mistake("nothing is changed", advice: "TODO: what is wrong, and what to do.") { x in x },
        Mistake("squares", advice: "TODO: what is wrong, and what to do.") { x in x.map { $0 * $0 } },
        Mistake("the sign", advice: "TODO: what is wrong, and what to do.") { x in x.map { -2 * $0 } },
      ]
    }

    private func expectDoubled(_ x: [Float], of answer: \(name)Exercise.Answer, _ trial: Trial) throws {
      trial.expect(
        try answer(x), equals: x.map { $0 + $0 }, "\(function)(x)", given: ["x": x],
        by: { place in "2·\\(written(x[place[0]])) = \\(written(x[place[0]] + x[place[0]]))" })
    }

    """
  }

  var faultySource: String {
    """
    \(head("Find the fault: " + title.lowercased()))
    //
    // TODO: what the program is for, what was seen, and what was tried. Not what is wrong.
    //
    //     ./workbook check \(id)
    //
    // For example, TODO: numbers by which a right program can be told.

    import Practice

    /// TODO: the loss of every step.
    func \(function)(_ start: Float, steps: Int) throws -> [Float] {
      var weight = start
      var losses: [Float] = []
      for _ in 0..<steps {
        losses.append((weight - 3) * (weight - 3))
        // BEGIN SOLUTION
        weight -= 0.1 * 2 * (weight - 3)
        // INSTEAD
        // weight += 0.1 * 2 * (weight - 3)
        // END SOLUTION
      }
      return losses
    }

    """
  }

  var faultyExercise: String {
    """
    import ExerciseKit
    import Practice

    public final class \(name)Exercise: Exercise {
      public typealias Answer = @Sendable (_ start: Float, _ steps: Int) throws -> [Float]

    \(properties("Find the fault: " + title.lowercased()))
      public let kind = ExerciseKind.findTheFault
      public let difficulty = 3
      public let minutes = 20
      public let allowed = Allowed.engine
      public let functions = ["\(function)"]
      public let solution: Answer = { start, steps in try \(function)(start, steps: steps) }

      public func answer(of learner: Learner) -> Answer {
        { start, steps in try learner.call("\(function)", start, steps) }
      }

      public let hints = [
        "TODO: where to look, and what to ask there.",
        "TODO: what a right program does, as a formula.",
        "TODO: nearly the code, with … for what is left.",
      ]

      public let checks: [Check<Answer>] = [
        Check(.training, "after 20 steps the loss is below 0.1", points: 2) { answer, trial in
          let losses = try answer(0, 20)
          trial.plot("the loss of each step", yours: losses, expected: try \(function)(0, steps: 20))
          let last = losses.last ?? .nan
          trial.expect(last < 0.1, "the last loss is below 0.1", about: [last])
        }
      ]

      public let mistakes: [Mistake<Answer>] = [
        // The first is the program as it is given; then come those that are mended by half.
        wrong("upwards", advice: "TODO: what is wrong, and what to do.", by: 0.1),
        wrong("upwards, and slower", advice: "TODO: what is wrong, and what to do.", by: 0.01),
        wrong("it stands still", advice: "TODO: what is wrong, and what to do.", by: 0),
      ]
    }

    private func wrong(_ name: String, advice: String, by rate: Float) -> Mistake<\(name)Exercise.Answer> {
      Mistake(name, advice: advice) { start, steps in
        var weight = start
        return (0..<steps).map { _ in
          let loss = (weight - 3) * (weight - 3)
          weight += rate * 2 * (weight - 3)
          return loss
        }
      }
    }

    """
  }
}
