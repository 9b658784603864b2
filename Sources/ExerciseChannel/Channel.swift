import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What ended a conversation with another process.
public enum ChannelError: Error, Equatable {
  /// The other end is gone.
  case closed
  /// The time that was given is used up.
  case timedOut
}

/// One end of a pair of connected sockets, over which two processes exchange messages: a length, then as many bytes.
public final class Channel: Sendable {
  /// The socket's file descriptor; this end closes it.
  public let descriptor: Int32
  private let isOpen = Atomic(true)

  /// Longer messages are taken for nonsense.
  private static let mostBytes = 256 << 20

  /// The end that a descriptor is of; from now on it belongs to this channel.
  public init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { shut() }

  /// Closes this end, once.
  public func shut() {
    if isOpen.exchange(false, ordering: .relaxed) { close(descriptor) }
  }

  /// Two connected ends; neither is inherited by a child unless handed over.
  public static func pair() throws -> (Channel, Channel) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Darwin)
      let kind = SOCK_STREAM
    #else
      let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    #endif
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ChannelError.closed }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (Channel(descriptor: ends[0]), Channel(descriptor: ends[1]))
  }

  /// Sends a whole message.
  ///
  /// - Throws: `ChannelError` when the other end is gone, or the deadline passes.
  public func send(_ message: [UInt8], until deadline: ContinuousClock.Instant? = nil) throws {
    try withUnsafeBytes(of: Int64(message.count)) { try sendAll($0, until: deadline) }
    try message.withUnsafeBytes { try sendAll($0, until: deadline) }
  }

  /// Waits for a whole message.
  ///
  /// - Throws: `ChannelError` when the other end is gone, or the deadline passes; `MalformedMessage` for a length
  /// that no message has.
  public func receive(until deadline: ContinuousClock.Instant? = nil) throws -> [UInt8] {
    let header = try receiveAll(8, until: deadline)
    let count = header.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
    guard count >= 0, count <= Self.mostBytes else { throw MalformedMessage() }
    return try receiveAll(Int(count), until: deadline)
  }

  private func sendAll(_ bytes: UnsafeRawBufferPointer, until deadline: ContinuousClock.Instant?) throws {
    var sent = 0
    while sent < bytes.count {
      try wait(for: Int16(POLLOUT), until: deadline)
      let flags = deadline == nil ? 0 : Int32(MSG_DONTWAIT)
      let count = Self.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent, flags)
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      guard count > 0 else { throw ChannelError.closed }
      sent += count
    }
  }

  private func receiveAll(_ count: Int, until deadline: ContinuousClock.Instant?) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: min(count, 64 << 10))
    while bytes.count < count {
      try wait(for: Int16(POLLIN), until: deadline)
      let got = recv(descriptor, &part, min(part.count, count - bytes.count), 0)
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { throw ChannelError.closed }
      bytes += part[..<got]
    }
    return bytes
  }

  private func wait(for events: Int16, until deadline: ContinuousClock.Instant?) throws {
    guard let deadline else { return }
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { throw ChannelError.timedOut }
      var poll = pollfd(fd: descriptor, events: events, revents: 0)
      let milliseconds =
        min(left.components.seconds, 3600) * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      let ready = Self.poll(&poll, Int32(milliseconds) + 1)
      if ready > 0 { return }
      if ready < 0 && errno != EINTR { throw ChannelError.closed }
    }
  }

  private static func poll(_ descriptor: inout pollfd, _ milliseconds: Int32) -> Int32 {
    #if canImport(Darwin)
      Darwin.poll(&descriptor, 1, milliseconds)
    #else
      Glibc.poll(&descriptor, 1, milliseconds)
    #endif
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, _ flags: Int32)
    -> Int
  {
    #if canImport(Darwin)
      Darwin.send(descriptor, bytes, count, flags)
    #else
      Glibc.send(descriptor, bytes, count, flags | Int32(MSG_NOSIGNAL))
    #endif
  }
}
