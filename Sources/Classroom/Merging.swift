import Formats
import Foundation

/// Brings together what several machines have marked.
public enum Merging {
  /// Copies what is noted in each folder of marks into one.
  ///
  /// - Returns: How many submissions there were, and those of which two folders say different things.
  public static func merge(_ folders: [String], into store: MarkStore) throws -> (
    count: Int, conflicts: [String]
  ) {
    var conflicts: [String] = []
    var seen = Set<String>()
    for folder in folders {
      guard FileManager.default.fileExists(atPath: folder + "/state") else {
        throw CannotRead("\(folder): there are no marks in it; `./workbook grade` writes them there")
      }
      let other = try MarkStore(folder: folder)
      for key in other.attempts() {
        guard let attempt = other.attempt(key) else { continue }
        let isSecond = !seen.insert(key).inserted
        try store.write(attempt, as: key)
        for record in other.records(of: key) {
          let old = store.record(record.exercise, of: key)
          if old == record { continue }
          if isSecond, let old, old.answer == record.answer,
            (old.state, old.points) != (record.state, record.points)
          {
            conflicts.append(
              "\(attempt.learner.inOneLine) \(record.exercise): \(old.state.rawValue), \(record.state.rawValue)"
            )
            // The better one: a crowded machine makes answers too slow, and none too right.
            if old.points >= record.points { continue }
          }
          try store.write(record, of: key)
        }
      }
    }
    return (seen.count, conflicts)
  }
}
