/// The number at the beginning of a caption: `Figure 3.1.`
struct CaptionNumber: Equatable {
  let kind: String
  let chapter: Int
  let number: Int
  /// As written, with its full stop.
  var label: String { "\(kind) \(chapter).\(number)." }

  /// - Returns: Nil when the caption begins in another way.
  init?(_ caption: some StringProtocol) {
    let words = caption.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "Figure" || words[0] == "Table", words[1].hasSuffix(".") else {
      return nil
    }
    let numbers = words[1].dropLast().split(separator: ".", omittingEmptySubsequences: false)
    guard numbers.count == 2, let chapter = Int(numbers[0]), let number = Int(numbers[1]) else { return nil }
    kind = String(words[0])
    self.chapter = chapter
    self.number = number
  }
}
