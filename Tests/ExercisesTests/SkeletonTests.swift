import Foundation
import Testing

@testable import ExerciseKit

/// What `dev new` writes.
@Suite struct SkeletonTests {
  private let root = FileManager.default.temporaryDirectory.appending(
    path: "workbook-skeleton-\(UUID().uuidString)")

  @Test func listsGrow() throws {
    let empty = "  public let exercises: [any Exercise.Type] = []\n}\n"
    let one = try #require(ExerciseSkeleton.adding("AExercise.self", to: empty))
    #expect(one == "  public let exercises: [any Exercise.Type] = [\n    AExercise.self,\n  ]\n}\n")
    let two = try #require(ExerciseSkeleton.adding("BExercise.self", to: one))
    #expect(
      two
        == "  public let exercises: [any Exercise.Type] = [\n    AExercise.self,\n    BExercise.self,\n  ]\n}\n"
    )
    #expect(ExerciseSkeleton.adding("A", to: "struct A {}\n") == nil)
  }

  @Test(arguments: [ExerciseKind.write, .findTheFault]) func filesOfANewExercise(_ kind: ExerciseKind) throws
  {
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(
      at: root.appending(path: "Chapters/09-NewThings"), withIntermediateDirectories: true)
    let first = try ExerciseSkeleton(chapter: "9", name: "FirstThing", kind: kind, root: root)
    try first.write()
    #expect(first.id == "9.1")
    #expect(
      first.files.map { $0.url.path.replacingOccurrences(of: root.path + "/", with: "") } == [
        "Exercises/09-NewThings/01-FirstThing/FirstThing.swift",
        "Exercises/09-NewThings/01-FirstThing/FirstThingExercise.swift",
        "Exercises/09-NewThings/Chapter.swift",
      ])
    let source = MarkedSource(first.files[0].text)
    #expect(source.isMarked && source.stub != source.solution)
    #expect(source.stub.contains("throw Unfinished()") == (kind == .write))
    #expect(source.text.hasPrefix("// 9.1  "))
    let second = try ExerciseSkeleton(chapter: "09-NewThings", name: "SecondThing", kind: kind, root: root)
    #expect(second.id == "9.2")
    #expect(second.files[2].text.contains("    FirstThingExercise.self,\n    SecondThingExercise.self,\n  ]"))
    #expect(throws: ExerciseSkeleton.Problem.self) {
      try ExerciseSkeleton(chapter: "9", name: "FirstThing", kind: kind, root: root)
    }
    #expect(throws: ExerciseSkeleton.Problem.self) {
      try ExerciseSkeleton(chapter: "8", name: "Thing", kind: kind, root: root)
    }
    #expect(throws: ExerciseSkeleton.Problem.self) {
      try ExerciseSkeleton(chapter: "9", name: "two words", kind: kind, root: root)
    }
  }
}
