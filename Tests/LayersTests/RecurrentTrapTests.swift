import Autograd
import Layers
import Tensors
import Testing

@Suite struct RecurrentTrapTests {
  func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test func inputWidth() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LSTM(inputSize: 3, hiddenSize: 2)(Variable(Tensor.zeros([5, 4, 7])))
    }
    #expect(
      message(result).contains("lstm: input [5, 4, 7] does not fit weight_ih_l0 [8, 3]: [8, 7] is needed"))
  }

  @Test func inputRank() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GRU(inputSize: 3, hiddenSize: 2, batchFirst: true)(Variable(Tensor.zeros([4, 3])))
    }
    #expect(message(result).contains("gru: input [4, 3]: [N, T, D] is needed"))
  }

  @Test func noSteps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = RNN(inputSize: 3, hiddenSize: 2)(Variable(Tensor.zeros([0, 4, 3])))
    }
    #expect(message(result).contains("rnn: input [0, 4, 3] has no steps: [T, N, D] is needed"))
  }

  @Test func states() async {
    let hidden = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let zero = Variable(Tensor.zeros([1, 5, 2]))
      _ = RNN(inputSize: 3, hiddenSize: 2)(Variable(Tensor.zeros([5, 4, 3])), initial: zero)
    }
    #expect(
      message(hidden).contains(
        "rnn: hidden state [1, 5, 2] does not fit input [5, 4, 3]: [1, 4, 2] is needed"))
    let cell = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let (h, c) = (Variable(Tensor.zeros([2, 4, 2])), Variable(Tensor.zeros([4, 2])))
      _ = LSTM(inputSize: 3, hiddenSize: 2, layers: 2)(Variable(Tensor.zeros([5, 4, 3])), initial: (h, c))
    }
    #expect(
      message(cell).contains("lstm: cell state [4, 2] does not fit input [5, 4, 3]: [2, 4, 2] is needed"))
  }

  @Test func lengths() async {
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GRU(inputSize: 3, hiddenSize: 2)(Variable(Tensor.zeros([5, 4, 3])), lengths: [5, 5])
    }
    #expect(message(count).contains("gru: 2 lengths for input [5, 4, 3]: 4 are needed"))
    let range = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GRU(inputSize: 3, hiddenSize: 2)(Variable(Tensor.zeros([5, 4, 3])), lengths: [5, 1, 6, 2])
    }
    #expect(message(range).contains("gru: length 6 for input [5, 4, 3]: 1 to 5 is needed"))
  }

  @Test func weights() async {
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let p = RecurrentParameters(
        inputHidden: Variable(Tensor.zeros([6, 3])), hiddenHidden: Variable(Tensor.zeros([5, 2])))
      _ = gru(Variable(Tensor.zeros([5, 4, 3])), layers: [[p]])
    }
    #expect(message(shape).contains("gru: weight_hh_l0 is [5, 2], [6, 2] is needed"))
    let bias = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let p = RecurrentParameters(
        inputHidden: Variable(Tensor.zeros([2, 3])), hiddenHidden: Variable(Tensor.zeros([2, 2])),
        inputBias: Variable(Tensor.zeros([2])))
      _ = rnn(Variable(Tensor.zeros([5, 4, 3])), layers: [[p]])
    }
    #expect(
      message(bias).contains("rnn: of bias_ih_l0 and bias_hh_l0 one is missing: both are needed, or none"))
  }

  @Test func cellInput() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LSTMCell(inputSize: 3, hiddenSize: 2)(Variable(Tensor.zeros([3])))
    }
    #expect(message(result).contains("LSTMCell: input [3]: [N, D] is needed"))
  }
}
