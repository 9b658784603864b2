import ExerciseKit
import Practice

extension YourOwnCNNExercise {
  public var mistakes: [Mistake<Answer>] {
    [
      wrong(
        "the kernel is flipped",
        advice:
          "You go through the kernel backwards. As everywhere in this book, w[a, b] lies on x[i + a − p, j + "
          + "b − p]."
      ) {
        $0.convolved = flippedKernel
      },
      wrong(
        "rows and columns of the kernel are exchanged",
        advice: "You read the kernel column by column. Within a window the order is a, then b: row by row."
      ) { $0.convolved = exchangedKernel },
      wrong(
        "the padding is on one side",
        advice:
          "Your windows begin at i and j. They begin p = (K − 1)/2 above and to the left, so that the "
          + "kernel's middle lies on the pixel."
      ) { $0.convolved = paddedOnOneSide },
      wrong(
        "the bias is forgotten", advice: "Your maps have no bias. Add b[o] to every place of map o."
      ) { $0.convolved = withoutBias },
      wrong(
        "only the last channel",
        advice: "Your maps see one channel of the image. Add the products over all channels."
      ) {
        $0.convolved = ofLastChannel
      },
      wrong(
        "the first image for all",
        advice:
          "You convolve the first image again and again. Image n of the batch begins at n·C·H·W of x.scalars."
      ) { $0.convolved = ofFirstImage },
      wrong(
        "the input's gradient is not turned round",
        advice:
          "You convolve dy with the filters as they are. A pixel got its part of dy through w[a, b] from the "
          + "place i − a + p: add every number of Wᵀ dY to the pixel that it was copied from."
      ) { $0.turnsInputGradient = false },
      wrong(
        "the weights' gradient of the last image",
        advice: "Only the last image is left in your dw and db. Add over the images of the batch."
      ) { $0.addsOverBatch = false },
      wrong(
        "the mean for the biases",
        advice:
          "Your db is a mean. The bias is added at every place of every image: it gets the sum of all of dy."
      ) { $0.takesMeanForBias = true },
      wrong(
        "the last of equal maxima",
        advice:
          "Of equal maxima you take the last. Take the first: ask for a larger number, not for one as large."
      ) { $0.pooled = { OwnCNN.pooled($0) { $0 >= $1 } } },
      wrong(
        "maxima above 0",
        advice:
          "Your maximum begins at 0, so it is wrong where all four are below. Begin with the window's first "
          + "number."
      ) {
        $0.pooled = pooledAboveZero
      },
      wrong(
        "places within a map",
        advice:
          "Your places are counted within each map. They are places in x.scalars: map m of the batch begins "
          + "at m·H·W."
      ) {
        $0.pooled = placedWithinMaps
      },
      wrong(
        "all four get the gradient",
        advice: "You share the gradient of a window among all four numbers. It goes to the largest alone."
      ) {
        $0.pooledGradient = sharedGradient
      },
      wrong(
        "no ReLU between the linear layers",
        advice: "Your two linear layers stand side by side, and are no more than one. Put ReLU between them."
      ) { $0.hiddenReLU = false },
      wrong(
        "no ReLU behind the second convolution",
        advice: "Your second convolution is pooled as it is. Both convolutions have a ReLU behind them."
      ) { $0.secondReLU = false },
      wrong(
        "ReLU on the scores", advice: "You cut off scores below 0. The last layer has no ReLU."
      ) { $0.lastReLU = true },
      wrong(
        "the way back through ReLU is forgotten",
        advice: "Your gradients go through ReLU unchanged. Where it gave 0 nothing comes back."
      ) { $0.cutsGradient = false },
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
          "For large scores your powers are too large for a Float. Take away the largest score of the row "
          + "first."
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
        "Adam forgets at the end of an epoch",
        advice: "You set m and v to 0 at each epoch. They go on."
      ) { $0.restartsMeans = true },
      wrong(
        "no correction", advice: "You use m and v without correction. Divide by 1 − β₁ᵗ and 1 − β₂ᵗ."
      ) { $0.correctsMeans = false },
      wrong(
        "β₂ is 0.99", advice: "Your running mean of the squares forgets too fast: β₂ is 0.999."
      ) { $0.beta2 = 0.99 },
      wrong(
        "ε under the root", advice: "You add ε to v̂ before you take the root. Add it to the root: √v̂ + ε."
      ) { $0.epsilonIsUnderRoot = true },
      wrong(
        "the first rows for every batch",
        advice: "Your batches take the first images. A batch lists places: image n of it is images[batch[n]]."
      ) { $0.readsPlaces = false },
      wrong(
        "the weights before the epoch",
        advice: "You keep the weights before each epoch. Keep those after it."
      ) { $0.givesOldWeights = true },
    ]
  }
}

private func wrong(_ name: String, advice: String, _ change: (inout OwnCNN) -> Void) -> Mistake<
  YourOwnCNNExercise.Answer
> {
  var network = OwnCNN()
  change(&network)
  return Mistake(name, advice: advice, answer: network.answer)
}

@Sendable private func flippedKernel(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
  OwnCNN.convolved(x, w, b, weight: { a, b, k in (k - 1 - a, k - 1 - b) })
}

@Sendable private func exchangedKernel(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
  OwnCNN.convolved(x, w, b, weight: { a, b, _ in (b, a) })
}

@Sendable private func paddedOnOneSide(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
  OwnCNN.convolved(x, w, b, padding: { _ in 0 })
}

@Sendable private func withoutBias(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
  OwnCNN.convolved(x, w, Tensor.zeros(b.shape))
}

@Sendable private func ofFirstImage(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
  OwnCNN.convolved(x, w, b, image: { _ in 0 })
}

@Sendable private func ofLastChannel(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
  OwnCNN.convolved(x, w, b, channels: { $0 - 1..<$0 })
}

@Sendable private func placedWithinMaps(_ x: Tensor) -> (Tensor, [Int]) {
  let (y, places) = OwnCNN.pooled(x)
  let size = x.shape[2] * x.shape[3]
  return (y, places.map { $0 % size })
}

@Sendable private func pooledAboveZero(_ x: Tensor) -> (Tensor, [Int]) {
  let (y, places) = OwnCNN.pooled(x)
  return (y.map { max(0, $0) }, places)
}

/// A gradient of pooling that each number of a window gets a quarter of.
@Sendable private func sharedGradient(_ dy: Tensor, _ places: [Int], _ shape: [Int]) -> Tensor {
  let (height, width) = (shape[2], shape[3])
  var dx = [Float](repeating: 0, count: shape.reduce(1, *))
  for (place, slope) in zip(places, dy.scalars) {
    let (row, column) = (place / width % height, place % width)
    let corner: Int = place - row % 2 * width - column % 2
    for near in [corner, corner + 1, corner + width, corner + width + 1] where near < dx.count {
      dx[near] = slope / 4
    }
  }
  return Tensor(dx, shape: shape)
}
