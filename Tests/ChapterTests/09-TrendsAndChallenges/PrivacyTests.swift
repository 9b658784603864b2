import Chapter09TrendsAndChallenges
import Engine
import Foundation
import Testing

/// The accountant against what others have published.
@Suite struct AccountantTests {
  @Test func allRowsAreThere() { #expect(PublishedRow.all.count == 14) }

  /// With Opacus' orders, every row to its last digit, by both conversions.
  @Test(arguments: PublishedRow.all) func epsilonEqualsWhatIsPublished(_ row: PublishedRow) {
    let accountant = PrivacyAccountant(noise: row.noise, rate: row.rate, orders: PrivacyAccountant.tenths)
    let epsilon = accountant.epsilon(steps: row.steps, delta: row.delta).epsilon
    #expect(abs(epsilon - row.epsilon) < row.tolerance, "\(epsilon)")
    if let old = row.old {
      let epsilon = accountant.epsilon(steps: row.steps, delta: row.delta, by: .mironov).epsilon
      #expect(abs(epsilon - old) < row.tolerance, "\(epsilon)")
    }
  }

  /// With whole orders alone, never below, and hardly above.
  @Test(arguments: PublishedRow.all) func wholeOrdersAreAnUpperBound(_ row: PublishedRow) {
    let epsilon = PrivacyAccountant(noise: row.noise, rate: row.rate).epsilon(
      steps: row.steps, delta: row.delta
    ).epsilon
    #expect(epsilon > row.epsilon - row.tolerance && epsilon < 1.05 * row.epsilon, "\(epsilon)")
  }

  @Test(arguments: [
    (0, 7.329877, 4.0), (1, 0.7242234026, 19), (2, 1.4154988495, 13), (3, 3.399408, 4), (4, 1.636217, 9),
    (5, 0.954564, 17), (6, 2.597080, 8), (7, 6.373153, 4), (8, 0.922049, 17), (9, 2.506367, 8),
    (10, 6.112907, 4), (11, 1.035490, 17), (12, 2.212906, 9), (13, 1.000000, 22),
  ])
  func wholeOrders(row: Int, epsilon: Double, order: Double) {
    let row = PublishedRow.all[row]
    let result = PrivacyAccountant(noise: row.noise, rate: row.rate).epsilon(
      steps: row.steps, delta: row.delta)
    #expect(abs(result.epsilon - epsilon) < 1e-6)
    #expect(result.order == order)
  }

  /// Divergences as Opacus gives them; that of order 2.5 by integration, as in the next test.
  @Test(arguments: [
    (5.0, 2.18075656e-3), (50, 2.38460375e-2), (100, 167.416308), (1.5, 6.50071e-4), (2.5, 1.0854181e-3),
  ])
  func divergences(order: Double, expected: Double) {
    let divergence = 50 * PrivacyAccountant(noise: 2.5, rate: 0.01).divergence(order: order)
    #expect(abs(divergence / expected - 1) < 1e-5, "\(divergence)")
  }

  /// The series against what it stands for: `A = E [(1 − q + q e^((2x − 1)/2σ²))^α]` for normal x, summed up by small steps.
  @Test(arguments: [(1.5, 2.5, 0.01), (2.5, 2.5, 0.01), (3.3, 1.1, 0.04), (7.7, 0.9, 0.2), (4, 1.3, 0.1)])
  func theSeriesIsTheIntegral(order: Double, noise: Double, rate: Double) {
    let step = 1e-3
    var sum = 0.0
    for k in -40_000...60_000 {
      let x = Double(k) * step
      let density = exp(-x * x / (2 * noise * noise)) / (noise * (2 * Double.pi).squareRoot())
      sum += step * density * pow(1 - rate + rate * exp((2 * x - 1) / (2 * noise * noise)), order)
    }
    let divergence = PrivacyAccountant(noise: noise, rate: rate).divergence(order: order)
    #expect(abs(divergence - log(sum) / (order - 1)) < 1e-9)
  }

  @Test func moreDivergences() {
    #expect(abs(10 * PrivacyAccountant(noise: 2, rate: 0.1).divergence(order: 5) - 0.07737) < 1e-5)
    // Every example in every batch: the plain Gaussian mechanism, α / 2σ².
    #expect(PrivacyAccountant(noise: 2, rate: 1).divergence(order: 8) == 1)
    // A constant divergence of 1.1 is converted at the largest order.
    let epsilon = PrivacyAccountant.Conversion.balle.epsilon(divergence: 1.1, order: 32, delta: 1e-5)
    #expect(abs(epsilon - 1.32783806) < 1e-8)
  }

  /// Between whole orders the series alternates in sign; near them it must come to the same.
  @Test(arguments: [2.0, 5, 17]) func ordersBetweenMeetTheWholeOnes(order: Double) {
    let accountant = PrivacyAccountant(noise: 1.1, rate: 0.02)
    let whole = accountant.divergence(order: order)
    #expect(abs(accountant.divergence(order: order + 1e-7) / whole - 1) < 1e-4)
  }

  @Test func moreNoisePromisesMore() {
    func epsilon(_ noise: Double, _ rate: Double, _ steps: Int, _ delta: Double) -> Double {
      PrivacyAccountant(noise: noise, rate: rate).epsilon(steps: steps, delta: delta).epsilon
    }
    let one = epsilon(1, 0.01, 1_000, 1e-5)
    #expect(epsilon(1.1, 0.01, 1_000, 1e-5) < one)
    #expect(epsilon(1, 0.011, 1_000, 1e-5) > one)
    #expect(epsilon(1, 0.01, 1_001, 1e-5) > one)
    #expect(epsilon(1, 0.01, 1_000, 1e-6) > one)
    #expect(epsilon(1e5, 1e-6, 1, 0.9) == 0)
  }

  /// Opacus: ε = 8, δ = 10⁻⁵, q = 0.04 need σ = 1.416 for 2,250 steps and 1.3562 for 2,000.
  @Test(arguments: [(2_250, 1.416), (2_000, 1.3562)]) func neededNoise(steps: Int, expected: Double) throws {
    let noise = try #require(
      PrivacyAccountant.noise(
        for: 8, rate: 0.04, steps: steps, delta: 1e-5, orders: PrivacyAccountant.tenths))
    // Theirs is searched to 1 % of ε.
    #expect(abs(noise - expected) < 0.01, "\(noise)")
    func epsilon(_ noise: Double) -> Double {
      PrivacyAccountant(noise: noise, rate: 0.04, orders: PrivacyAccountant.tenths)
        .epsilon(steps: steps, delta: 1e-5).epsilon
    }
    #expect(epsilon(noise) <= 8 && epsilon(noise * 0.9999) > 8)
  }

