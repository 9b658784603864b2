/// What others have published for runs of DP-SGD.
struct PublishedEpsilon {
  let noise: Double
  let rate: Double
  /// As it was given: `256/60000`, say.
  let rateText: String
  let steps: Int
  let delta: Double
  /// As it was printed.
  let published: String
  let source: String

  static let all: [PublishedEpsilon] = [
    row(1.5, 0.04, "0.04", 2_250, 1e-5, "7.32911", "Opacus, tests of accountants"),
    row(1.3, 150.0 / 60_000, "150/60000", 6_000, 1e-5, "0.724223", "TensorFlow Privacy, tests"),
    row(1, 0.001, "0.001", 30_000, 1e-7, "1.415499", "TensorFlow Privacy, tests"),
    row(0.7, 0.01, "0.01", 120, 1e-5, "3.23919", "TensorFlow Privacy, tests"),
    row(1, 0.0064, "0.0064", 782, 1e-6, "1.616", "TensorFlow Privacy, statement"),
    row(1.3, 256.0 / 60_000, "256/60000", 3_516, 1e-5, "1.19, old", "TensorFlow Privacy, tutorial"),
    row(1.1, 256.0 / 60_000, "256/60000", 14_063, 1e-5, "3.01, old", "TensorFlow Privacy, tutorial"),
    row(0.7, 256.0 / 60_000, "256/60000", 10_547, 1e-5, "7.10, old", "TensorFlow Privacy, tutorial"),
    row(1.3, 0.004, "0.004", 3_750, 1e-5, "1.16, old", "Opacus, MNIST example"),
    row(1.1, 0.004, "0.004", 15_000, 1e-5, "2.91, old", "Opacus, MNIST example"),
    row(0.7, 0.004, "0.004", 11_250, 1e-5, "6.86, old", "Opacus, MNIST example"),
    row(4, 0.01, "0.01", 10_000, 1e-5, "1.26, old", "Abadi and others 2016"),
    row(4, 0.01, "0.01", 40_000, 1e-5, "2.55, old", "Abadi and others 2016"),
    row(4.530877117, 1, "1", 1, 1e-6, "1", "TensorFlow Privacy, tests"),
  ]

  private static func row(
    _ noise: Double, _ rate: Double, _ rateText: String, _ steps: Int, _ delta: Double, _ published: String,
    _ source: String
  ) -> PublishedEpsilon {
    PublishedEpsilon(
      noise: noise, rate: rate, rateText: rateText, steps: steps, delta: delta, published: published,
      source: source)
  }
}
