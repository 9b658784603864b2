import ExerciseChannel
import Formats
import Foundation
import Tensors

/// What the judge and the learner's process say to each other: requests and replies, and the lengths before them.
enum ChannelReaders {
  static func all() -> [ReaderSubject] {
    let values: [Value] = [
      .int(-3), .float(0.5), .double(1e300), .bool(true), .string("é"),
      .tensor(Tensor([1, 2, 3, 4], shape: [2, 2])),
      .ints([1, 2], shape: [2]), .list([.int(1), .list([.bool(false)])]),
    ]
    @Sendable func framed(_ message: [UInt8]) -> [UInt8] {
      withUnsafeBytes(of: Int64(message.count)) { Array($0) } + message
    }
    let replies = [
      Reply.value(.list(values)), .value(.tensor(Tensor([1], shape: [1, 1]))), .unfinished, .threw("no"),
      .value(.ints([], shape: [0, 3])),
    ]
    return [
      ReaderSubject(
        name: "judge's channel",
        good: replies.map { framed($0.bytes(number: 7)) }
          + [framed(Request(number: 7, function: "answer", arguments: values).bytes)],
        inside: { bytes, _ in .init(core: Array(bytes.dropFirst(8)), close: framed) }
      ) { path in
        let bytes = try FileContents.bytes(of: path)
        let message = try received(bytes)
        var reading = Reading(message)
        do {
          if case .value(let value) = try Reply(bytes: message, to: 7) {
            // Whatever it is, it can be taken as anything and be printed.
            _ = (Tensor(value), [Tensor](value), IntTensor(value), [Int](value), String(value), Float?(value))
            reading.add("\(value)")
          }
        } catch {
          let request = try Request(bytes: message)
          reading.add("\(request.arguments)")
        }
        return reading
      }
    ]
  }

  /// What comes out of a channel into which somebody has written `bytes`, and gone.
  private static func received(_ bytes: [UInt8]) throws -> [UInt8] {
    let (ours, theirs) = try Channel.pair()
    let count = bytes.withUnsafeBytes {
      send(theirs.descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
    }
    // What does not fit into a socket's buffer stays away, as if the other end had died.
    _ = count
    theirs.shut()
    return try ours.receive(until: .now + .seconds(5))
  }
}
