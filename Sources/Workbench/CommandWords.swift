import ArgumentParser
import NumberText

/// What a command line may consist of, before it is taken apart: the parser's time grows with the square of the number of
/// words, and a word that it does not know is compared with every name, and repeated in its message.
public enum CommandWords {
  /// No path is longer.
  static let mostBytes = 4096
  /// More files than these are given by their folder.
  static let mostWords = 4000

  /// Refuses what no command line needs.
  ///
  /// - Throws: `ValidationError` where there are too many words, or one is too long.
  public static func check(_ words: some Collection<String>) throws {
    if words.count > mostWords {
      throw ValidationError(
        "\(grouped(words.count)) words are too many for a command line; at most \(grouped(mostWords)) are read"
      )
    }
    for (place, word) in words.enumerated() where word.utf8.count > mostBytes {
      throw ValidationError(
        "word \(place + 1) of the command line has \(grouped(word.utf8.count)) bytes; at most \(grouped(mostBytes)) are read"
      )
    }
  }
}
