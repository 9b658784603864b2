import BookKit
import ExerciseKit
import Foundation
import NumberText
import Workbench

/// Twelve weeks, a chapter each: how long its page takes to read, its experiments to run, its exercises to solve.
///
/// Reading is counted from the page's words; what exercises take is their authors' estimate; experiments are as long as
/// they were when the committed results were made.
public enum TeachingPlan {
  /// So many words of a text with formulas are taken to be read in a minute: an assumption, slow for prose.
  static let wordsInAMinute = 120.0

  /// The plan as a table and as figures, worked out from the pages, the exercises and the committed results.
  ///
  /// - Throws: When a page cannot be read.
  public static func results(_ catalogue: Catalogue, _ root: URL, command: String) throws -> Results {
    let book = try Book(root: root)
    var table = Table(
      "Twelve weeks",
      columns: ["week", "page", "read", "experiments", "exercises", "of these faults", "solve", "points"])
    var results = Results(command: command, seed: 1)
    var sums = [0.0, 0, 0]
    for (number, _, entries) in catalogue.chapters {
      // A chapter whose page is not written yet has exercises, and nothing to read.
      guard let path = try? book.page("\(number)") else { continue }
      let page = try book.read(path)
      let words = page.allBlocks.flatMap(\.texts).reduce(0) { $0 + plainText($1).split(separator: " ").count }
      let reading = roundedToFive(Double(words) / wordsInAMinute)
      let name = URL(filePath: path).deletingPathExtension().lastPathComponent
      let folder = root.path + "/Book/Results/" + name
      let seconds = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .compactMap { Outputs.results(in: folder + "/" + $0)?.seconds }.reduce(0, +)
      let solving = Double(entries.reduce(0) { $0 + $1.exercise.minutes })
      let points = entries.reduce(0) { $0 + $1.exercise.points }
      let faults = entries.count { $0.exercise.kind == .findTheFault }
      table.add(
        "\(number)", page.title.drop { $0.isNumber || $0 == " " }.description, hours(reading),
        seconds == 0 ? "" : hours((seconds / 60).rounded(.up)), "\(entries.count)",
        faults == 0 ? "" : "\(faults)",
        hours(solving), "\(points)")
      results.metrics["week_\(number).reading_minutes"] = reading
      results.metrics["week_\(number).exercise_minutes"] = solving
      results.metrics["week_\(number).exercises"] = Double(entries.count)
      sums = [sums[0] + reading, sums[1] + solving, sums[2] + Double(entries.count)]
    }
    results.metrics["reading_hours"] = (sums[0] / 60).rounded()
    results.metrics["exercise_hours"] = (sums[1] / 60).rounded()
    results.metrics["exercises"] = sums[2]
    results.metrics["words_in_a_minute"] = wordsInAMinute
    results.tables = [table]
    return results
  }

  private static func roundedToFive(_ minutes: Double) -> Double { max(5, (minutes / 5).rounded() * 5) }

  /// 95 as "1 h 35".
  private static func hours(_ minutes: Double) -> String {
    let whole = Int(minutes)
    return whole < 60
      ? "\(whole) min"
      : "\(whole / 60) h \(whole % 60 == 0 ? "" : String(format: "%02d", whole % 60))"
        .trimmingCharacters(in: .whitespaces)
  }
}
