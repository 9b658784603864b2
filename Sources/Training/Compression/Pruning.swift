import Autograd
import Foundation
import Tensors

/// Weights that are held at zero.
///
///     let pruning = Pruning()
///     pruning.add(model.fc1.weight, mask: magnitudeMask(of: model.fc1.weight.value, amount: 0.5))
///     …
///     optimizer.step()
///     pruning.apply()
///
/// - PyTorch: `torch.nn.utils.prune.custom_from_mask`; there the mask is applied before each forward pass, and the
///   weights behind it go on changing.
/// - Book: chapter 12.
public final class Pruning {
  /// What is held at zero: each parameter with its mask, 1 for a weight that stays.
  public private(set) var masks: [(parameter: Parameter, mask: Tensor)] = []

  /// Holds nothing at zero yet; see `add`.
  public init() {}

  /// Sets weights to zero, now and whenever `apply` is called.
  ///
  /// - Parameters:
  ///   - parameter: The weight to prune; its pruned numbers become 0 at once.
  ///   - mask: 1 for a weight that stays, 0 for one that goes; of the parameter's shape.
  public func add(_ parameter: Parameter, mask: Tensor) {
    if mask.shape != parameter.shape {
      trap("Pruning: mask \(mask.shape) does not fit a parameter of shape \(parameter.shape)")
    }
    masks.append((parameter, mask))
    parameter.value = parameter.value * mask
  }

  /// Sets the pruned weights to zero again, after a step of an optimiser.
  public func apply() {
    for (parameter, mask) in masks { parameter.value = parameter.value * mask }
  }

  /// The share of the weights under a mask that are gone, from 0 to 1.
  public var sparsity: Double {
    let all = masks.reduce(0) { $0 + $1.mask.count }
    return all == 0 ? 0 : 1 - masks.reduce(0.0) { $0 + Double($1.mask.sum()) } / Double(all)
  }
}

/// A mask that takes away the weights of least magnitude: 0 for them, 1 for the others.
///
/// - Parameters:
///   - weight: Of any shape.
///   - amount: The share of weights to take away, from 0 to 1; their number is rounded, halves to the even neighbour.
///     Among equals the first go first.
/// - PyTorch: the mask of `torch.nn.utils.prune.l1_unstructured`.
/// - Source: Han, Pool, Tran, Dally, "Learning both weights and connections for efficient neural networks",
///   NIPS 2015.
/// - Book: chapter 12.
public func magnitudeMask(of weight: Tensor, amount: Double) -> Tensor {
  let count = number(amount, of: weight.count, "magnitudeMask")
  // Numbers above 0 are in the order of their bits; with the place below them, one sort of whole numbers does.
  let keys = weight.scalars.enumerated().map { i, w in UInt64(abs(w).bitPattern) << 32 | UInt64(i) }.sorted()
  var kept = [Float](repeating: 1, count: weight.count)
  for key in keys.prefix(count) { kept[Int(key & 0xFFFF_FFFF)] = 0 }
  return Tensor(kept, shape: weight.shape)
}

/// A mask that takes away whole channels, those whose weights have the smallest norm.
///
/// - Parameters:
///   - weight: Of any shape; `[O, …]` for the filters of a convolution.
///   - amount: The share of channels to take away, from 0 to 1.
///   - axis: The axis that counts the channels.
///   - order: Which norm, `(Σ |w|ᵖ)^(1/p)`; `.infinity` for the largest magnitude.
/// - PyTorch: the mask of `torch.nn.utils.prune.ln_structured(n, dim)`.
/// - Source: Li, Kadav, Durdanovic, Samet, Graf, "Pruning filters for efficient ConvNets", ICLR 2017.
/// - Book: chapter 12.
public func channelMask(of weight: Tensor, amount: Double, axis: Int = 0, order: Double = 2) -> Tensor {
  if !(order > 0) { trap("channelMask: the order of the norm must be above 0, given \(order)") }
  let axis = resolve(axis: axis, rank: weight.rank, "channelMask")
  let (outer, channels, inner) = weight.split(at: axis)
  func run(_ o: Int, _ c: Int) -> Range<Int> { (o * channels + c) * inner..<(o * channels + c + 1) * inner }

  // The p-th root changes no order and is left out.
  var norms = [Double](repeating: 0, count: channels)
  let scalars = weight.scalars
  for o in 0..<outer {
    for c in 0..<channels {
      for i in run(o, c) {
        let magnitude = Double(abs(scalars[i]))
        norms[c] = order == .infinity ? max(norms[c], magnitude) : norms[c] + pow(magnitude, order)
      }
    }
  }
  var kept = [Float](repeating: 1, count: weight.count)
  for c in smallest(amount, of: norms, "channelMask") {
    for o in 0..<outer {
      for i in run(o, c) { kept[i] = 0 }
    }
  }
  return Tensor(kept, shape: weight.shape)
}

/// The places of the share `amount` of the values that are smallest.
private func smallest(_ amount: Double, of values: [Double], _ op: String) -> ArraySlice<Int> {
  let count = number(amount, of: values.count, op)
  return values.indices.sorted { (values[$0], $0) < (values[$1], $1) }.prefix(count)
}

/// How many of `count` the share `amount` is.
private func number(_ amount: Double, of count: Int, _ op: String) -> Int {
  if !(0...1).contains(amount) { trap("\(op): the amount must be from 0 to 1, given \(amount)") }
  return Int((amount * Double(count)).rounded(.toNearestOrEven))
}