  @Test func whatCannotBeCountedTraps() async {
    func check(_ result: ExitTest.Result?, _ words: String) {
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains(words), "\(text)")
    }
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = PrivacyAccountant(noise: 0, rate: 0.1)
      }, "PrivacyAccountant: the noise must be above 0, given 0.0")
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = PrivacyAccountant(noise: 1, rate: 1.5)
      }, "PrivacyAccountant: the rate must be above 0 and at most 1, given 1.5")
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = PrivacyAccountant(noise: 1, rate: 0.5).epsilon(steps: -1, delta: 1e-5)
      }, "PrivacyAccountant: at least 1 step is needed, given -1")
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = PrivacyAccountant(noise: 1, rate: 0.5).epsilon(steps: 1, delta: 1)
      }, "PrivacyAccountant: delta must be between 0 and 1, given 1.0")
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = PrivacyAccountant.noise(for: 0, rate: 0.5, steps: 1, delta: 0.1)
      }, "PrivacyAccountant: epsilon must be above 0, given 0.0")
  }
}

/// Gradients clipped example by example, and the training that uses them.
@Suite struct PrivateGradientTests {
  @Test func clippingByHand() {
    #expect(clipped([3, 4], to: 1 as Double) == [0.6000000000000001, 0.8])
    #expect(clipped([3, 4], to: 5 as Double) == [3, 4])
    #expect(clipped([0, 0], to: 1 as Double) == [0, 0])
    // (0.6, 0.8) and (0.3, 0), noise (0.1, −0.8), halved.
    let step = privateGradient(
      of: [[3, 4], [0.3, 0]], clippedTo: 1 as Double, noise: [0.1, -0.8], dividedBy: 2)
    #expect(abs(step[0] - 0.5) < 1e-12 && abs(step[1]) < 1e-12)
  }

