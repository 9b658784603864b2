import ArgumentParser
import ExerciseKit

struct HintCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hint", abstract: "Show the next hint for an exercise.",
    discussion: "Each call shows one hint more: first an idea, then the formula, then nearly the code.")

  @OptionGroup var place: PlaceOptions
  @Argument(help: "Its number (2.3), its name or its file.") var exercise: String?
  @Flag(help: "Show again only the hints you have seen.") var again = false

  func run() async throws {
    let desk = try place.desk()
    let entry = try desk.entry(exercise)
    var shown = try desk.progressFile.read()[entry.id].hints
    if !again {
      shown = min(shown + 1, entry.exercise.hints.count)
      try desk.progressFile.change { $0[entry.id].hints = max($0[entry.id].hints, shown) }
    }
    print(hints(of: entry, upTo: shown, style: Style()))
  }
}

/// The hints of an exercise up to a number, the newest one last.
func hints(of entry: Catalogue.Entry, upTo shown: Int, style: Style) -> String {
  let all = entry.exercise.hints
  if shown == 0 { return "\(entry.id): you have not asked for a hint yet." }
  var lines = [style.bold("\(entry.id)  \(entry.exercise.title)")]
  for (index, hint) in all.prefix(shown).enumerated() {
    lines.append("  hint \(index + 1) of \(all.count)")
    lines += hint.wrapped(to: min(90, style.width - 4)).map { "    " + $0 }
  }
  if shown == all.count {
    lines += "That was the last one. ./workbook solution \(entry.id) --give-up shows our answer."
      .wrapped(to: style.width - 2).map { style.faint("  " + $0) }
  }
  return lines.joined(separator: "\n")
}
