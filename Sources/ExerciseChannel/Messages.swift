/// A call of one of the learner's functions.
public struct Request: Sendable {
  public let number: Int
  public let function: String
  public let arguments: [Value]

  public init(number: Int, function: String, arguments: [Value]) {
    self.number = number
    self.function = function
    self.arguments = arguments
  }

  public init(bytes: [UInt8]) throws {
    var reader = MessageReader(bytes)
    number = try reader.readInt()
    function = try reader.readString()
    guard case .list(let arguments) = try reader.readValue() else { throw MalformedMessage() }
    self.arguments = arguments
  }

  public var bytes: [UInt8] {
    var writer = MessageWriter()
    writer.write(number)
    writer.write(function)
    writer.write(.list(arguments))
    return writer.bytes
  }
}

/// What came of a call.
public enum Reply: Sendable, Equatable {
  case value(Value)
  case unfinished
  case threw(String)

  public func bytes(number: Int) -> [UInt8] {
    var writer = MessageWriter()
    writer.write(number)
    switch self {
    case .value(let value):
      writer.write(0)
      writer.write(value)
    case .unfinished:
      writer.write(1)
    case .threw(let description):
      writer.write(2)
      writer.write(description)
    }
    return writer.bytes
  }

  /// - Parameter number: The request that this must be the reply to.
  public init(bytes: [UInt8], to number: Int) throws {
    var reader = MessageReader(bytes)
    guard try reader.readInt() == number else { throw MalformedMessage() }
    switch try reader.readInt() {
    case 0: self = .value(try reader.readValue())
    case 1: self = .unfinished
    case 2: self = .threw(try reader.readString())
    default: throw MalformedMessage()
    }
  }
}
