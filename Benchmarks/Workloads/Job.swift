import Engine
import Formats

/// A model at its work: some batches, which it learns from or reads, one after the other and over again.
protocol Job: AnyObject {
  /// Learns from the next batch, or reads it.
  func step()
  /// The losses of the given batches, each before the step that learns from it.
  func losses(of order: [Int]) -> [Double]
  /// The weights as they are now, and the batches, for somebody else to begin from.
  var arrays: NamedArrays { get }
}

/// The job of a model whose batches are of type `Input`.
///
/// One step is what is measured, and beside it stands the peer's, of the same few lines. So it is the optimiser's
/// `step(on:)`, and not a `TrainingRun`: a run goes by epochs, and also counts right answers, watches the loss and keeps
/// states to go back to, which the peer does not.
final class ModelJob<Input>: Job {
  typealias Batch = (input: Input, target: IntTensor)

  private let model: Module
  private let batches: [Batch]
  private let logits: (Input) -> Variable
  private let store: (Input) -> StoredArray
  private let optimizer: (any Optimizer)?
  private var next = 0

  /// - Parameters:
  ///   - optimizer: Changes the weights; nil for a job that only reads.
  ///   - logits: Calls the model: one row of logits for each target.
  ///   - store: A batch's input, for a file.
  init(
    _ model: Module, _ batches: [Batch], optimizer: (any Optimizer)?, store: @escaping (Input) -> StoredArray,
    logits: @escaping (Input) -> Variable
  ) {
    self.model = model
    self.batches = batches
    self.optimizer = optimizer
    self.store = store
    self.logits = logits
    model.train(optimizer != nil)
  }

  func step() {
    let batch = batches[next % batches.count]
    next += 1
    if optimizer != nil {
      _ = learn(batch)
    } else {
      _ = withoutGradients { logits(batch.input).value }
    }
  }

  func losses(of order: [Int]) -> [Double] {
    order.map { i in
      if optimizer != nil { return learn(batches[i]) }
      return withoutGradients { Double(crossEntropy(logits(batches[i].input), batches[i].target).scalar) }
    }
  }

  private func learn(_ batch: Batch) -> Double {
    let loss = crossEntropy(logits(batch.input), batch.target)
    optimizer?.step(on: loss)
    return Double(loss.scalar)
  }

  var arrays: NamedArrays {
    var arrays = NamedArrays()
    for (name, tensor) in model.state { arrays["weights.\(name)"] = StoredArray(tensor) }
    for (i, batch) in batches.enumerated() {
      arrays["x\(i)"] = store(batch.input)
      arrays["y\(i)"] = StoredArray(batch.target)
    }
    return arrays
  }
}
