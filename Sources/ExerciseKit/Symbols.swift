import Formats
import Foundation

/// The names in a compiled library, as `nm` lists them.
struct Symbols: Sendable {
  /// What the library asks others for.
  private(set) var undefined: [String] = []
  /// Whether it has variables that outlive a call: global ones, and those of types.
  private(set) var haveVariables = false

  init(of library: URL, toolchain: Toolchain) async throws {
    if let nm = toolchain.find(beside: "llvm-nm") ?? ProgramSearch.find("nm") {
      self.init(listed: try await output(of: nm, [library.path]).text)
    } else {
      self.init(listed: "")
      haveVariables = true
    }
  }

  init(listed list: String) {
    for line in list.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let name = words.last.map(String.init), words.count >= 2 else { continue }
      switch words[words.count - 2] {
      case "U", "w": undefined.append(name)
      case "b", "B", "d", "D", "s", "S", "c", "C": haveVariables = haveVariables || Self.isVariable(name)
      default: break
      }
    }
  }

  /// Not what the compiler and the linker put there for themselves: descriptions of types, tables, marks.
  private static func isVariable(_ name: String) -> Bool {
    if name.hasPrefix("$s") || name.hasPrefix("_$s") {
      return ["vp", "vpZ", "Wz", "WZ"].contains { name.hasSuffix($0) }
    }
    return !name.hasPrefix("_") && !name.contains(".")
  }
}
