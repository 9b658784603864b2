import ExerciseChannel
import Foundation
import Synchronization
import Tensors
import Testing

@testable import ExerciseKit

/// Whatever numbers a learner's functions give, the process that judges lives. Our own answers are asked, and from some
/// call on their replies are replaced: by the largest whole numbers, by what is no number, by longer and by empty lists.
///
/// An exit test holds threads that all tests share until it ends. So two exercises at a time keep both cores busy.
@Suite struct HostileReplyTests {
  @Test(.timeLimit(.minutes(10))) func theJudgeSurvives() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      try await Workplace.forEach(Workplace.tamperable) { try await Workplace.tamper(with: $0) }
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for entry in Workplace.tamperable {
      #expect(words.contains("\n\(entry.id) "), "it ended at: \(words.suffix(300))")
    }
  }
}

extension Workplace {
  fileprivate static var tamperable: [Catalogue.Entry] {
    entries.filter { $0.exercise.kind == .write && !$0.exercise.isOptimized }
  }

  fileprivate static func tamper(with entry: Catalogue.Entry) async throws {
    try await withFile(entry.markedSource().solution, for: entry) { file, folder in
      FileHandle.standardError.write(Data("\n\(entry.id) ".utf8))
      try await entry.exercise.tamper(file: file, toolchain: Toolchain(root: root), folder: folder)
    }
  }
}

extension Exercise {
  fileprivate func tamper(file: URL, toolchain: Toolchain, folder: URL) async throws {
    let build = try await LearnerBuild(
      file: file, functions: functions, allowed: allowed, isOptimized: false, toolchain: toolchain,
      into: folder)
    let now = Mutex((hand: Tampering.none, calls: 0))
    var process = LearnerProcess(
      host: toolchain.host, library: build.library, seconds: 60, waiting: 120, bytes: mebibytesAllowed << 20)
    process.tampers = { _, reply in
      now.withLock { state in
        state.calls -= 1
        guard state.calls < 0, case .value(let value) = reply else { return reply }
        return .value(value.tampered(by: state.hand))
      }
    }
    _ = try await process.ask { learner in
      let known = KnownMistakes(of: self)
      for hand in Tampering.allCases {
        for calls in [0, 1, 3, 9, 30] {
          now.withLock { $0 = (hand, calls) }
          FileHandle.standardError.write(Data("\(hand) \(calls), ".utf8))
          let answer = self.answer(of: learner)
          let judgement = self.judge(answer)
          _ = known.mistake(behind: judgement)
          _ = self.imageFailure(of: answer, after: judgement)?.canvas(title: "")
          for line in judgement.lines { if let failure = line.failure { _ = FailureText(failure).lines } }
        }
      }
    }.result.get()
  }
}

/// What a hostile hand makes of a value. Its type stays, so that it is taken for an answer.
private enum Tampering: CaseIterable {
  case none, largest, smallest, notANumber, infinite, longer, empty
}

extension Value {
  fileprivate func tampered(by hand: Tampering) -> Value {
    switch self {
    case .int(let number): .int(hand == .largest ? .max : hand == .smallest ? .min : number)
    case .float(let number): .float(Self.tampered(number, by: hand))
    case .double(let number): .double(Double(Self.tampered(Float(number), by: hand)))
    case .bool(let truth): .bool(hand == .none ? truth : !truth)
    case .string(let text): .string(hand == .empty ? "" : hand == .longer ? text + "\n" + text : text)
    case .tensor(let tensor):
      switch hand {
      case .empty: .tensor(Tensor.zeros([0]))
      case .longer: .tensor(Tensor(tensor.scalars + tensor.scalars, shape: [2] + tensor.shape))
      default: .tensor(tensor.map { Self.tampered($0, by: hand) })
      }
    case .ints(let scalars, let shape):
      switch hand {
      case .empty: .ints([], shape: [0])
      case .longer: .ints(scalars + scalars, shape: [2] + shape)
      case .largest: .ints(scalars.map { _ in .max }, shape: shape)
      case .smallest: .ints(scalars.map { _ in .min }, shape: shape)
      default: self
      }
    case .list(let values):
      switch hand {
      // Two to four results come as a list too, and must stay as many.
      case .empty where values.allSatisfy({ $0.isNumber }): .list([])
      case .longer where values.allSatisfy({ $0.isNumber }): .list(values + values)
      default: .list(values.map { $0.tampered(by: hand) })
      }
    }
  }

  private var isNumber: Bool {
    switch self {
    case .int, .float, .double: true
    default: false
    }
  }

  private static func tampered(_ number: Float, by hand: Tampering) -> Float {
    switch hand {
    case .largest: .greatestFiniteMagnitude
    case .smallest: -.greatestFiniteMagnitude
    case .notANumber: .nan
    case .infinite: .infinity
    case .none, .longer, .empty: number
    }
  }
}
