import Tensors

/// A normalisation of planes whose result nobody has read yet. Its statistics are there; what is left is one pass over the
/// planes, and ReLU may be done in it. Then backward, too, goes over the planes without reading or writing the gradient
/// between the two.
struct DeferredNormalization: Deferred {
  let inputs: [Variable]
  private let op: String
  private let planes: Planes
  private let x: Tensor
  private var map: PlaneMap
  private let gradients: (_ dy: Tensor, _ map: PlaneMap) -> [Tensor?]

  /// - Parameters:
  ///   - x: What is normalised, as it was when the op was called.
  ///   - map: What becomes of its planes.
  ///   - gradients: Given the gradient at the result, those at the `inputs`; the map is then rectified if ReLU joined in.
  init(
    op: String, _ planes: Planes, _ x: Tensor, _ map: PlaneMap, inputs: [Variable],
    gradients: @escaping (_ dy: Tensor, _ map: PlaneMap) -> [Tensor?]
  ) {
    (self.op, self.planes, self.x, self.map) = (op, planes, x, map)
    (self.inputs, self.gradients) = (inputs, gradients)
  }

  /// Followed by ReLU; nil if it is already, or if the planes are so small that the calls for each would do only a few
  /// numbers: after a linear layer a plane is a single one.
  func rectified() -> DeferredNormalization? {
    if map.isRectified || planes.size < 16 { return nil }
    var next = self
    next.map.isRectified = true
    return next
  }

  var names: [String] { map.isRectified ? [op, "relu"] : [op] }
  var cost: OperationCost { .perResult() }
  var shape: [Int] { x.shape }

  func compute(recording: Bool) -> (value: Tensor, pullback: ((Tensor) -> [Tensor?])?) {
    (planes.apply(map, x), { [gradients, map] dy in gradients(dy, map) })
  }

  func rest(after count: Int, of result: Variable) -> RestOfJoined { rectify(result) }
}
