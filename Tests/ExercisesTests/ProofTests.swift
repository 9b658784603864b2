import ExerciseKit
import Foundation
import Testing

/// What is proved of every exercise: it can be solved, it cannot be passed by mistake, and it is complete.
@Suite struct ProofTests {
  @Test func exercisesAreFound() throws {
    let entries = try Workplace.catalogue.get().entries
    #expect(entries.count >= 3)
    #expect(Set(entries.map(\.name)).count == entries.count)
    for (_, _, chapter) in try Workplace.catalogue.get().chapters {
      #expect(chapter.map(\.number) == Array(1...chapter.count), "the numbers have gaps")
    }
  }

  @Test(arguments: Workplace.entries)
  func exerciseIsComplete(_ entry: Catalogue.Entry) throws {
    let exercise = entry.exercise
    #expect(exercise.hints.count == 3)
    #expect(exercise.hints.allSatisfy { $0.count >= 20 })
    #expect(exercise.mistakeCount >= 3)
    #expect(exercise.points > 0)
    #expect(exercise.hasChecksWithPoints)
    #expect(exercise.title.count <= 46)
    #expect(exercise.section.wholeMatch(of: /\d+\.\d+/) != nil)
    let head = try entry.markedSource().text.prefix(400)
    #expect(head.hasPrefix("// \(entry.id)  \(exercise.title)"))
    #expect(head.contains("chapter \(entry.chapter), section \(exercise.section)"))
  }

  /// Those that train for long are proved once, in the host.
  @Test(arguments: Workplace.entries.filter { !$0.exercise.isOptimized })
  func solutionPassesInProcess(_ entry: Catalogue.Entry) throws {
    let judgement = try entry.exercise.judgeSolution()
    #expect(judgement.isPassed, "\(judgement.failure.map { "\($0)" } ?? "")")
    #expect(judgement.points == entry.exercise.points)
  }

  @Test(arguments: Workplace.entries)
  func everyMistakeIsRejectedByItsName(_ entry: Catalogue.Entry) throws {
    try entry.exercise.proveMistakes(of: entry.id)
  }

  @Test(arguments: Workplace.entries)
  func stubHasNoSolutionInIt(_ entry: Catalogue.Entry) throws {
    let source = try entry.markedSource()
    #expect(source.isMarked)
    // Statement by statement, for a part of a line gives an answer away as well.
    let secret = Set(
      source.solutionLines.flatMap { $0.split { "{};".contains($0) } }
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.count >= 12 })
    #expect(!secret.isEmpty)
    let stub = source.stub.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    for line in stub {
      for code in secret {
        #expect(!line.contains(code), "\(entry.id): the learner's file contains: \(code)")
      }
    }
    #expect(!source.stub.contains("SOLUTION"))
    #expect(source.stub.contains("throw Unfinished()"))
    #expect(!source.solution.contains("SOLUTION"))
  }

  /// The solutions as learners would have written them: compiled alone, with only what is allowed, in the host.
  @Test func everySolutionPassesInTheHost() async throws {
    try await Workplace.forEach(Workplace.entries) { entry in
      let verdict = try await Workplace.verdict(on: entry.markedSource().solution, for: entry)
      #expect(verdict.state == .passed, "\(entry.id): \(verdict.problem ?? "\(verdict.state)")")
      #expect(verdict.points == entry.exercise.points)
      #expect(verdict.warnings == "", "\(entry.id)")
    }
  }

  @Test func everyStubIsUnfinished() async throws {
    try await Workplace.forEach(Workplace.entries) { entry in
      let verdict = try await Workplace.verdict(on: entry.markedSource().stub, for: entry)
      #expect(verdict.state == .notStarted, "\(entry.id): \(verdict.problem ?? "\(verdict.state)")")
      #expect(verdict.judgement?.isUnfinished == true)
      #expect(verdict.points == 0)
      #expect(verdict.warnings == "", "\(entry.id)")
    }
  }
}

extension Exercise {
  var hasChecksWithPoints: Bool { !checks.isEmpty && checks.allSatisfy { $0.points > 0 && !$0.text.isEmpty } }

  func judgeSolution() throws -> Judgement { try judge(solution) }

  /// Each known mistake fails, is complete and of the right shape, and is told from all others.
  func proveMistakes(of id: String) throws {
    #expect(Set(mistakes.map(\.name)).count == mistakes.count)
    for mistake in mistakes {
      let judgement = try judge(mistake.answer)
      #expect(!judgement.isPassed, "\(id): \(mistake.name) passes")
      #expect(
        self.mistake(behind: judgement)?.name == mistake.name, "\(id): \(mistake.name) is taken for another")
      #expect(
        judgement.failure?.difference.kind == .number || judgement.failure?.difference.kind == .statement)
      for line in judgement.lines where line.layer == .shape {
        #expect(line.isPassed, "\(id): \(mistake.name)")
      }
      #expect(mistake.advice.count >= 20)
    }
  }
}
