import Formats
import Foundation
import Testing

@testable import ExerciseKit

/// A wrong image is drawn; a right answer costs nothing and leaves no picture of an earlier one.
@Suite struct PictureTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "workbook-pictures-\(UUID().uuidString)")

  private func entry(_ name: String) throws -> Catalogue.Entry {
    try #require(Workplace.entries.first { $0.name == name })
  }

  /// The solution of 2.3 with its sum changed.
  private func verdict(_ sum: String) async throws -> Verdict {
    let entry = try entry("CrossCorrelation2d")
    let solution = try entry.markedSource().solution
    let changed = solution.replacingOccurrences(of: "w[a, b] * x[i + a, j + b]", with: sum)
    return try await Workplace.verdict(on: changed, for: entry)
  }

  @Test func aFlippedKernel() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let entry = try entry("CrossCorrelation2d")
    let files = LearnerFiles(folder: folder)
    let wrong = try await verdict("w[w.shape[0] - 1 - a, w.shape[1] - 1 - b] * x[i + a, j + b]")
    #expect(wrong.mistake?.name == "the kernel is flipped")
    // The case by hand is too small to draw: the picture is of a property, which stays untried.
    let image = try #require(wrong.image)
    #expect(wrong.judgement?.lines.filter(\.isPassed).count == 1)
    #expect(image.check == "as the definition says, for twelve pairs of sizes")
    #expect(image.yours.shape == image.expected.shape && image.yours.shape.allSatisfy { $0 >= 4 })
    #expect(image.yours != image.expected)
    let (row, column) = image.place
    #expect(image.yours[row, column] != image.expected[row, column])

    let picture = try #require(try files.drawPicture(of: wrong, for: entry))
    #expect(picture.path == folder.path + "/Pictures/2.3.png")
    #expect(
      try PNG(path: picture.path, as: .rgb).bytes == image.canvas(title: "2.3  \(entry.exercise.title)").bytes
    )
    let text = VerdictText(
      wrong, of: entry, path: "a.swift", picture: "Pictures/2.3.png", style: Style(isColored: false)
    ).text
    #expect(text.contains("\n               picture  Pictures/2.3.png\n"), "\(text)")
    #expect(text.contains("\n                        of another case: \(image.check)\n"), "\(text)")

    let right = try await verdict("w[a, b] * x[i + a, j + b]")
    #expect(right.state == .passed && right.image == nil)
    #expect(try files.drawPicture(of: right, for: entry) == nil)
    #expect(!FileManager.default.fileExists(atPath: picture.path))
  }

  /// What goes wrong only in a case that no one asked for yet changes nothing in the verdict.
  @Test func aCrashInACaseThatWasNotTried() async throws {
    let verdict = try await verdict("x.count > 30 ? w[99, 99] : w[0, 0] * x[i + a, j + b]")
    #expect(verdict.state == .wrong)
    #expect(verdict.judgement?.failure?.difference.kind == .number)
    #expect(verdict.image == nil)
  }

  /// Where results are images, a wrong one is drawn; only mistakes in other results, such as a bias, are not.
  @Test(arguments: [
    "CrossCorrelation2d", "StridedCrossCorrelation2d", "ConvolutionLayer", "WindowsAsColumns",
    "ConvolutionMatrix",
    "MaxPooling", "WhereTheMaximumWas", "AveragePooling", "AdaptivePooling", "PaddedMaxPooling",
    "ConvolutionWeightGradient", "ConvolutionInputGradient", "MaxPoolingGradient", "AveragePoolingGradient",
    "ShiftedDigits", "YourOwnCNN",
  ]) func mistakesAreDrawn(_ name: String) throws {
    let (drawn, all) = try entry(name).exercise.drawnMistakes()
    #expect(2 * drawn > all, "\(drawn) of \(all)")
  }

  @Test func whatIsNoImage() async throws {
    let entry = try entry("CrossCorrelation1d")
    let solution = try entry.markedSource().solution
    let verdict = try await Workplace.verdict(
      on: solution.replacingOccurrences(of: "return", with: "throw Unfinished(); return"), for: entry)
    #expect(verdict.image == nil)
  }
}

extension Exercise {
  /// How many known mistakes make a picture.
  fileprivate func drawnMistakes() -> (drawn: Int, all: Int) {
    let drawn = mistakes.count { mistake in
      imageFailure(of: mistake.answer, after: judge(mistake.answer)) != nil
    }
    return (drawn, mistakes.count)
  }
}
