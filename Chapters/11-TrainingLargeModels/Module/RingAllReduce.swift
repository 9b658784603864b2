import Foundation
import Ranks
import Synchronization

/// Ranks in a ring: each can send to the next, and receives from the one before.
///
/// - Book: section 11.5.
public final class Ring: Sendable {
  /// How many ranks there are.
  public let ranks: Int
  private let mailboxes: [Mailbox]

  /// A ring of so many ranks, at least one.
  public init(ranks: Int) {
    self.ranks = ranks
    mailboxes = (0..<ranks).map { _ in Mailbox() }
  }

  /// Sends numbers from `rank` to the next one, and does not wait until they are received.
  public func send(_ numbers: [Float], from rank: Int) { mailboxes[(rank + 1) % ranks].put(numbers) }

  /// What the one before has sent to `rank`; waits for it.
  public func receive(at rank: Int) -> [Float] { mailboxes[rank].take() }

  /// How many numbers have been sent to `rank`.
  public func numbersSent(to rank: Int) -> Int { mailboxes[rank].numbers }

  /// `@unchecked Sendable`: guarded by `condition`.
  private final class Mailbox: @unchecked Sendable {
    private let condition = NSCondition()
    private var letters: [[Float]] = []
    private var count = 0

    func put(_ letter: [Float]) {
      condition.withLock {
        letters.append(letter)
        count += letter.count
        condition.signal()
      }
    }

    func take() -> [Float] {
      condition.withLock {
        while letters.isEmpty { condition.wait() }
        return letters.removeFirst()
      }
    }

    var numbers: Int { condition.withLock { count } }
  }
}

/// Puts the sum over all ranks in place of each number; every rank of the ring calls it with as many numbers.
///
/// The numbers are cut into as many pieces as there are ranks. In R − 1 rounds each rank sends one piece on and adds the one
/// that comes to its own: then each rank has one piece of the sum. In R − 1 more rounds the finished pieces go round. So each
/// rank sends 2 (R − 1) / R times its numbers, however many ranks there are.
///
/// - Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", Journal of Parallel
///   and Distributed Computing 69, 2009.
/// - Book: section 11.5.
public func ringAllReduce(_ x: inout [Float], rank: Int, on ring: Ring) {
  let ranks = ring.ranks
  let count = x.count
  func piece(_ i: Int) -> Range<Int> {
    let i = (i + ranks) % ranks
    return count * i / ranks..<count * (i + 1) / ranks
  }
  // Round s: rank r sends piece r − s, which it has just added to, and adds to piece r − s − 1.
  for s in 0..<ranks - 1 {
    ring.send(Array(x[piece(rank - s)]), from: rank)
    for (i, number) in zip(piece(rank - s - 1), ring.receive(at: rank)) { x[i] += number }
  }
  // Now piece r + 1 is whole in rank r. It goes round, and is taken over as it comes.
  for s in 0..<ranks - 1 {
    ring.send(Array(x[piece(rank + 1 - s)]), from: rank)
    x.replaceSubrange(piece(rank - s), with: ring.receive(at: rank))
  }
}
