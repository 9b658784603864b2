/// The colours of a drawing that explains, by what they are for. Each has two forms, for a light page and for a dark one.
///
/// Hues are those of Okabe and Ito, which readers with any kind of colour vision tell apart, made darker or lighter
/// until text in them is legible. A drawing never says a thing by colour alone.
public enum Tone: String, Sendable, CaseIterable {
  /// What is drawn: text and lines.
  case ink
  /// What stands behind: remarks, edges, empty cells.
  case soft
  /// The first four things to be told apart.
  case blue, orange, green, purple

  /// A colour for a light page and one for a dark one.
  public struct Pair: Sendable, Equatable {
    /// On a light page, and on a dark one.
    public var light, dark: Color
  }

  /// For lines and for text.
  public var strong: Pair {
    switch self {
    case .ink: Pair(light: Color(0x1F2328), dark: Color(0xE9EEF4))
    case .soft: Pair(light: Color(0x59626D), dark: Color(0xA9B3BE))
    case .blue: Pair(light: Color(0x005C94), dark: Color(0x7CC4F8))
    case .orange: Pair(light: Color(0xA34700), dark: Color(0xF6A766))
    case .green: Pair(light: Color(0x00694D), dark: Color(0x5FD6AB))
    case .purple: Pair(light: Color(0x8C3A72), dark: Color(0xEAA3D1))
    }
  }

  /// For areas: text of the same tone, and of ink, is legible on it.
  public var tint: Pair {
    switch self {
    case .ink: Pair(light: Color(0xFFFFFF), dark: Color(0x14181D))
    case .soft: Pair(light: Color(0xEDF0F3), dark: Color(0x262C34))
    case .blue: Pair(light: Color(0xD9EBF8), dark: Color(0x123A56))
    case .orange: Pair(light: Color(0xFCE5D2), dark: Color(0x4F2C0E))
    case .green: Pair(light: Color(0xD3F0E5), dark: Color(0x0C4033))
    case .purple: Pair(light: Color(0xF6E1EF), dark: Color(0x4A2440))
    }
  }

  /// The page that a drawing is made for: white, or nearly black. The drawing itself has no ground.
  public static let page = Pair(light: Color(0xFFFFFF), dark: Color(0x14181D))

  /// The rules of this tone for a style sheet: `blue` fills with the strong colour, `blue-line` draws with it, and
  /// `blue-tint` fills with the pale one.
  func rules(dark: Bool) -> String {
    let (strong, tint) = dark ? (self.strong.dark, self.tint.dark) : (self.strong.light, self.tint.light)
    return ".\(rawValue){fill:\(strong.hex)}.\(rawValue)-line{stroke:\(strong.hex)}"
      + ".\(rawValue)-tint{fill:\(tint.hex)}"
  }
}
