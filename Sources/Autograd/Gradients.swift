import Tensors

extension Variable {
  /// The derivatives of this number with respect to some of the variables that it came from. Unlike `backward`, it hands
  /// them out: nobody's `gradient` changes, so that a look at an input's gradient leaves a network's parameters alone.
  ///
  /// - Parameters:
  ///   - variables: Inputs, parameters, or results on the way. A result on the way must have been read (`value`) before
  ///     the next op used it, or that op may have taken it over.
  ///   - upstream: The gradient to start from, of this variable's shape; 1 for a single number.
  ///   - keepingGraph: Whether the history is kept to be used again.
  /// - Returns: One for each variable, of its shape; nil where this number does not depend on it.
  /// - PyTorch: `torch.autograd.grad(y, variables, grad_outputs, retain_graph, allow_unused=True)`.
  /// - Book: chapter 9.
  public func gradients(at variables: [Variable], from upstream: Tensor? = nil, keepingGraph: Bool = false)
    -> [Tensor?]
  {
    let wanted = Set(variables.map { ObjectIdentifier($0) })
    var found: [ObjectIdentifier: Tensor] = [:]
    sendGradient(upstream, keepingGraph: keepingGraph, "gradients") { variable, dy in
      if wanted.contains(ObjectIdentifier(variable)) { found[ObjectIdentifier(variable)] = dy }
    }
    return variables.map { found[ObjectIdentifier($0)] }
  }
}
