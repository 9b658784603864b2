import Engine
import Testing

@Suite struct ScheduleTests {
  private func rates(_ schedule: some Schedule, steps: Int) -> [Double] {
    let optimizer = SGD([Parameter(Tensor([0]))], learningRate: 0.8, momentum: 0.5)
    let scheduler = Scheduler(schedule, for: optimizer)
    return (0..<steps).map { _ in
      defer { scheduler.step() }
      return optimizer.learningRate
    }
  }

  @Test func powersOfTwoComeOutExactly() {
    #expect(rates(StepDecay(every: 2, factor: 0.5), steps: 5) == [0.8, 0.8, 0.4, 0.4, 0.2])
    #expect(rates(MultiStepDecay(at: [1, 4], factor: 0.5), steps: 5) == [0.8, 0.4, 0.4, 0.4, 0.2])
    #expect(rates(ExponentialDecay(factor: 0.5), steps: 3) == [0.8, 0.4, 0.2])
    #expect(rates(LinearRamp(from: 0.5, to: 1, steps: 2), steps: 4) == [0.4, 0.6000000000000001, 0.8, 0.8])
    #expect(rates(Warmup(steps: 2, of: 4, then: .linear), steps: 6) == [0, 0.4, 0.8, 0.4, 0, 0])
  }

  @Test func schedulesCompose() {
    let sequence = ScheduleSequence(
      LinearRamp(from: 0.25, steps: 3), for: 3, then: StepDecay(every: 2, factor: 0.5))
    #expect(rates(sequence, steps: 6) == [0.2, 0.4, 0.6000000000000001, 0.8, 0.8, 0.4])
    let both = ScheduleProduct(StepDecay(every: 2, factor: 0.5), StepDecay(every: 3, factor: 0.5))
    #expect(rates(both, steps: 5) == [0.8, 0.8, 0.4, 0.2, 0.1])
  }

  @Test func oneCycleMovesTheMomentumOfAdamToo() {
    let optimizer = Adam([Parameter(Tensor([0]))], learningRate: 0.1)
    let scheduler = Scheduler(OneCycle(totalSteps: 11, annealing: .linear), for: optimizer)
    #expect(optimizer.momentum == 0.95 && optimizer.groups[0].settings.betas.1 == 0.999)
    for _ in 0..<2 { scheduler.step() }
    #expect(abs(optimizer.groups[0].settings.betas.0 - 0.85) < 0.02)
    #expect(abs(optimizer.learningRate - 0.1) < 0.02)
  }

  @Test func clippingKeepsTheDirection() {
    let (a, b) = (Parameter(Tensor([0, 0])), Parameter(Tensor([0])))
    a.setGradient(Tensor([3, 0]))
    b.setGradient(Tensor([-4]))
    #expect(clipGradients(of: [a, b], toNorm: 10) == 5)
    #expect(a.gradient == Tensor([3, 0]))
    #expect(clipGradients(of: [a, b], toNorm: 1) == 5)
    #expect(abs(a.gradient![0] - 0.6) < 1e-6 && abs(b.gradient![0] + 0.8) < 1e-6)
    b.setGradient(Tensor([-4]))
    clipGradients(of: [a, b], toValue: 0.5)
    #expect(a.gradient == Tensor([0.5, 0]) && b.gradient == Tensor([-0.5]))
    #expect(gradientNorm(of: [a, b], order: 1) == 1 && gradientNorm(of: [a, b], order: .infinity) == 0.5)
  }
}
