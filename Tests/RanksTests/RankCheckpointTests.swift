import Engine
import Foundation
import Testing

@testable import Ranks

@Suite struct RankCheckpointTests {
  private struct Stop: Error {}

  /// Trains with so many ranks from a checkpoint, or from the beginning, and keeps one after `steps` more, or goes to the end.
  private func train(
    _ ranks: Int, dividing: Bool, from path: String?, keeping kept: (path: String, steps: Int)?
  ) throws -> (outcomes: [Points.Outcome], remarks: [String?]) {
    let results = try LocalRanks.run(ranks) { communicator -> (Points.Outcome, String?) in
      let run = TrainingRun(Sharded(Points(), for: communicator), Points.settings()) { Points.Network() }
      let remark = try path.map { try DataParallel.resume(run, from: $0, communicator) } ?? nil
      var options = DataParallel.Options()
      options.dividesOptimizer = dividing
      let parallel = try DataParallel(run, communicator, options)
      var left = kept?.steps ?? -1
      do {
        while !run.isFinished {
          try run.nextEpoch { _ in
            left -= 1
            if left == 0 { throw Stop() }
          }
        }
      } catch is Stop {
        let checkpoint = try parallel.checkpoint(of: run)
        #expect((checkpoint != nil) == (communicator.rank == 0))
        try checkpoint?.write(to: kept!.path)
        return (Points.Outcome(run.model, [], run.optimizer.memoryBytes), remark)
      }
      return (Points.Outcome(run.model, run.history, run.optimizer.memoryBytes), remark)
    }
    return (results.map(\.0), results.map(\.1))
  }

  @Test(arguments: [false, true]) func aRunGoesOnWithAnyNumberOfRanks(_ dividing: Bool) throws {
    let file = NSTemporaryDirectory() + "/ranks-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let whole = try train(2, dividing: dividing, from: nil, keeping: nil).outcomes
    let broken = try train(2, dividing: dividing, from: nil, keeping: (file, 4)).outcomes
    // Keeping a checkpoint leaves each rank with its own part.
    #expect(broken.map(\.optimizerBytes) == whole.map(\.optimizerBytes))

    let same = try train(2, dividing: dividing, from: file, keeping: nil)
    #expect(same.outcomes.allSatisfy { $0.weights == whole[0].weights && $0.losses == whole[0].losses })
    #expect(same.remarks == [nil, nil])
    for ranks in [1, 3] {
      let other = try train(ranks, dividing: dividing, from: file, keeping: nil)
      #expect(other.outcomes.allSatisfy { $0.weights == other.outcomes[0].weights })
      #expect(other.outcomes[0].difference(from: whole[0]) < 1e-5)
      #expect(
        other.remarks[0]?.hasPrefix(
          "the checkpoint is of a run with 2 ranks, and \(ranks == 1 ? "1 rank" : "3 ranks") go on") == true)
    }
    // And a process alone, which knows nothing of ranks.
    let run = TrainingRun(Points(), Points.settings()) { Points.Network() }
    try run.resume(from: Checkpoint(readingFrom: file), path: file)
    try run.finish()
    #expect(Points.Outcome(run.model, run.history, 0).difference(from: whole[0]) < 1e-5)
  }

  @Test func aBadFileIsToldOfInAllRanks() throws {
    let error = #expect(throws: RanksFailed.self) {
      try train(2, dividing: false, from: "/nowhere/run.safetensors", keeping: nil)
    }
    #expect("\(error!)".contains("/nowhere/run.safetensors"), "\(error!)")
  }
}
