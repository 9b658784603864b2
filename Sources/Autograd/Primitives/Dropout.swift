import Tensors

/// While training, sets each number to 0 with the given probability and makes up for it in the others:
/// `y = x · kept / (1 − p)`. Otherwise `y = x`.
///
///     backward:  dx = dy · kept / (1 − p)
///
/// - Parameters:
///   - x: Of any shape; the result has the same.
///   - probability: Of being dropped, `p`, within `0...1`.
///   - isTraining: Whether anything is dropped. When it is false, `x` comes back as it is.
///   - stream: Where chance comes from; by default the next stream of `RandomSource.current`.
/// - PyTorch: `torch.nn.functional.dropout(x, p, training)`; which numbers are dropped differs.
/// - Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014.
/// - Book: chapter 7.
public func dropout(
  _ x: Variable, probability: Float, isTraining: Bool, stream: RandomStream? = nil
) -> Variable {
  guard isTraining, probability != 0 else { return x }
  let mask = DropoutMask("dropout", probability: probability, stream: stream ?? RandomSource.current.next())
  return Variable(mask.apply(x.value), op: "dropout", cost: .perResult(), inputs: [x]) { dy in
    [mask.apply(dy)]
  }
}
