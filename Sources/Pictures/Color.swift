import Foundation

/// A colour of the sRGB space, 8 bits a channel.
public struct Color: Sendable, Hashable {
  /// From 0 to 255, in the sRGB colour space.
  public var red: UInt8
  /// From 0 to 255, in the sRGB colour space.
  public var green: UInt8
  /// From 0 to 255, in the sRGB colour space.
  public var blue: UInt8

  /// A colour of its three parts, each from 0 to 255.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// A colour from `0xRRGGBB`.
  public init(_ hex: UInt32) {
    self.init(UInt8(hex >> 16 & 0xFF), UInt8(hex >> 8 & 0xFF), UInt8(hex & 0xFF))
  }

  /// The lightest: paper.
  public static let white = Color(0xFFFFFF)
  /// The darkest: ink.
  public static let black = Color(0x000000)
  /// Text: nearly black.
  public static let ink = Color(0x1F2328)
  /// Text of the second rank: 5.5 : 1 against white.
  public static let faintInk = Color(0x5F6670)
  /// Axes and frames.
  public static let rule = Color(0x8A919B)
  /// Grid lines.
  public static let faintRule = Color(0xE3E6EA)

  /// Colours for categories that people with any kind of colour blindness tell apart, strongest first.
  ///
  /// - Source: Okabe, Ito, "Color universal design", 2002, https://jfly.uni-koeln.de/color/.
  public static let categories = [
    Color(0x0072B2), Color(0xD55E00), Color(0x009E73), Color(0xCC79A7), Color(0xE69F00), Color(0x56B4E9),
    Color(0x000000), Color(0xF0E442),
  ]

  /// `#rrggbb`.
  public var hex: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// This colour with `share` of it replaced by `other`.
  public func mixed(with other: Color, _ share: Float) -> Color {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      let y = Float(a) + (Float(b) - Float(a)) * share
      return UInt8(max(0, min(255, y.rounded())))
    }
    return Color(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }

  /// How bright the colour is, from 0 to 1 (the `Y` of WCAG 2).
  var luminance: Float {
    func linear(_ byte: UInt8) -> Float {
      let x = Float(byte) / 255
      if x <= 0.04045 { return x / 12.92 }
      return pow((x + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// Black or white, whichever is easier to read on this colour: the contrast is never below 4.5 : 1.
  public var readableText: Color {
    let y = luminance + 0.05
    return 1.05 / y > y / 0.05 ? .white : .black
  }
}
