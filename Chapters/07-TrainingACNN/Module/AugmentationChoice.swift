import Engine

/// What may be done to the digits at random before they are shown.
///
/// - Book: section 7.7.
public enum AugmentationChoice: String, CaseIterable, Sendable {
  case none, shift, rotation, elastic, noise, all

  /// In words, with the sizes.
  public var meaning: String {
    switch self {
    case .none: "the images as they are"
    case .shift: "moved by up to 2 pixels each way"
    case .rotation: "turned by up to 15° either way"
    case .elastic: "distorted as if drawn on rubber"
    case .noise: "0.15 times a normal number added to each pixel"
    case .all: "all of these, each by less"
    }
  }

  /// The steps, one after the other. Together each is smaller, or little of the digit would be left.
  public var steps: [any AugmentationStep] {
    switch self {
    case .none: []
    case .shift: [RandomShift(pixels: 2)]
    case .rotation: [RandomRotation(degrees: 15)]
    case .elastic: [ElasticDistortion()]
    case .noise: [GaussianNoise(deviation: 0.15)]
    case .all:
      [
        RandomRotation(degrees: 10), ElasticDistortion(alpha: 20), RandomShift(pixels: 1),
        GaussianNoise(deviation: 0.05),
      ]
    }
  }

  /// The augmentation, or nil where nothing is done.
  public func make(seed: UInt64) -> Augmentation? {
    self == .none ? nil : Augmentation(steps, seed: seed)
  }
}
