/// A name found in a file, in quotes and fit for a terminal: control characters escaped, long names cut.
package func quoted(_ name: String) -> String {
  var text = "\""
  for scalar in name.unicodeScalars.prefix(80) {
    let isControl =
      scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
    text += isControl ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return text + (name.unicodeScalars.count > 80 ? "…\"" : "\"")
}

/// A message that quotes what somebody else has written, fit for a terminal: control characters but line breaks are shown as
/// signs, and what is as long as a file is cut.
package func fitForTerminal(_ message: String) -> String {
  let most = 2000
  let isLong = message.utf8.count > most
  let text = isLong ? String(message.unicodeScalars.prefix(most / 4)) + " … (and so on)" : message
  return String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { scalar in
        scalar.properties.generalCategory == .control && scalar != "\n" ? "\u{FFFD}" : scalar
      }))
}

/// Names found in a file, for a line of a message: each fit for a terminal, and the first few where there are many.
package func listed(_ names: [String], most: Int = 12) -> String {
  let shown = names.prefix(most).map { String(quoted($0).dropFirst().dropLast()) }.joined(separator: ", ")
  return shown + (names.count > most ? " and \(grouped(names.count - most)) more" : "")
}
