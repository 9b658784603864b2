import Engine

/// How a model knows where its steps stand.
///
/// - Book: section 10.5.
public enum PositionKind: String, CaseIterable, Sendable, Codable {
  /// A vector for each place, learned.
  case learned
  /// Waves of many lengths.
  case sinusoidal
  /// Queries and keys turned by angles that grow with the place.
  case rotary
  /// Not at all.
  case none
}

/// What a GPT must be made with before it can take its weights.
///
/// - Book: section 10.9.
public struct GPTSize: Sendable, Equatable, Codable {
  /// V, the number of different characters.
  public var vocabulary: Int
  /// T, the most characters that it can look at.
  public var context: Int
  /// D, the width of a character's vector.
  public var width: Int
  /// Into how many heads the width is cut.
  public var heads: Int
  /// How many blocks follow each other.
  public var blocks: Int
  /// How likely a number is dropped while training: of the vectors that go into the first block, of attention's weights,
  /// and of what each half of a block adds.
  public var dropout: Float = 0
  /// Whether linear layers and norms have biases.
  public var hasBiases = true
  /// Whether the last layer's weights are the characters' vectors.
  public var isTied = false
  public var positions = PositionKind.learned

  public init(vocabulary: Int, context: Int, width: Int, heads: Int, blocks: Int) {
    (self.vocabulary, self.context, self.width) = (vocabulary, context, width)
    (self.heads, self.blocks) = (heads, blocks)
  }

  /// Why there is no such model, in words for the user; nil when there is one.
  public var problem: String? {
    let sizes = [
      ("vocabulary", vocabulary), ("context", context), ("width", width), ("heads", heads),
      ("blocks", blocks),
    ]
    if let (name, size) = sizes.first(where: { $0.1 < 1 }) {
      return "the \(name) must be at least 1, given \(size)"
    }
    if width % heads != 0 { return "a width of \(width) does not divide into \(heads) heads" }
    if positions == .rotary, width / heads % 2 != 0 {
      return "rotary positions turn pairs of numbers, and a head has \(width / heads)"
    }
    if positions == .sinusoidal, width % 2 != 0 {
      return "sinusoidal positions come in pairs of numbers, and the width is \(width)"
    }
    if !(dropout >= 0 && dropout < 1) { return "the dropout must be from 0 to below 1, given \(dropout)" }
    return nil
  }
}
