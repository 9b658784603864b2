import Tensors

/// An op whose result nobody has read yet.
///
/// `maxPool2d(relu(conv2d(x)), kernelSize: 2)` is three ops to the one who writes it and one pass over memory to the
/// machine: the convolution defers, ReLU sees that its input is a convolution still unread and becomes "convolution
/// and ReLU", pooling takes that in too, and the first to read the result computes all three at once. Whoever reads
/// the convolution itself gets it, computed on its own; gradients are the same on either way.
protocol Deferred {
  /// The ops that are done in this pass, in the order in which they were called.
  var names: [String] { get }
  /// What the last of them costs by itself.
  var cost: OperationCost { get }
  var inputs: [Variable] { get }
  var shape: [Int] { get }
  /// The value, and how to send a gradient back to the `inputs`.
  func compute(recording: Bool) -> (value: Tensor, pullback: ((Tensor) -> [Tensor?])?)
}

/// What a layer with weights was called with.
struct LayerInputs {
  let x: Variable
  let weight: Variable
  let bias: Variable?
  /// As they were when the op was called: a later step of an optimiser must not reach back.
  let values: (x: Tensor, weight: Tensor, bias: Tensor?)

  init(_ x: Variable, _ weight: Variable, _ bias: Variable?) {
    self.x = x
    self.weight = weight
    self.bias = bias
    values = (x.value, weight.value, bias?.value)
  }

  var variables: [Variable] { [x, weight] + (bias.map { [$0] } ?? []) }

  /// Who wants a gradient.
  var needs: (input: Bool, weight: Bool, bias: Bool) {
    (x.requiresGradient, weight.requiresGradient, bias?.requiresGradient ?? false)
  }

  /// The gradients, one for each of the `variables`.
  func listed(_ x: Tensor?, _ weight: Tensor?, _ bias: Tensor?) -> [Tensor?] {
    [x, weight] + (self.bias == nil ? [] : [bias])
  }
}
