import Tensors

/// An op whose result nobody has read yet.
///
/// `maxPool2d(relu(conv2d(x)), kernelSize: 2)` is three ops to the one who writes it and one pass over memory to the
/// machine: the convolution defers, ReLU sees that its input is a convolution still unread and becomes "convolution
/// and ReLU", pooling takes that in too, and the first to read the result computes all three at once. Whoever reads
/// the convolution itself gets it, computed on its own; gradients are the same on either way.
protocol Deferred {
  var op: String { get }
  var inputs: [Variable] { get }
  var shape: [Int] { get }
  /// The value, and how to send a gradient back to the `inputs`.
  func compute(recording: Bool) -> (value: Tensor, pullback: ((Tensor) -> [Tensor?])?)
}
