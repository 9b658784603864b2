import Engine

/// A perceptron that reads digits, small enough to be trained a hundred times: 784 → `hidden` → 10.
///
/// - Book: sections 11.1 and 11.2.
public func digitPerceptron(hidden: Int = 32) -> Sequential {
  Sequential(
    Flatten(), Linear(inFeatures: 784, outFeatures: hidden), ReLU(),
    Linear(inFeatures: hidden, outFeatures: 10))
}
