import Tensors

/// What processes that train one model say to each other.
public protocol Communicator: Sendable {
  /// This process's number, from 0.
  var rank: Int { get }

  /// How many processes there are.
  var ranks: Int { get }
}
