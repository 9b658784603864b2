import ExerciseKit
import Practice

extension YourOwnGPTExercise {
  public var mistakes: [Mistake<Answer>] {
    [
      wrong(
        "it looks ahead",
        advice:
          "Your attention sees what comes after a step, and so the answer. Step t looks at steps 0 to t."
      ) { $0.isCausal = false },
      wrong(
        "one step ahead",
        advice: "Your attention sees one step ahead, where the answer stands. Step t looks at 0 to t."
      ) { $0.seesOneAhead = true },
      wrong(
        "a step does not see itself",
        advice: "Your steps see only what lies before them. Step t also sees itself."
      ) { $0.seesItself = false },
      wrong(
        "the root of the whole width",
        advice: "You divide the scores of attention by √D. A head multiplies D/H numbers: divide by √(D/H)."
      ) { $0.scalesByWholeWidth = true },
      wrong(
        "one head of the whole width", advice: "You attend once with all D numbers. H heads have D/H each."
      ) { $0.isOneHead = true },
      wrong(
        "keys first, then queries",
        advice: "You take the first D numbers of A for the keys. The order is queries, keys, values."
      ) { $0.order = [1, 0, 2] },
      wrong(
        "no way around attention", advice: "You have left out x + … around attention."
      ) { $0.keepsBeforeAttention = false },
      wrong(
        "no way around the second half", advice: "You have left out y + … around the second half of a block."
      ) { $0.keepsBeforeHidden = false },
      wrong(
        "the norm after each half",
        advice: "Your norms stand after the sums. Here they stand before each half."
      ) { $0.normsFirst = false },
      wrong(
        "without the last norm", advice: "You have left out the norm before the scores: norm(x, g) Eᵀ."
      ) { $0.hasLastNorm = false },
      wrong(
        "without positions", advice: "You have left out P: row t of it is added at step t of every window."
      ) { $0.usesPlaces = false },
      wrong(
        "without the ReLU",
        advice: "Your second half is one product after the other. Between them stands a ReLU."
      ) { $0.bends = false },
      wrong(
        "the symbols just read as targets",
        advice:
          "Your targets are the symbols that are read. Those of a window are its last T symbols, one place on."
      ) { $0.readsTargets = true },
      wrong(
        "the largest score is not taken away",
        advice:
          "For large scores your powers are too large for a Float. Take away the largest score of a row first."
      ) { $0.isStable = false },
      wrong(
        "the loss is a sum", advice: "Your loss is the sum over all places. It is the mean: divide by N·T."
      ) { $0.dividesLoss = false },
      wrong(
        "gradients of the sum",
        advice: "Your gradients are those of the sum of the losses. The loss is a mean: divide by N·T."
      ) { $0.dividesGradient = false },
      wrong(
        "the softmax of attention as if each weight stood alone",
        advice:
          "In attention your dS is p · dP. Take away the row's sum of p · dP first, as in exercise 10.3."
      ) { $0.softmaxGoesBack = false },
      wrong(
        "the norms straight back",
        advice: "Back through a norm you divide by σ alone. x also moves μ and σ, as in exercise 10.7."
      ) { $0.normGoesBack = false },
      wrong(
        "the way around does not go back",
        advice:
          "Your gradient goes back through the halves of a block alone. It also goes straight on: add dz, and dy."
      ) { $0.wayAroundGoesBack = false },
      wrong(
        "E has a gradient from the end alone",
        advice:
          "Your gradient of E comes from the scores alone. The symbols at the beginning are rows of E, too: add it up."
      ) { $0.symbolsGoBack = false },
      wrong(
        "E has a gradient from the beginning alone",
        advice:
          "Your gradient of E comes from the symbols alone. The scores are products with E, too: add it up."
      ) { $0.scoresGoBack = false },
      wrong(
        "P has no gradient",
        advice: "Your gradient of P is 0. Row t gets the sum of dx at step t, over all windows."
      ) { $0.placesGoBack = false },
      wrong(
        "no correction", advice: "You use m and v without correction. Divide by 1 − β₁ᵗ and 1 − β₂ᵗ."
      ) { $0.corrects = false },
      wrong("no decay", advice: "You have left out λ w: matrices shrink a little at each step.") {
        $0.decays = false
      },
      wrong(
        "everything decays", advice: "You let g₁, g₂ and g shrink, too. Only matrices do."
      ) { $0.decaysAll = true },
      wrong(
        "the decay inside the gradient",
        advice: "You add λ w to the gradient, as in plain Adam. In AdamW it stays out of m and v."
      ) { $0.decaysInGradient = true },
      wrong(
        "the decay without the rate", advice: "Your weights shrink by λ w. They shrink by η_t λ w."
      ) { $0.decayIsScaled = false },
      wrong(
        "the first rate for all steps",
        advice: "You use the first rate at every step. Step t has a rate of its own."
      ) { $0.usesRates = false },
      wrong(
        "the first batch again and again",
        advice: "Your steps all read the windows of the first. Step t has starts[t]."
      ) { $0.movesOn = false },
    ]
  }
}

private func wrong(_ name: String, advice: String, _ change: (inout OwnGPT) -> Void) -> Mistake<
  YourOwnGPTExercise.Answer
> {
  var network = OwnGPT()
  change(&network)
  return Mistake(name, advice: advice, answer: network.answer)
}
