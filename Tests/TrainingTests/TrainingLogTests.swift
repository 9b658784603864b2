import Engine
import Foundation
import Testing

/// The table of every step: whole rows only, also after a crash, and none twice.
@Suite struct TrainingLogTests {
  struct Stop: Error {}

  private let path = NSTemporaryDirectory() + "log-\(UUID().uuidString).csv"

  private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func everyStepHasARow() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let run = NextNumber.run(NextNumber.settings)
    run.log = try TrainingLog(path, metricName: "twice one", stepsDone: 0)
    var losses: [Double] = []
    while !run.isFinished { try run.nextEpoch { losses.append($0.batchLoss) } }
    let rows = TrainingLog.rows(of: path)
    #expect(rows.map(\.loss) == losses && rows.map(\.step) == Array(1...12))
    #expect(rows.map(\.epoch) == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
    #expect(rows.allSatisfy { $0.metric == 2 && $0.examples == 6 && $0.learningRate == 0.05 })
    #expect(rows.allSatisfy { $0.gradientNorm ?? 0 > 0 })
    #expect(
      try text().hasPrefix("epoch,step,examples,loss,twice_one,learning_rate,gradient_norm,time\n1,1,6,"))
  }

  /// Cut at every byte of its last rows, the log has the whole ones, and never a half one.
  @Test func aRowThatIsCutOffDoesNotCount() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let run = NextNumber.run(NextNumber.settings)
    run.log = try TrainingLog(path, metricName: nil, stepsDone: 0)
    try run.finish()
    let whole = Array(try text().utf8)
    let rows = TrainingLog.rows(of: path)
    let lastTwo =
      whole.count - whole.split(separator: UInt8(ascii: "\n")).suffix(2).reduce(0) { $0 + $1.count + 1 }
    for end in lastTwo..<whole.count {
      try Data(whole[..<end]).write(to: URL(fileURLWithPath: path))
      let read = TrainingLog.rows(of: path)
      #expect(read == Array(rows.prefix(read.count)) && read.count >= 10, "cut at byte \(end)")
    }
  }

  @Test func aRunThatGoesOnMakesNoStepTwice() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let whole = NextNumber.run(NextNumber.settings)
    whole.log = try TrainingLog(path, metricName: nil, stepsDone: 0)
    try whole.finish()
    let expected = TrainingLog.rows(of: path)

    let run = NextNumber.run(NextNumber.settings)
    run.log = try TrainingLog(path, metricName: nil, stepsDone: 0)
    #expect(TrainingLog.rows(of: path).isEmpty)
    var checkpoint: Checkpoint?
    var steps = 0
    #expect(throws: Stop.self) {
      try run.finish { _ in
        steps += 1
        if steps == 5 { checkpoint = run.checkpoint }
        if steps == 8 { throw Stop() }
      }
    }
    // A crash after step 8, in the middle of the next row.
    run.log = nil
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data("3,9,6,0.12".utf8))
    try file.close()

    let next = NextNumber.run(NextNumber.settings)
    try next.resume(from: #require(checkpoint), path: "a")
    next.log = try TrainingLog(path, metricName: nil, stepsDone: next.stepsDone)
    #expect(TrainingLog.rows(of: path).map(\.step) == Array(1...5))
    try next.finish()
    #expect(TrainingLog.rows(of: path) == expected)
  }

  @Test func aFullDiskEndsTheLogAndNotTheRun() throws {
    #if os(Linux)
      let run = NextNumber.run(NextNumber.settings)
      run.log = try? TrainingLog("/dev/full", metricName: nil, stepsDone: 0)
      #expect(run.log == nil)
    #endif
    let error = #expect(throws: FileError.self) {
      try TrainingLog(NSTemporaryDirectory(), metricName: nil, stepsDone: 0)
    }
    #expect(error != nil)
  }
}
