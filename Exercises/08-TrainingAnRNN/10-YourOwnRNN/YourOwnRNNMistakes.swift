import ExerciseKit
import Practice

extension YourOwnRNNExercise {
  public var mistakes: [Mistake<Answer>] {
    [
      wrong(
        "the gates in another order",
        advice: "Your third block is the output gate and your fourth the candidate. The order is i, f, g, o."
      ) { $0.blocks = (0, 1, 3, 2) },
      wrong(
        "input and forget gate exchanged",
        advice: "You keep by the input gate and write by the forget gate. The first block is i, the second f."
      ) { $0.blocks = (1, 0, 2, 3) },
      wrong(
        "a sigmoid for the candidate",
        advice: "Your candidate lies between 0 and 1, so the cell can only grow. It is a tanh."
      ) { $0.candidateIsTanh = false },
      wrong(
        "the cell goes out as it is",
        advice: "Your output is o · c. The cell goes through a tanh first: h = o tanh(c)."
      ) { $0.outputIsTanh = false },
      wrong(
        "the old cell is forgotten", advice: "Your cell is i · g alone. It keeps f times what it held before."
      ) { $0.keepsOld = false },
      wrong(
        "padding is read",
        advice:
          "You read on to the longest text of the batch. Each text is judged after its own last word: take only those that "
          + "have a t-th word."
      ) { $0.stopsAtLastWord = false },
      wrong(
        "the state of the text before",
        advice: "Your texts begin with the state of the one before. Each begins with zeros."
      ) { $0.beginsWithZeros = false },
      wrong(
        "only the last step goes back",
        advice:
          "Your gradient stops after the last word. Go on to the first, with what each step gives to the one before."
      ) { $0.goesBack = false },
      wrong(
        "the cell's own way back is missing",
        advice:
          "Your cell gets its gradient from the output alone. It also gets f times that of the cell after it: add the two."
      ) { $0.carriesCellGradient = false },
      wrong(
        "a repeated word counts once",
        advice:
          "A word that comes several times gets only the gradient of one of its places. Add them all into its row of E."
      ) { $0.addsRepeatedWords = false },
      wrong("no gradient of R", advice: "Your gradient of R is 0. It is the sum of daₜ hₜ₋₁ᵀ over all steps.")
      {
        $0.recurrentGradient = false
      },
      wrong(
        "not divided by the batch",
        advice: "Your gradients are those of the sum of the losses. The loss is a mean: divide by N."
      ) { $0.dividesGradient = false },
      wrong(
        "the loss is a sum", advice: "Your loss is the sum over the batch. It is the mean: divide by N."
      ) { $0.dividesLoss = false },
      wrong(
        "the largest score is not taken away",
        advice:
          "For large scores your powers are too large for a Float. Take away the largest score of the row first."
      ) { $0.isStable = false },
      wrong(
        "the learning rate stays",
        advice:
          "Your learning rate is the same at every step. It falls in a straight line: η (1 − (t − 1)/T)."
      ) { $0.rateFalls = false },
      wrong(
        "t begins anew in every epoch",
        advice: "You count the steps of each epoch from 1. t counts all steps of the training."
      ) { $0.restartsSteps = true },
      wrong(
        "no correction", advice: "You use m and v without correction. Divide by 1 − β₁ᵗ and 1 − β₂ᵗ."
      ) { $0.correctsMeans = false },
      wrong(
        "the first texts for every batch",
        advice: "Your batches take the first texts. A batch lists places: text n of it is texts[batch[n]]."
      ) { $0.readsPlaces = false },
      wrong(
        "the weights before the epoch", advice: "You keep the weights before each epoch. Keep those after it."
      ) { $0.givesOldWeights = true },
    ]
  }
}

private func wrong(_ name: String, advice: String, _ change: (inout OwnRNN) -> Void) -> Mistake<
  YourOwnRNNExercise.Answer
> {
  var network = OwnRNN()
  change(&network)
  return Mistake(name, advice: advice, answer: network.answer)
}
