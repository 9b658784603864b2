/// Published figures of DP-SGD's accountants, for tests only.
///
/// `epsilon` is what today's conversion gives over Opacus' orders, `old` what Mironov's gives, both to the digits printed
/// or computed by Opacus and dp-accounting.
struct PublishedRow: Sendable, CustomStringConvertible {
  let noise, rate: Double
  let steps: Int
  let delta, epsilon: Double
  let old: Double?
  /// The last digit that counts, of both.
  let tolerance: Double
  let source: String

  var description: String { "σ \(noise), q \(rate), \(steps) steps: \(source)" }

  static let all: [PublishedRow] = [
    .init(1.5, 0.04, 2_250, 1e-5, 7.32911117143, 8.0738, 1e-4, "Opacus tests/accountants_test.py"),
    .init(
      1.3, 150 / 60_000, 6_000, 1e-5, 0.7242234026, 0.941870567, 1e-8,
      "TF-privacy compute_dp_sgd_privacy_test.py, compute_noise_from_budget_test.py"),
    .init(1, 0.001, 30_000, 1e-7, 1.4154988495, 1.70928734, 1e-8, "TF-privacy, the same files"),
    .init(0.7, 0.01, 120, 1e-5, 3.2391922, 3.933, 1e-3, "TF-privacy compute_dp_sgd_privacy_test.py"),
    .init(1, 0.0064, 782, 1e-6, 1.6164, 1.9963, 1e-4, "TF-privacy, privacy statement: 1.616"),
    .init(1.3, 256 / 60_000, 3_516, 1e-5, 0.95456, 1.1923, 1e-4, "TF-privacy tutorials/README.md: 1.19"),
    .init(1.1, 256 / 60_000, 14_063, 1e-5, 2.5967, 3.0084, 1e-4, "TF-privacy tutorials/README.md: 3.01"),
    .init(0.7, 256 / 60_000, 10_547, 1e-5, 6.3184, 7.1006, 1e-4, "TF-privacy tutorials/README.md: 7.10"),
    .init(1.3, 0.004, 3_750, 1e-5, 0.92205, 1.1597, 1e-4, "Opacus examples/mnist_README.md: 1.16"),
    .init(1.1, 0.004, 15_000, 1e-5, 2.5029, 2.9050, 1e-4, "Opacus examples/mnist_README.md: 2.91"),
    .init(0.7, 0.004, 11_250, 1e-5, 6.0925, 6.8589, 1e-4, "Opacus examples/mnist_README.md: 6.86"),
    .init(4, 0.01, 10_000, 1e-5, 1.0355, 1.2586, 1e-4, "Abadi et al. 2016: 1.26"),
    .init(4, 0.01, 40_000, 1e-5, 2.2097, 2.5737, 1e-4, "Abadi et al. 2016: 2.55, by other orders"),
    .init(4.530877117, 1, 1, 1e-6, 1, nil, 1e-6, "google/differential-privacy and TF-privacy tests"),
  ]

  private init(
    _ noise: Double, _ rate: Double, _ steps: Int, _ delta: Double, _ epsilon: Double, _ old: Double?,
    _ tolerance: Double, _ source: String
  ) {
    (self.noise, self.rate, self.steps, self.delta) = (noise, rate, steps, delta)
    (self.epsilon, self.old, self.tolerance, self.source) = (epsilon, old, tolerance, source)
  }
}
