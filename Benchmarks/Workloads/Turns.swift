import Engine
import Workbench

/// What two contestants did when they took turns: steps a second of each block.
///
/// A machine has slow spells. A block of the one right after a block of the other meets the same one, most of the time;
/// so the ratio is taken block by block, and its median is the result.
struct Turns {
  private(set) var ours: [Double] = []
  private(set) var theirs: [Double] = []

  /// Runs blocks in turn, ours first.
  ///
  /// - Parameter peer: Runs a block of the given length and says how many steps a second it did; nil without a peer.
  init(
    blocks: Int, seconds: Double, step: () -> Void, peer: ((Double) throws -> Double)?
  ) throws {
    for _ in 0..<3 { step() }
    for _ in 0..<blocks {
      ours.append(Self.block(seconds: seconds, step))
      if let peer { theirs.append(try peer(seconds)) }
    }
  }

  /// What was measured elsewhere.
  init(ours: [Double], theirs: [Double]) { (self.ours, self.theirs) = (ours, theirs) }

  /// Ours by theirs, block by block: above 1 where ours is faster.
  var ratios: [Double] { zip(ours, theirs).map { $0 / $1 } }

  /// As many steps as fit in `seconds`, one at least.
  ///
  /// - Returns: How many were done in a second.
  static func block(seconds: Double, _ step: () -> Void) -> Double {
    let watch = Stopwatch()
    var steps = 0.0
    while true {
      step()
      steps += 1
      let elapsed = watch.seconds
      if elapsed >= seconds { return steps / elapsed }
    }
  }
}
