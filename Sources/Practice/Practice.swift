// What a learner's file imports: tensors, and the error that says "not written yet".
@_exported import Tensors

/// Thrown by an exercise that nobody has solved yet.
///
/// Every exercise starts as a function that throws this error. Replace the line by your answer.
public struct Unfinished: Error {
  /// The error, without any detail: that it is thrown says all.
  public init() {}
}
