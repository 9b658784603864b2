import Autograd

extension Optimizer {
  /// One step that makes a loss smaller: the heart of every training loop, for the few that are not a ``TrainingRun``.
  ///
  ///     optimizer.step(on: crossEntropy(model(images), labels))
  ///
  /// It forgets the gradients of the step before, computes those of `loss`, and changes the parameters by them.
  ///
  /// - Parameters:
  ///   - loss: A single number that came from the parameters.
  ///   - beforeChange: Called with the parameters when the gradients are there and before they are used: to clip them, or
  ///     to take their mean over several machines. If it throws, no parameter is changed.
  /// - PyTorch: `optimizer.zero_grad(); loss.backward(); optimizer.step()`.
  /// - Book: chapter 7.
  public func step(on loss: Variable, beforeChange: ([Parameter]) throws -> Void = { _ in }) rethrows {
    clearGradients()
    loss.backward()
    try beforeChange(parameters)
    step()
  }
}
