/// Colours for numbers: from 0 at its dark or blue end to 1 at its bright or red end.
///
/// - PyTorch: none; the names are matplotlib's.
public struct ColorMap: Sendable, Equatable {
  /// 256 colours, equally far apart.
  public let colors: [Color]
  /// Whether the middle means zero.
  public let isDiverging: Bool

  init(_ colors: [Color], isDiverging: Bool = false) {
    self.colors = colors
    self.isDiverging = isDiverging
  }

  /// Dark blue over green to yellow: equal steps look equal. For numbers from little to much.
  public static let viridis = ColorMap(decodeHex(viridisTable))

  /// Black to white.
  public static let gray = ColorMap((0..<256).map { Color(UInt8($0), UInt8($0), UInt8($0)) })

  /// White to black: ink on paper.
  public static let ink = ColorMap((0..<256).map { Color(255 - UInt8($0), 255 - UInt8($0), 255 - UInt8($0)) })

  /// Blue over white to red: for numbers of either sign, with zero in the middle.
  ///
  /// - Source: RdBu with 11 classes, turned round: Harrower, Brewer, "ColorBrewer.org", 2003.
  public static let blueWhiteRed = ColorMap(
    ramp([
      0x053061, 0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B,
      0x67001F,
    ]), isDiverging: true)

  /// White to dark blue.
  ///
  /// - Source: Blues with 9 classes: ColorBrewer.
  public static let blues = ColorMap(
    ramp([0xFFFFFF, 0xDEEBF7, 0xC6DBEF, 0x9ECAE1, 0x6BAED6, 0x4292C6, 0x2171B5, 0x08519C, 0x08306B]))

  /// White to dark orange.
  ///
  /// - Source: Oranges with 9 classes: ColorBrewer.
  public static let oranges = ColorMap(
    ramp([0xFFFFFF, 0xFEE6CE, 0xFDD0A2, 0xFDAE6B, 0xFD8D3C, 0xF16913, 0xD94801, 0xA63603, 0x7F2704]))

  /// Stands for what is no finite number, on every map: none of them holds it.
  public static let notFinite = Color(0xFF00C8)

  /// The colour of `x` from 0 to 1; numbers outside take the colour of the nearer end.
  public func color(_ x: Float) -> Color {
    if x.isNaN { return Self.notFinite }
    return colors[Int((max(0, min(1, x)) * 255).rounded())]
  }

  /// The colour of `x` on a scale. Infinite numbers are no finite ones.
  public func color(_ x: Float, in scale: ClosedRange<Float>) -> Color {
    if !x.isFinite { return Self.notFinite }
    let size = scale.upperBound - scale.lowerBound
    // Halves first where the difference of the ends overflows.
    if !size.isFinite {
      return color((x / 2 - scale.lowerBound / 2) / (scale.upperBound / 2 - scale.lowerBound / 2))
    }
    return color(size > 0 ? (x - scale.lowerBound) / size : 0.5)
  }

  /// 256 colours through those given, which are equally far apart.
  private static func ramp(_ anchors: [UInt32]) -> [Color] {
    (0..<256).map { i in
      let place = Float(i) / 255 * Float(anchors.count - 1)
      let k = min(Int(place), anchors.count - 2)
      return Color(anchors[k]).mixed(with: Color(anchors[k + 1]), place - Float(k))
    }
  }

  private static func decodeHex(_ text: String) -> [Color] {
    let digits = text.utf8.compactMap(hexValue)
    return stride(from: 0, to: digits.count - 5, by: 6).map { i in
      Color(digits[i..<i + 6].reduce(0) { $0 << 4 | UInt32($1) })
    }
  }
}

/// What a hexadecimal digit is worth; `nil` for any other character.
func hexValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  default: nil
  }
}
