import ArgumentParser
import NumberText

/// Says in the same words everywhere what is wrong with the number that an option was given: for `validate()`.
///
/// - Parameters:
///   - option: Its name as it is typed, `--seeds`.
///   - value: What it was given; nil where it was left out.
///   - range: What it may be.
/// - Throws: `ValidationError`, `--seeds must be from 1 to 1,000, given 0`.
public func checkOption(_ option: String, _ value: Int?, in range: ClosedRange<Int>) throws {
  guard let value, !range.contains(value) else { return }
  throw ValidationError(
    "\(option) must be from \(grouped(range.lowerBound)) to \(grouped(range.upperBound)), given \(value)")
}

/// The same for a number that may be as large as one likes.
///
/// - Throws: `ValidationError`, `--epochs must be at least 1, given 0`.
public func checkOption(_ option: String, _ value: Int?, atLeast least: Int) throws {
  guard let value, value < least else { return }
  throw ValidationError("\(option) must be at least \(grouped(least)), given \(value)")
}

/// The same for the path of a file, which a forgotten variable of the shell leaves empty.
///
/// - Throws: `ValidationError`, `--text must name a file, given ""`.
public func checkFileOption(_ option: String, _ path: String?) throws {
  if path == "" { throw ValidationError("\(option) must name a file, given \"\"") }
}
