import Formats
import Foundation
import Training

extension DataParallel {
  private static var note: String { "the ranks" }

  /// The state of the run between two steps, as one process would have it: another number of ranks can go on from there, and
  /// so can one process by itself. Every rank must call it, at the same step.
  ///
  /// - Returns: In rank 0; nil in all others.
  public func checkpoint<Base>(of run: TrainingRun<Sharded<Base>>) throws -> Checkpoint? {
    try shards?.collect(into: run.optimizer)
    defer { shards?.keepOwn(of: run.optimizer) }
    if communicator.rank != 0 { return nil }
    var checkpoint = run.checkpoint
    checkpoint.notes[Self.note] = "\(communicator.ranks)"
    return checkpoint
  }

  /// Takes a run to where another was, which may have had another number of ranks. Every rank must call it, before its
  /// `DataParallel` is made; the file need be there for rank 0 alone.
  ///
  /// - Returns: What the user should know: that the number of ranks is another, or that the learning rate jumps.
  /// - Throws: `FileError`, in all ranks, when rank 0 cannot read the file, or it is of a run with other settings.
  public static func resume<Base>(
    _ run: TrainingRun<Sharded<Base>>, from path: String, _ communicator: any Communicator
  ) throws -> String? {
    // Rank 0 reads, the others get its bytes: the file may be on one machine alone.
    let problem: String
    var bytes: [UInt8] = []
    if communicator.rank == 0 {
      do {
        _ = try Checkpoint(readingFrom: path)
        bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        problem = ""
      } catch {
        problem = "\(error)"
      }
    } else {
      problem = ""
    }
    if let first = try communicator.gather(problem).first, !first.isEmpty { throw RanksFailed(first) }
    bytes = try communicator.gather(bytes)[0]
    let own = NSTemporaryDirectory() + "/checkpoint-\(UUID().uuidString).safetensors"
    try AtomicFile.write(bytes, to: own)
    defer { try? FileManager.default.removeItem(atPath: own) }
    let checkpoint = try Checkpoint(readingFrom: own)
    var remarks = [try run.resume(from: checkpoint, path: path)].compactMap { $0 }
    let before = checkpoint.notes[note].flatMap { Int($0) } ?? 1
    if before != communicator.ranks {
      func ranks(_ count: Int) -> String { count == 1 ? "1 rank" : "\(count) ranks" }
      remarks.insert(
        "the checkpoint is of a run with \(ranks(before)), and \(ranks(communicator.ranks)) go on: with the same examples, "
          + "but sums are rounded in another order, so that the weights will agree in their first digits only.",
        at: 0)
    }
    return remarks.isEmpty ? nil : remarks.joined(separator: "\n")
  }
}
