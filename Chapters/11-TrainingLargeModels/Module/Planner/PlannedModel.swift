import Chapter01BigAndSmall

/// A model that can be planned for by its name.
public struct PlannedModel: Sendable {
  /// As options write it: `gpt-3`.
  public let name: String
  /// What chapter 1 counts it from.
  public let description: ModelDescription
  /// Whether it is trained with dropout, whose masks are kept for the way back.
  public let hasDropout: Bool

  /// - Parameter hasDropout: Whether masks are kept for the way back.
  public init(_ name: String, _ description: ModelDescription, hasDropout: Bool = true) {
    (self.name, self.description, self.hasDropout) = (name, description, hasDropout)
  }

  /// The models that have a name here, small ones first within a family.
  public static let all: [PlannedModel] =
    [
      .init("bert-large", .bertLarge), .init("gpt-2", .gpt2), .init("gpt-2-xl", .gpt2XL),
      .init("gpt-3", .gpt3),
      .init("llama-2-7b", .llama2_7B, hasDropout: false),
      .init("llama-2-70b", .llama2_70B, hasDropout: false),
      .init("llama-3-8b", .llama3_8B, hasDropout: false),
    ]
    + zip(["22b", "175b", "530b", "1t"], PublishedStep.all).map { .init("megatron-\($0)", $1.model) }

  /// The model of a name; capitals, hyphens and the like make no difference.
  ///
  /// - Throws: `CannotPlan` with the names that there are, those first that begin alike.
  public static func named(_ name: String) throws(CannotPlan) -> PlannedModel {
    all[try place(of: name, among: all.map(\.name), kind: "model")]
  }
}

extension Device {
  /// The device of a name; capitals, hyphens and the like make no difference.
  ///
  /// - Throws: `CannotPlan` with the names that there are, those first that begin alike.
  public static func named(_ name: String) throws(CannotPlan) -> Device {
    all[try place(of: name, among: all.map(\.name), kind: "device")]
  }
}

private func place(of name: String, among names: [String], kind: String) throws(CannotPlan) -> Int {
  func letters(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
  let wanted = letters(name)
  if let place = names.firstIndex(where: { letters($0) == wanted }) { return place }
  let alike = names.map { letters($0).commonPrefix(with: wanted).count }
  let best = alike.max() ?? 0
  if best >= 3 {
    let nearest = names.indices.filter { alike[$0] == best }.map { names[$0] }
    throw CannotPlan("there is no \(kind) \(name); did you mean \(nearest.joined(separator: " or "))?")
  }
  throw CannotPlan("there is no \(kind) \(name); there are \(names.joined(separator: ", "))")
}
