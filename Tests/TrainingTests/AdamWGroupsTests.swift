import Engine
import Testing

@Suite struct AdamWGroupsTests {
  /// Groups with settings of their own begin from AdamW's own: a decay of 0.01, as PyTorch's.
  @Test func groupsDecayAsParametersDo() {
    let (a, b, c) = (Parameter(Tensor([4])), Parameter(Tensor([4])), Parameter(Tensor([4])))
    let optimizers = [
      AdamW([a]), AdamW(groups: [ParameterGroup([b], .init())]),
      AdamW(groups: [ParameterGroup([c], .init(learningRate: 1e-3))]),
    ]
    for (parameter, optimizer) in zip([a, b, c], optimizers) {
      #expect(optimizer.groups[0].settings.weightDecay == 0.01)
      parameter.setGradient(Tensor([0]))
      optimizer.step()
      #expect(parameter.value == Tensor([4 * (1 - 1e-5)]))
    }
  }

  @Test func anUpdateKeepsTheShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Parameter(Tensor([1, 2])).update { $0 = Tensor([1, 2, 3]) }
    }
    let resultWords = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(resultWords.contains("Parameter: an update made shape [3] of [2]"))
  }
}
