/// A height and a width: of a kernel, a stride, a padding.
public struct Size2d: Sendable, Equatable, CustomStringConvertible {
  /// Along the first of the two axes, downwards.
  public let height: Int
  /// Along the second, to the right.
  public let width: Int

  /// - Parameters:
  ///   - height: The first of the two, as in `[H, W]`.
  ///   - width: The second.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  public var description: String { height == width ? "\(height)" : "\(height)×\(width)" }
}

/// What can be given where a height and a width are asked for: `5` for `Size2d(5, 5)`, or a `Size2d`.
public protocol Size2dConvertible: Sendable {
  /// The height and the width.
  var asSize2d: Size2d { get }
}

extension Size2d: Size2dConvertible {
  public var asSize2d: Size2d { self }
}

extension Int: Size2dConvertible {
  public var asSize2d: Size2d { Size2d(self, self) }
}
