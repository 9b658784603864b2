/// What stands in the way, in words for the user.
public struct CannotUse: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
