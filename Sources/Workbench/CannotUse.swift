/// What stands in the way, in words for the user.
public struct CannotUse: Error, CustomStringConvertible {
  /// What is in the way and what to do, as the program prints it.
  public let description: String
  /// - Parameter description: What is in the way and what to do, as the program will print it.
  public init(_ description: String) { self.description = description }
}