  /// The engine's private loss leaves the plain gradient in the parameters, whatever the loss is multiplied by.
  @Test func theEngineAgrees() {
    let layer = withRandomSource(RandomSource(seed: 3)) { Linear(inFeatures: 5, outFeatures: 3) }
    var stream = RandomStream(seed: 4)
    let x = stream.normal(deviation: 2, shape: [7, 5])
    let labels = [0, 2, 1, 1, 0, 2, 2]
    let noise = layer.parameters.map { stream.normal(shape: $0.shape) }
    func one(_ e: Int) -> Variable {
      crossEntropy(layer(Variable(x.rows(e..<e + 1))), IntTensor([labels[e]]))
    }
    let all = (0..<7).map { e in
      one(e).gradients(at: layer.parameters).flatMap { $0!.scalars.map(Double.init) }
    }
    // Some are longer and some are not.
    let limit = all.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }.sorted()[3] * 1.01
    let plain = privateGradient(
      of: all, clippedTo: limit, noise: noise.flatMap(\.scalars).map { 1.3 * limit * Double($0) },
      dividedBy: 6)
    let (loss, norms) = privateLoss(
      of: layer.parameters, examples: 7, dividedBy: 6,
      GradientPrivacy(clipNorm: limit, noiseMultiplier: 1.3), noise: { index, _ in noise[index] }, loss: one)
    (loss * 2).backward()
    let mine = layer.parameters.flatMap { $0.gradient!.scalars.map(Double.init) }
    #expect(zip(mine, plain).allSatisfy { abs($0 - 2 * $1) < 1e-5 })
    for (norm, gradient) in zip(norms, all) {
      #expect(abs(norm - gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-5)
    }
    #expect(norms.contains { $0 > limit } && norms.contains { $0 < limit })
    let mean = (0..<7).reduce(0.0) { $0 + Double(one($1).scalar) } / 7
    #expect(abs(Double(loss.scalar) - mean) < 1e-5)
  }

  @Test func theNoiseHasTheDeviationThatIsPromised() {
    let parameter = Parameter(Tensor.zeros([200, 100]))
    let (loss, norms) = withRandomSource(RandomSource(seed: 9)) {
      privateLoss(
        of: [parameter], examples: 0, dividedBy: 10, GradientPrivacy(clipNorm: 3, noiseMultiplier: 2)
      ) { _ in parameter.sum() }
    }
    loss.backward()
    #expect(norms.isEmpty && loss.scalar == 0)
    #expect(abs(parameter.gradient!.standardDeviation() - 0.6) < 0.01)
    #expect(abs(parameter.gradient!.mean()) < 0.02)
  }

  private func task(_ privacy: GradientPrivacy?, rate: Double = 0.25, steps: Int = 30)
    -> PrivateClassification<Sequential>
  {
    let set = ImageSet.generatedDigits(count: 80, seed: 5)
    return PrivateClassification(ImagePart(set, 0..<80), rate: rate, stepsPerEpoch: steps, privacy: privacy)
  }

  @Test func batchesAreDrawnByPoissonSampling() {
    let batches = task(nil, steps: 400).batches(epoch: 1, batchSize: 0, seed: 1)
    #expect(batches.count == 400)
    let sizes = batches.map(\.count)
    let mean = Double(sizes.reduce(0, +)) / 400
    #expect(abs(mean - 20) < 1)
    // Of a binomial distribution: 80 · 0.25 · 0.75 = 15.
    let variance = sizes.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 400
    #expect(abs(variance - 15) < 4)
    #expect(batches.allSatisfy { Set($0).count == $0.count })
    #expect(task(nil, steps: 400).batches(epoch: 1, batchSize: 0, seed: 1) == batches)
    #expect(task(nil, steps: 400).batches(epoch: 2, batchSize: 0, seed: 1) != batches)
    #expect(task(nil, rate: 1, steps: 1).batches(epoch: 1, batchSize: 0, seed: 1)[0].count == 80)
  }

  /// Clipping above every norm, without noise, is the ordinary sum over the expected size; and a run is the same again.
  @Test func aRunIsTheSameAgainAndLearns() throws {
    func weights(_ privacy: GradientPrivacy?) throws -> (losses: [Double], state: [Float]) {
      var settings = TrainingSettings(epochs: 4, optimizer: .sgd, learningRate: 0.5, seed: 2)
      settings.schedule = .constant
      let run = TrainingRun(task(privacy), settings) {
        Sequential(Flatten(), Linear(inFeatures: 784, outFeatures: 10))
      }
      try run.finish()
      return (run.history.map(\.training.loss), run.model.parameters.flatMap(\.value.scalars))
    }
    let privacy = GradientPrivacy(clipNorm: 1, noiseMultiplier: 0.5)
    let first = try weights(privacy)
    #expect(try weights(privacy).state == first.state)
    #expect(first.losses.last! < first.losses.first!)
    #expect(try weights(GradientPrivacy(clipNorm: 1, noiseMultiplier: 1)).state != first.state)
    #expect(try weights(nil).losses.last! < first.losses.last!)
  }

  @Test func settingsThatPromiseNothingTrap() async {
    let clip = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GradientPrivacy(clipNorm: 0, noiseMultiplier: 1)
    }
    let text = String(decoding: clip?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("GradientPrivacy: the clipping norm must be above 0, given 0.0"), "\(text)")
    let noise = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GradientPrivacy(clipNorm: 1, noiseMultiplier: -1)
    }
    let other = String(decoding: noise?.standardErrorContent ?? [], as: UTF8.self)
    #expect(other.contains("GradientPrivacy: the noise must not be below 0, given -1.0"), "\(other)")
  }

  @Test func aDivisorOrNoiseThatDoesNotFitTraps() async {
    let divisor = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let parameter = Parameter(Tensor([1, 2]))
      _ = privateLoss(
        of: [parameter], examples: 1, dividedBy: 0, GradientPrivacy(clipNorm: 1, noiseMultiplier: 1)
      ) { _ in parameter.sum() }
    }
    let text = String(decoding: divisor?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      text.contains("privateLoss: the sum must be divided by a number above 0, given 0.0"), "\(text)")
    let noise = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let parameter = Parameter(Tensor([1, 2]))
      _ = privateLoss(
        of: [parameter], examples: 1, dividedBy: 1, GradientPrivacy(clipNorm: 1, noiseMultiplier: 1),
        noise: { _, _ in Tensor([1, 2, 3]) }
      ) { _ in parameter.sum() }
    }
    let other = String(decoding: noise?.standardErrorContent ?? [], as: UTF8.self)
    #expect(other.contains("privateLoss: noise of shape [3] for a parameter of shape [2]"), "\(other)")
  }
}

