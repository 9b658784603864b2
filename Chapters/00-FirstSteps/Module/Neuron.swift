import Foundation

/// The sigmoid, `σ(z) = 1 / (1 + e^(−z))`: any number becomes one between 0 and 1.
///
/// - PyTorch: `torch.sigmoid`.
/// - Book: section 0.8.
public func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }

/// One neuron: a weighted sum of two numbers and a bias, and what the sigmoid makes of it.
///
///     z = w₁ x₁ + w₂ x₂ + b        p = σ(z)
///
/// `p` is taken for the probability that a point belongs to class 1.
///
/// - PyTorch: `torch.nn.Linear(2, 1)` and `torch.sigmoid`.
/// - Book: section 0.8.
public struct Neuron: Sendable, Equatable {
  /// How much the first and the second number count.
  public var w1, w2: Double
  /// What is added whatever the point.
  public var b: Double

  /// A neuron of its three parameters.
  public init(w1: Double, w2: Double, b: Double) {
    (self.w1, self.w2, self.b) = (w1, w2, b)
  }

  /// The probability of class 1.
  public func callAsFunction(_ x: Place) -> Double { sigmoid(w1 * x.x1 + w2 * x.x2 + b) }
}

/// A point of the plane.
///
/// - Book: section 0.8.
public struct Place: Sendable, Equatable {
  /// Its two coordinates.
  public var x1, x2: Double

  /// A point of its two coordinates.
  public init(_ x1: Double, _ x2: Double) { (self.x1, self.x2) = (x1, x2) }
}

extension Neuron {
  /// The loss: the mean of −ln of the probability that each point's own class was given.
  ///
  ///     L = −1/N Σₙ ln qₙ        qₙ = pₙ for a point of class 1, 1 − pₙ for one of class 0
  ///
  /// - Parameters:
  ///   - x: The points, `[N]`.
  ///   - t: Their classes, 0 or 1. Traps unless there are as many, at least one.
  /// - PyTorch: `torch.nn.functional.binary_cross_entropy`, which does not let ln fall below −100.
  /// - Book: section 0.8.
  public func loss(_ x: [Place], _ t: [Int]) -> Double {
    checkExamples("Neuron.loss", x.count, t.count)
    var sum = 0.0
    for (x, t) in zip(x, t) {
      let p = self(x)
      sum -= log(t == 1 ? p : 1 - p)
    }
    return sum / Double(x.count)
  }

  /// The gradient of the loss.
  ///
  ///     dz = p − t        dw₁ = dz x₁        dw₂ = dz x₂        db = dz,        each the mean over all points
  ///
  /// - Returns: The slopes along the three parameters, as a neuron.
  /// - Book: section 0.8.
  public func gradient(_ x: [Place], _ t: [Int]) -> Neuron {
    checkExamples("Neuron.gradient", x.count, t.count)
    var gradient = Neuron(w1: 0, w2: 0, b: 0)
    for (x, t) in zip(x, t) {
      let dz = self(x) - Double(t)
      gradient.w1 += dz * x.x1
      gradient.w2 += dz * x.x2
      gradient.b += dz
    }
    let count = Double(x.count)
    return Neuron(w1: gradient.w1 / count, w2: gradient.w2 / count, b: gradient.b / count)
  }

  /// A step against the gradient.
  ///
  /// - Book: section 0.8.
  public mutating func step(against gradient: Neuron, learningRate: Double) {
    w1 -= learningRate * gradient.w1
    w2 -= learningRate * gradient.w2
    b -= learningRate * gradient.b
  }

  /// The share of points whose class has the larger probability.
  ///
  /// - Book: section 0.8.
  public func accuracy(_ x: [Place], _ t: [Int]) -> Double {
    checkExamples("Neuron.accuracy", x.count, t.count)
    return Double(zip(x, t).count { (self($0) > 0.5) == ($1 == 1) }) / Double(x.count)
  }
}
