import Foundation

/// What a marker on a page asks for.
///
///     <!-- table: EXPERIMENT [NUMBER] [| CAPTION] -->
///     <!-- figure: EXPERIMENT PICTURE | CAPTION [| WHAT IS TO BE SEEN] -->
///     <!-- code: FILE | BEGINNING OF THE DECLARATION -->
///     <!-- exercises: all -->    <!-- questions: all -->    <!-- references: all -->
///     <!--= EXPERIMENT METRIC [FORMAT] -->
enum Marker: Equatable {
  case table(experiment: String, number: Int?, caption: String?)
  case figure(experiment: String, picture: String, caption: String, seen: String?)
  case code(file: String, beginning: String)
  /// What is gathered from all pages, or from the exercises.
  case list(Listing)
  case number(NumberMarker)

  enum Listing: String, CaseIterable { case exercises, questions, references }

  static let kinds = ["table", "figure", "code"] + Listing.allCases.map(\.rawValue)

  /// - Parameters:
  ///   - kind: The word before the colon.
  ///   - text: What follows it.
  init(_ kind: String, _ text: String) throws(MarkerProblem) {
    let most = kind == "figure" ? 2 : 1
    let parts = text.split(separator: "|", maxSplits: most, omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    let words = parts[0].split(separator: " ").map(String.init)
    let caption = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
    switch kind {
    case "table":
      guard words.count == 1 || words.count == 2 && (Int(words[1]) ?? 0) > 0 else {
        throw MarkerProblem(
          "a table is asked for as \(quoted(text))", "Write: <!-- table: 03-pooling/shifts 1 -->")
      }
      self = .table(experiment: words[0], number: words.count == 2 ? Int(words[1]) : nil, caption: caption)
    case "figure":
      guard words.count == 2 else {
        throw MarkerProblem(
          "a figure is asked for as \(quoted(text))",
          "Write: <!-- figure: 03-pooling/shifts accuracy.svg | Figure 3.1. What it shows. -->")
      }
      guard let caption else {
        throw MarkerProblem(
          "the figure \(words[1]) has no caption",
          "Write it after a bar: <!-- figure: \(words[0]) \(words[1]) | Figure 3.1. What it shows. -->")
      }
      let seen = parts.count > 2 && !parts[2].isEmpty ? parts[2] : nil
      self = .figure(experiment: words[0], picture: words[1], caption: caption, seen: seen)
    case "code":
      guard words.count == 1, let caption else {
        throw MarkerProblem(
          "code is asked for as \(quoted(text))",
          "Write: <!-- code: Chapters/03-Pooling/Module/MaxPooling.swift | public func maxPool -->")
      }
      self = .code(file: words[0], beginning: caption)
    case "exercises", "questions", "references":
      guard text == "all", let listing = Listing(rawValue: kind) else {
        throw MarkerProblem("a list is asked for as \(quoted(text))", "Write: <!-- \(kind): all -->")
      }
      self = .list(listing)
    default:
      throw MarkerProblem(
        "there is no marker \"\(kind)\"",
        nearest(to: kind, among: Self.kinds, call: "markers")
          + "\nA comment that is none has no colon after its first word.")
    }
  }
}

/// A number in the running text: `03-pooling/shifts accuracy %1`.
struct NumberMarker: Equatable {
  let experiment: String
  let metric: String
  let format: NumberFormat?

  init(_ text: some StringProtocol) throws(MarkerProblem) {
    var words = String(text).split { $0 == " " || $0 == "\n" }.map(String.init)
    guard words.count >= 2 else {
      throw MarkerProblem(
        "a number is asked for as \"\(text)\"", "Write: <!--= 03-pooling/shifts accuracy %1 -->?<!--/-->")
    }
    experiment = words.removeFirst()
    if words.count > 1 {
      let last = words.removeLast()
      guard let format = NumberFormat(last) else {
        throw MarkerProblem("there is no format \"\(last)\"", "There are: \(NumberFormat.forms).")
      }
      self.format = format
    } else {
      format = nil
    }
    metric = words.joined(separator: " ")
  }
}

func quoted(_ text: some StringProtocol) -> String {
  "\"\(text.trimmingCharacters(in: .whitespacesAndNewlines))\""
}