/// The attack on membership.
@Suite struct MembershipTests {
  @Test func theThresholdByHand() {
    // Up to 0.3 it finds 3 of 4 members and takes 1 of 3 others for one: 0.75 − 0.33 is the best there is.
    let members = [0.1, 0.2, 0.3, 0.9], others = [0.25, 0.8, 1.0]
    let attack = MembershipAttack(choosingOn: members, and: others)
    #expect(attack.threshold == 0.2 || attack.threshold == 0.3)
    // Up to 0.2: 2/4 − 0 = 0.5, more than 3/4 − 1/3.
    #expect(attack.threshold == 0.2)
    #expect(attack.advantage(on: members, and: others) == 0.5)
    #expect(attack.rates(on: [0.1, 0.5], and: [0.2, 0.2, 0.3, 0.4]) == (0.5, 0.5))
  }

  @Test func equalLossesAreTakenTogether() {
    // A member and another of the same loss cannot be told apart.
    let attack = MembershipAttack(choosingOn: [0.5, 0.5], and: [0.5, 2])
    #expect(attack.threshold == 0.5)
    #expect(attack.advantage(on: [0.5, 0.5], and: [0.5, 2]) == 0.5)
    // Where members have the larger losses, saying yes to nobody is best.
    let useless = MembershipAttack(choosingOn: [3, 4], and: [1, 2])
    #expect(useless.advantage(on: [3, 4], and: [1, 2]) == 0)
    #expect(useless.threshold == -.infinity)
  }

  /// On what the threshold was chosen on it is too good, even where there is nothing to find.
  @Test func chosenAndMeasuredOnTheSameHalfItFlattersItself() {
    var stream = RandomStream(seed: 1)
    var (same, other) = (0.0, 0.0)
    for _ in 0..<200 {
      let all = (0..<4).map { _ in (0..<50).map { _ in Double(stream.uniform()) } }
      let attack = MembershipAttack(choosingOn: all[0], and: all[1])
      same += attack.advantage(on: all[0], and: all[1]) / 200
      other += attack.advantage(on: all[2], and: all[3]) / 200
    }
    #expect(same > 0.1)
    #expect(abs(other) < 0.02)
  }

  @Test func whatNoAttackCanExceed() {
    #expect(abs(MembershipAttack.largestAdvantage(epsilon: 1, delta: 0) - 0.46212) < 1e-5)
    #expect(MembershipAttack.largestAdvantage(epsilon: 0, delta: 0) == 0)
    #expect(abs(MembershipAttack.largestAdvantage(epsilon: 0, delta: 0.1) - 0.1) < 1e-12)
    #expect(MembershipAttack.largestAdvantage(epsilon: 1_000, delta: 1e-5) == 1)
    let direct = (exp(2.0) - 1 + 2 * 0.01) / (exp(2.0) + 1)
    #expect(abs(MembershipAttack.largestAdvantage(epsilon: 2, delta: 0.01) - direct) < 1e-12)
  }
}
