/// A call of one of the learner's functions.
public struct Request: Sendable {
  /// Counted up from call to call: the reply names it again.
  public let number: Int
  /// What is called.
  public let function: String
  /// With what, in order.
  public let arguments: [Value]

  /// A call that is to be sent.
  public init(number: Int, function: String, arguments: [Value]) {
    self.number = number
    self.function = function
    self.arguments = arguments
  }

  /// A call as it came.
  ///
  /// - Throws: `MalformedMessage` when the bytes are none.
  public init(bytes: [UInt8]) throws {
    var reader = MessageReader(bytes)
    number = try reader.readInt()
    function = try reader.readString()
    guard case .list(let arguments) = try reader.readValue() else { throw MalformedMessage() }
    self.arguments = arguments
  }

  /// The call as it is sent.
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
  /// What the function gave back.
  case value(Value)
  /// The function threw `Unfinished`: it is not written yet.
  case unfinished
  /// The function threw something else, which describes itself so.
  case threw(String)

  /// The reply as it is sent, to the request of this number.
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

  /// - Parameters:
  ///   - bytes: A message from the other process, which may hold anything.
  ///   - number: The request that this must be the reply to.
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
