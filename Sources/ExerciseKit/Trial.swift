import ExerciseChannel
import Pictures
import Tensors

/// One run of one check: notes all that the answer gave, and the first thing that was wrong.
public final class Trial {
  /// All that the answer gave, in order.
  private(set) var answers: [Value] = []
  private(set) var failure: Failure?
  /// The first wrong result that makes an image; often not the first failure, for small cases come before large ones.
  private(set) var imageFailure: Failure?
  /// What the check drew of the answer.
  private(set) var pictures: [TrialPicture] = []
  private(set) var curves: [Curve] = []

  init() {}

  /// Shows the learner a picture of what their answer made, right or wrong.
  ///
  /// - Parameters:
  ///   - canvas: The picture.
  ///   - name: The name of its file, without `.png`.
  ///   - meaning: What it shows, in a few words.
  public func show(_ canvas: Canvas, as name: String, meaning: String) {
    pictures.append(TrialPicture(name: name, meaning: meaning, canvas: canvas))
  }

  /// Shows the learner how a number went while their answer ran, as a small chart below the checks.
  ///
  /// - Parameters:
  ///   - name: What the number is, such as "the loss of each step".
  ///   - yours: The number at each step; what is not finite is left out of the drawing.
  ///   - expected: How it goes in an answer without faults.
  public func plot(_ name: String, yours: [Float], expected: [Float] = []) {
    curves.append(Curve(name, yours: yours.map(Double.init), expected: expected.map(Double.init)))
  }

  /// Compares what the answer gave with what it should have given.
  ///
  /// - Parameters:
  ///   - yours: What the answer gave.
  ///   - expected: What it should have given.
  ///   - call: What was called, as the learner would write it.
  ///   - given: The arguments by name, for the message.
  ///   - tolerance: How far apart numbers may be, relative to the larger of 1 and what was expected.
  ///   - calculation: The calculation by hand for one place, such as "1·1 + 2·0 = 1".
  public func expect<Result: Passable>(
    _ yours: Result, equals expected: Result, _ call: String,
    given: KeyValuePairs<String, any Passable> = [:],
    tolerance: Double = 1e-5, by calculation: ((_ place: [Int]) -> String)? = nil
  ) {
    answers.append(yours.value)
    guard imageFailure == nil,
      let difference = Difference(between: yours.value, and: expected.value, tolerance: tolerance)
    else { return }
    let found = Failure(
      call: call, given: given.map { Failure.Argument(name: $0.key, value: $0.value.value) },
      yours: yours.value, expected: expected.value, difference: difference,
      calculation: failure == nil ? difference.place.flatMap { calculation?($0) } : nil)
    failure = failure ?? found
    if ImageFailure.isImage(found) { imageFailure = found }
  }

  /// Compares only the shape of what the answer gave.
  public func expect(
    _ yours: Tensor, hasShape shape: [Int], _ call: String, given: KeyValuePairs<String, any Passable> = [:],
    by calculation: String? = nil
  ) {
    answers.append(yours.value)
    guard failure == nil, yours.shape != shape else { return }
    failure = Failure(
      call: call, given: given.map { Failure.Argument(name: $0.key, value: $0.value.value) },
      yours: yours.value, expected: nil,
      difference: Difference(
        kind: .shape, place: nil, yours: "\(yours.shape)", expected: "\(shape)"), calculation: calculation)
  }

  /// Holds a statement about the answer, such as "the loss is below 0.1".
  ///
  /// - Parameters:
  ///   - holds: Whether it is so.
  ///   - statement: What should hold, as the learner reads it.
  ///   - yours: The numbers that the statement is about: by them a known mistake is recognised.
  public func expect(_ holds: Bool, _ statement: String, about yours: some Passable) {
    answers.append(yours.value)
    guard failure == nil, !holds else { return }
    failure = Failure(
      call: statement, given: [], yours: yours.value, expected: nil,
      difference: Difference(kind: .statement, place: nil, yours: yours.value.shortText, expected: statement),
      calculation: nil)
  }

  func note(thrown description: String) {
    guard failure == nil else { return }
    failure = Failure(
      call: "", given: [], yours: nil, expected: nil,
      difference: Difference(kind: .error, place: nil, yours: description, expected: "a result"),
      calculation: nil)
  }
}

/// A picture that a check drew of an answer.
public struct TrialPicture: Sendable {
  /// The name of its file, without `.png`.
  public let name: String
  /// What it shows, in a few words.
  public let meaning: String
  /// The picture.
  public let canvas: Canvas
}

/// The first thing that was wrong in a check.
public struct Failure: Sendable {
  /// What was handed to the call under one name.
  public struct Argument: Sendable {
    /// The name, as the exercise's text has it.
    public let name: String
    /// The value.
    public let value: Value
  }

  /// What was called.
  public let call: String
  /// The arguments, in their order.
  public let given: [Argument]
  /// What the answer gave; nil where it gave nothing.
  public let yours: Value?
  /// What it should have given; nil where only a shape or a statement was checked.
  public let expected: Value?
  /// Where and how the two first differ.
  public let difference: Difference
  /// The calculation by hand for the place where the answer first differs.
  public let calculation: String?
}

extension Failure.Argument {
  /// The value in a few characters.
  public var text: String { value.shortText }
}

extension Failure {
  /// What the answer gave: the whole of it where that is short, else where it first differs.
  public var yoursText: String { text(yours, difference.yours) }

  /// What was expected, in the same way.
  public var expectedText: String { text(expected, difference.expected) }

  private func text(_ value: Value?, _ difference: String) -> String {
    guard let value, self.difference.kind == .number else { return difference }
    let whole = value.shortText
    return value.numbers.shape.map { "\($0)" } == whole ? difference : whole
  }
}
