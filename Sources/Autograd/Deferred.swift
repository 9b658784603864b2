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
  /// Of the ops done in one pass, those after the first `count`, done on the result of these.
  func rest(after count: Int, of result: Variable) -> RestOfJoined
}

/// What follows a result that was to be done in one pass with it.
typealias RestOfJoined = (inputs: [Variable], value: Tensor, pullback: (Tensor) -> [Tensor?])

/// The results that an op took over. Whoever still holds one may ask for its gradient until `backward`; then the
/// history must go through it. Who holds none of them cannot, so these are weak.
final class JoinedOps {
  private struct Result { weak var variable: Variable? }
  private let deferred: any Deferred
  /// The first op's, the second's, …
  private let results: [Result]

  init(_ deferred: any Deferred, after last: Variable, _ before: JoinedOps?) {
    self.deferred = deferred
    results = (before?.results ?? []) + [Result(variable: last)]
  }

  /// What follows the last of the results whose gradient is wanted; nil if none is.
  func restAfterRetained() -> RestOfJoined? {
    for (i, result) in results.enumerated().reversed() {
      if let variable = result.variable, variable.retainsGradient {
        return deferred.rest(after: i + 1, of: variable)
      }
    }
    return nil
  }
}

/// What a layer with weights was called with.
struct LayerInputs {
  let x: Variable
  let weight: Variable
  let bias: Variable?
  /// As they were when the op was called: a later step of an optimiser must not reach back.
  let values: (x: Tensor, weight: Tensor, bias: Tensor?)
  /// The weight, where it is kept in eight bits; there is none in `values` then.
  let integers: IntegerWeight?
  /// Who wanted a gradient then.
  let needs: (input: Bool, weight: Bool, bias: Bool)

  init(_ x: Variable, _ weight: Variable, _ bias: Variable?) {
    self.x = x
    self.weight = weight
    self.bias = bias
    integers = weight.integers
    values = (x.value, integers == nil ? weight.value : Tensor.nothing, bias?.value)
    needs = (x.requiresGradient, weight.requiresGradient, bias?.requiresGradient ?? false)
  }

  /// The weight in floats.
  var floats: Tensor { integers?.dequantized() ?? values.weight }

  var variables: [Variable] { [x, weight] + (bias.map { [$0] } ?? []) }

  /// The gradients, one for each of the `variables`.
  func listed(_ x: Tensor?, _ weight: Tensor?, _ bias: Tensor?) -> [Tensor?] {
    [x, weight] + (self.bias == nil ? [] : [bias])
  }
}
