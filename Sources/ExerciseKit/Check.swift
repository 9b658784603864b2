/// The kinds of checks, in the order in which they are tried. A layer is tried only when all before it passed.
public enum Layer: Int, Sendable, CaseIterable, Comparable, CustomStringConvertible {
  /// The result has the right shape.
  case shape
  /// The numbers of a case that can be followed with a pencil.
  case byHand
  /// What holds for every input: the definition itself, symmetries, limits.
  case property
  /// The derivatives agree with differences of the function.
  case gradients
  /// A network learns by it.
  case training

  public static func < (a: Layer, b: Layer) -> Bool { a.rawValue < b.rawValue }

  public var description: String {
    switch self {
    case .shape: "shape"
    case .byHand: "by hand"
    case .property: "property"
    case .gradients: "gradients"
    case .training: "it trains"
    }
  }
}

/// One check: a question asked of the answer under test, be it the learner's, ours or a known mistake.
public struct Check<Answer: Sendable>: Sendable {
  /// In which turn it is tried.
  public let layer: Layer
  /// What holds when the check passes, in a few words.
  public let text: String
  /// What it is worth when it passes.
  public let points: Int
  let body: @Sendable (Answer, Trial) throws -> Void

  /// - Parameters:
  ///   - layer: In which turn it is tried.
  ///   - text: What holds when it passes, in a few words.
  ///   - points: What it is worth, 0 or more.
  ///   - body: Calls the answer and tells the trial what came out and what should have. It must ask the same of every
  ///     answer: no chance, no clock.
  public init(
    _ layer: Layer, _ text: String, points: Int, _ body: @escaping @Sendable (Answer, Trial) throws -> Void
  ) {
    self.layer = layer
    self.text = text
    self.points = points
    self.body = body
  }
}
