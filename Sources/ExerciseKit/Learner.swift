import ExerciseChannel
import Synchronization

/// The learner's functions, called in the process they live in.
public final class Learner: Sendable {
  private let exchange: @Sendable (Request) throws -> Reply
  private let count = Atomic(0)
  private let state = Mutex(State())

  private struct State {
    var request: Request?
    var stopped: LearnerStopped?
  }
  private let asksBefore: Bool

  /// - Parameter asksBefore: Whether to ask, before every call, for the same with other numbers in the same shapes. What
  ///   comes of that is not looked at: an answer that keeps something from call to call gives itself away by the next.
  init(asksBefore: Bool = false, _ exchange: @escaping @Sendable (Request) throws -> Reply) {
    self.asksBefore = asksBefore
    self.exchange = exchange
  }

  /// Calls one of the learner's functions.
  ///
  /// Throws `LearnerError` for what the function throws, and `LearnerStopped` when its process is gone.
  public func call<each Argument: Passable, Result: Passable>(
    _ function: String, _ argument: repeat each Argument
  ) throws -> Result {
    let value = try value(of: function, repeat each argument)
    guard let result = Result(value) else { throw noted(.unreadable) }
    return result
  }

  /// Calls one of the learner's functions that gives back two results.
  public func call<each Argument: Passable, First: Passable, Second: Passable>(
    _ function: String, _ argument: repeat each Argument
  ) throws -> (First, Second) {
    guard case .list(let parts) = try value(of: function, repeat each argument), parts.count == 2,
      let first = First(parts[0]), let second = Second(parts[1])
    else { throw noted(.unreadable) }
    return (first, second)
  }

  /// Calls one of the learner's functions that gives back three results.
  public func call<each Argument: Passable, First: Passable, Second: Passable, Third: Passable>(
    _ function: String, _ argument: repeat each Argument
  ) throws -> (First, Second, Third) {
    guard case .list(let parts) = try value(of: function, repeat each argument), parts.count == 3,
      let first = First(parts[0]), let second = Second(parts[1]), let third = Third(parts[2])
    else { throw noted(.unreadable) }
    return (first, second, third)
  }

  /// Calls one of the learner's functions that gives back four results.
  public func call<
    each Argument: Passable, First: Passable, Second: Passable, Third: Passable,
    Fourth: Passable
  >(
    _ function: String, _ argument: repeat each Argument
  ) throws -> (First, Second, Third, Fourth) {
    guard case .list(let parts) = try value(of: function, repeat each argument), parts.count == 4,
      let first = First(parts[0]), let second = Second(parts[1]), let third = Third(parts[2]),
      let fourth = Fourth(parts[3])
    else { throw noted(.unreadable) }
    return (first, second, third, fourth)
  }

  /// Why the process stopped answering; nil as long as it answers.
  var stopped: LearnerStopped? { state.withLock(\.stopped) }

  /// What was asked last, as a learner would write it.
  var lastCall: String? { state.withLock(\.request)?.text }

  private func noted(_ stopped: LearnerStopped) -> LearnerStopped {
    state.withLock { $0.stopped = $0.stopped ?? stopped }
    return stopped
  }

  private var nextNumber: Int { count.add(1, ordering: .relaxed).newValue }

  private func value<each Argument: Passable>(
    of function: String, _ argument: repeat each Argument
  ) throws -> Value {
    var arguments: [Value] = []
    for argument in repeat each argument { arguments.append(argument.value) }
    let request = Request(number: nextNumber, function: function, arguments: arguments)
    state.withLock { $0.request = request }
    if asksBefore, let before = request.withOtherNumbers(number: nextNumber) {
      do { _ = try exchange(before) } catch { throw noted(.beforeACall) }
    }
    let reply: Reply
    do { reply = try exchange(request) } catch let stopped as LearnerStopped { throw noted(stopped) }
    switch reply {
    case .value(let value): return value
    case .unfinished: throw LearnerError.unfinished(function)
    case .threw(let description): throw LearnerError.threw(description)
    }
  }
}

extension Request {
  /// The call as a learner would write it, without the parameters' names: "outputSize(7, 3)".
  fileprivate var text: String {
    let texts = arguments.map { value in
      let text = value.shortText.replacing("\n", with: "\\n")
      return text.count <= 60 ? text : text.prefix(59) + "…"
    }
    return "\(function)(\(texts.joined(separator: ", ")))"
  }
}

/// What a learner's function throws.
public enum LearnerError: Error, Equatable, CustomStringConvertible {
  /// The function that still throws `Unfinished`.
  case unfinished(String)
  /// Something else, as it describes itself.
  case threw(String)

  public var description: String {
    switch self {
    case .unfinished(let function): "\(function) still throws Unfinished"
    case .threw(let description): "the function threw \(description)"
    }
  }
}

/// The learner's process stopped answering.
public enum LearnerStopped: Error, Equatable {
  /// It ended: by itself or by a signal.
  case ended
  /// It took longer than the exercise allows.
  case timedOut
  /// It sent something that is not an answer.
  case unreadable
  /// It stopped at a call that no check has made: see `Learner.init(asksBefore:)`.
  case beforeACall
}
