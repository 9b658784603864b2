import Engine

extension Module {
  /// Forgets what a layer has learned: weights are drawn from a normal distribution cut at two deviations, biases set
  /// to 0.
  ///
  /// - Parameter deviation: 0.01, as in the paper. Where biases are 0 and the activation is ReLU, its size changes no
  ///   order of the numbers in a map.
  /// - Source: Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim, "Sanity checks for saliency maps", NeurIPS 2018,
  ///   section 3.
  /// - Book: section 9.5.
  public func forget(deviation: Float = 0.01) {
    for parameter in parameters {
      parameter.value =
        parameter.rank < 2
        ? Tensor.zeros(parameter.shape)
        : Initial.truncatedNormal(
          shape: parameter.shape, deviation: deviation, limits: -2 * deviation...2 * deviation)
    }
  }
}

/// Whether a network's explanations pass the randomisation test: with all of its layers drawn anew, they must have
/// little in common with those before.
///
/// The paper gives no threshold. Ours: the mean rank correlation, with and without signs, is at most 0.2 away from 0.
/// Two maps of 784 numbers that have nothing to do with each other lie within ±0.07 in 95 of 100 cases.
///
/// - Book: section 9.5.
public enum RandomisationTest {
  public static let threshold = 0.2

  public static func isPassed(_ correlation: Double) -> Bool { abs(correlation) <= threshold }
}
