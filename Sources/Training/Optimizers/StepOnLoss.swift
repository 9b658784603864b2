import Autograd

extension Optimizer {
  /// One step that makes a loss smaller: the heart of every training loop, for the few that are not a ``TrainingRun``.
  ///
  ///     optimizer.step(on: crossEntropy(model(images), labels))
  ///
  /// It forgets the gradients of the step before, computes those of `loss`, and changes the parameters by them.
  ///
  /// - Parameter loss: A single number that came from the parameters.
  /// - PyTorch: `optimizer.zero_grad(); loss.backward(); optimizer.step()`.
  /// - Book: chapter 7.
  public func step(on loss: Variable) { step(on: loss) { _ in } }

  /// The same, with something to be done to the gradients before they are used.
  ///
  ///     optimizer.step(on: loss) { clipGradients(of: $0, toNorm: 1) }
  ///
  /// - Parameters:
  ///   - loss: A single number that came from the parameters.
  ///   - beforeChange: Called with the parameters when their gradients are there: to clip them, or to take their mean
  ///     over several machines. If it throws, no parameter is changed.
  public func step(on loss: Variable, beforeChange: ([Parameter]) throws -> Void) rethrows {
    clearGradients()
    loss.backward()
    try beforeChange(parameters)
    step()
  }
}
