import Autograd
import Tensors

/// Other processes that train the same network as a ``TrainingRun`` of this one, each on its part of every batch.
///
/// The run calls it at three places of each step: for each gradient that is complete, when all are; then, with gradients
/// that are those of all processes, the run clips them as ever and has the partner make the step.
///
/// - PyTorch: what `DistributedDataParallel` hangs into `backward`, and `ZeroRedundancyOptimizer` into `step`.
/// - Book: section 11.5.
public protocol StepPartner: AnyObject {
  /// Nothing more will be added to this gradient in this step: it may be sent while `backward` goes on.
  func gradientIsComplete(of parameter: Parameter)

  /// Puts the sum over all processes in place of each gradient. They come as sums over examples: the gradient of a loss
  /// that is a mean, times the number of examples that the mean is over.
  ///
  /// - Returns: What the step came to in all processes together, the same in each.
  /// - Throws: When a process cannot be reached any more; the run then ends before this step.
  func combine(_ figures: StepFigures, gradientsOf parameters: [Parameter]) throws -> StepFigures

  /// Has the optimiser change the weights, so that they are the same in all processes afterwards.
  func step(_ optimizer: any Optimizer) throws
}

/// What a step came to, over all examples that it was made from.
public struct StepFigures: Sendable, Equatable {
  /// The sum of the examples' losses.
  public var lossSum: Double
  /// How many examples there were.
  public var examples: Int
  /// The sum of the task's metric; nil without a metric.
  public var metricSum: Double?

  /// By default those of no example.
  public init(lossSum: Double = 0, examples: Int = 0, metricSum: Double? = nil) {
    (self.lossSum, self.examples, self.metricSum) = (lossSum, examples, metricSum)
  }

  /// The mean loss.
  public var loss: Double { lossSum / Double(examples) }

  mutating func add(_ step: TrainingStep) {
    // As many examples as there are count, and of none there is no loss.
    if step.examples > 0 { lossSum += Double(step.loss.scalar) * Double(step.examples) }
    examples += step.examples
    if let sum = step.metricSum { metricSum = (metricSum ?? 0) + sum }
  }
}

/// Cuts the examples of a batch into `count` parts that follow each other and differ by one example at most; into fewer
/// where there are fewer examples.
///
/// - Book: section 11.3.
public func parts(of places: ArraySlice<Int>, count: Int) -> [ArraySlice<Int>] {
  if count < 1 { trap("parts(of:count:): at least 1 part is needed, given \(count)") }
  let parts = max(1, min(count, places.count))
  return (0..<parts).map { i in
    let first = places.startIndex
    return places[first + places.count * i / parts..<first + places.count * (i + 1) / parts]
  }
}
