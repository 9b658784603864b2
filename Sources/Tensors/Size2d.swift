/// A height and a width: of a kernel, a stride, a padding.
public struct Size2d: Sendable, Equatable, CustomStringConvertible {
  public let height: Int
  public let width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  public var description: String { height == width ? "\(height)" : "\(height)×\(width)" }
}

/// What can be given where a height and a width are asked for: `5` for `Size2d(5, 5)`, or a `Size2d`.
public protocol Size2dConvertible: Sendable {
  var asSize2d: Size2d { get }
}

extension Size2d: Size2dConvertible {
  public var asSize2d: Size2d { self }
}

extension Int: Size2dConvertible {
  public var asSize2d: Size2d { Size2d(self, self) }
}
