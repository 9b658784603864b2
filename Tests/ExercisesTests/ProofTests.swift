import ExerciseKit
import Foundation
import Testing

/// What is proved of every exercise: it can be solved, it cannot be passed by mistake, and it is complete.
@Suite struct ProofTests {
  private func proof(_ entry: Catalogue.Entry) -> ExerciseProof {
    ExerciseProof(of: entry) { text in try await Workplace.verdict(on: text, for: entry) }
  }

  private func expectNone(_ problems: [String]) { #expect(problems == []) }

  @Test func exercisesAreFound() throws {
    let catalogue = try Workplace.catalogue.get()
    #expect(catalogue.entries.count >= 44)
    #expect(Set(catalogue.entries.map(\.name)).count == catalogue.entries.count)
    for (_, _, chapter) in catalogue.chapters {
      #expect(chapter.map(\.number) == Array(1...chapter.count), "the numbers have gaps")
    }
  }

  @Test(arguments: Workplace.entries)
  func exerciseIsComplete(_ entry: Catalogue.Entry) throws {
    expectNone(try proof(entry).completeness())
  }

  /// Those that train for long are proved once, in the host.
  @Test(arguments: Workplace.entries.filter { !$0.exercise.isOptimized })
  func solutionPassesInProcess(_ entry: Catalogue.Entry) throws {
    expectNone(try proof(entry).solutionInProcess())
  }

  @Test(arguments: Workplace.entries)
  func everyMistakeIsRejectedByItsName(_ entry: Catalogue.Entry) throws {
    expectNone(try proof(entry).mistakes())
  }

  @Test(arguments: Workplace.entries)
  func stubHasNoSolutionInIt(_ entry: Catalogue.Entry) throws {
    expectNone(try proof(entry).source())
  }

  @Test func everySolutionPassesInTheHost() async throws {
    try await Workplace.forEach(Workplace.entries) { entry in
      expectNone(try await proof(entry).solutionInHost())
    }
  }

  @Test func everyStubIsUnfinished() async throws {
    try await Workplace.forEach(Workplace.entries) { entry in expectNone(try await proof(entry).stub()) }
  }
}
