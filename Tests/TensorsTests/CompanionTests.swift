import Tensors
import Testing

/// The tensors beside `Tensor`: whole numbers and yes or no; and what is printed of them all.
@Suite struct CompanionTests {
  @Test func elementsMayChangeAndTheirNumberMayNot() async {
    var mask = MaskTensor([true, false], shape: [2])
    mask.scalars[1] = true
    mask.scalars = [false, true]
    var numbers = IntTensor([1, 2, 3])
    numbers.scalars[0] = 7
    numbers.scalars.sort()
    #expect(mask.scalars == [false, true] && numbers.scalars == [2, 3, 7])

    let tooMany = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var mask = MaskTensor([true, false], shape: [2])
      mask.scalars.append(true)
    }
    let tooManyWords = String(decoding: tooMany?.standardErrorContent ?? [], as: UTF8.self)
    #expect(tooManyWords.contains("MaskTensor: shape [2] holds 2 values, given 3"))
    let tooFew = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var numbers = IntTensor([1, 2, 3])
      numbers.scalars = []
    }
    let tooFewWords = String(decoding: tooFew?.standardErrorContent ?? [], as: UTF8.self)
    #expect(tooFewWords.contains("IntTensor: shape [3] holds 3 numbers, given 0"))
  }

  @Test func emptyTensorsOfHugeShapesCanBePrinted() async {
    await #expect(processExitsWith: .success) {
      let huge = 1 << 40
      let shapes = [[0, huge, huge], [huge, huge, 0], [huge, 0, huge, huge]]
      let texts = shapes.map { Tensor.zeros($0).description }
      if texts != shapes.map({ "Tensor(\($0)) []" }) { fatalError("\(texts)") }
      if Tensor.zeros([2, 0]).description != "Tensor([2, 0]) []" { fatalError() }
    }
  }

  @Test func aShapeBeyondAllMemoryIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([1 << 40, 1 << 40])
    }
    let resultWords = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      resultWords.contains(
        "Tensor: shape [1099511627776, 1099511627776] holds more numbers than can be counted"))
  }
}
