import Synchronization
import Tensors

/// A tensor's place in a computation: its value, how it came about, and its gradient.
///
/// Every op takes variables and returns one that remembers the op's inputs and how to send a gradient back to them.
/// `loss.backward()` walks that history from the loss to the parameters, each op after everything that used it.
///
/// A graph of variables belongs to the task that made it; only the tensors inside may be shared.
///
/// - PyTorch: a `torch.Tensor` with `requires_grad`. `Tensor` here is what it holds, without history.
/// - Book: chapter 4.
public class Variable {
  /// Whether a gradient is to reach this variable or something it came from.
  public var requiresGradient: Bool { isPartOfHistory }
  private let isPartOfHistory: Bool

  /// The derivative of what `backward` was called on with respect to this variable. Parameters have one after
  /// `backward`; others only after `retainGradient()`.
  public internal(set) var gradient: Tensor?

  /// The name of the op that made this variable; nil for one that was given. Of ops that are done in one pass, all
  /// names: "conv2d + relu".
  public var op: String? { names.isEmpty ? name : names.joined(separator: " + ") }

  private let name: String?
  /// Of ops that are done in one pass; else empty, for one name needs no list.
  private let names: [String]

  private var state: State
  private(set) var parents: [Variable] = []
  private var pullback: ((Tensor) -> [Tensor?])?
  /// The results that this op took over, in case the gradient of one is asked for after all.
  private var joined: JoinedOps?
  private(set) var retainsGradient = false
  private var isReleased = false

  /// Variables are numbered as they are made, so an op's inputs have smaller numbers than its result.
  let number: UInt64

  private enum State {
    case ready(Tensor)
    /// The op waits to see whether the next one can be done in the same pass; see `Deferred`.
    case deferred(any Deferred)
  }

  private static let made = Atomic<UInt64>(0)

  /// Numbers that no op made: data, or a constant.
  public init(_ value: Tensor, requiresGradient: Bool = false) {
    state = .ready(value)
    (name, names) = (nil, [])
    isPartOfHistory = requiresGradient
    number = Self.made.wrappingAdd(1, ordering: .relaxed).oldValue
  }

  /// The result of an op: the way to add one of your own.
  ///
  ///     func square(_ x: Variable) -> Variable {
  ///       let value = x.value
  ///       return Variable(value * value, op: "square", cost: .perResult(), inputs: [x]) { dy in [2 * value * dy] }
  ///     }
  ///
  /// - Parameters:
  ///   - value: What the op computed.
  ///   - op: Its name, for messages and summaries.
  ///   - cost: How many multiplications and additions it does, for `Module.summary`. One that states nothing is listed
  ///     there as not counted.
  ///   - inputs: The variables it computed it from.
  ///   - pullback: Given the gradient `dy` at the result, of its shape, the gradients at the inputs, one for each, of
  ///     their shapes; nil where none flows. Let it capture tensors, never the result itself: it would never be freed.
  public convenience init(
    _ value: Tensor, op: String, cost: OperationCost? = nil, inputs: [Variable],
    pullback: @escaping (_ dy: Tensor) -> [Tensor?]
  ) {
    OperationTrace.add(op, cost: cost, inputs, value.shape)
    self.init(untraced: value, op: op, inputs: inputs, pullback: pullback)
  }

  /// As the public one, but nothing is noted in a trace: one of several variables that an op makes.
  init(
    untraced value: Tensor, op: String, inputs: [Variable], pullback: @escaping (_ dy: Tensor) -> [Tensor?]
  ) {
    state = .ready(value)
    (name, names) = (op, [])
    number = Self.made.wrappingAdd(1, ordering: .relaxed).oldValue
    isPartOfHistory = GradientRecording.isOn && inputs.contains { $0.requiresGradient }
    if isPartOfHistory {
      parents = inputs
      self.pullback = pullback
    }
  }

  /// The result of an op that is computed when it is first read.
  ///
  /// - Parameters:
  ///   - joining: The unread result that the op took over, if it did.
  ///   - given: What the op was called with then.
  init(deferred: any Deferred, joining: Variable? = nil, given: [Variable]? = nil) {
    state = .deferred(deferred)
    (name, names) = (nil, deferred.names)
    number = Self.made.wrappingAdd(1, ordering: .relaxed).oldValue
    isPartOfHistory = GradientRecording.isOn && deferred.inputs.contains { $0.requiresGradient }
    if isPartOfHistory {
      parents = deferred.inputs
      if let joining { joined = JoinedOps(deferred, after: joining, joining.joined) }
    }
    OperationTrace.add(
      names[names.count - 1], cost: deferred.cost, given ?? deferred.inputs, deferred.shape)
  }

  /// The numbers.
  public var value: Tensor {
    switch state {
    case .ready(let tensor): return tensor
    case .deferred(let deferred):
      let (value, pullback) = deferred.compute(recording: requiresGradient)
      state = .ready(value)
      if requiresGradient { self.pullback = pullback }
      return value
    }
  }

  /// The value's shape; asking for it computes nothing.
  public var shape: [Int] {
    switch state {
    case .ready(let tensor): tensor.shape
    case .deferred(let deferred): deferred.shape
    }
  }

  /// The weight in whole numbers, where this is a parameter that is kept so.
  public var integers: IntegerWeight? { nil }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// The one number of a variable that holds just one: a loss, say.
  public var scalar: Float { value.scalar }

  /// What this variable waits to compute, when nobody has read it yet and an op may still join in.
  var deferred: (any Deferred)? {
    guard case .deferred(let deferred) = state, !retainsGradient else { return nil }
    // An op of a stretch that will be computed again must find the same then: it takes over nothing from before.
    return number < TaskSettings.segment.firstNumber ? nil : deferred
  }

  /// Keeps this variable's gradient at the next `backward`, although it is no parameter. It may be asked for until then,
  /// whatever was computed from the variable meanwhile.
  ///
  /// - PyTorch: `x.retain_grad()`.
  public func retainGradient() {
    retainsGradient = true
    _ = value
  }

  /// Lets the history go through a result that this op took over, where that result's gradient is wanted.
  func separateFromRetained() {
    guard let joined, let rest = joined.restAfterRetained() else { return }
    parents = rest.inputs
    pullback = rest.pullback
    if case .deferred = state { state = .ready(rest.value) }
    self.joined = nil
  }

  /// The same numbers without their history: no gradient flows past here.
  ///
  /// - PyTorch: `x.detach()`.
  public func detached() -> Variable { Variable(value) }

  func replaceValue(_ change: (inout Tensor) -> Void) {
    guard case .ready(var tensor) = state else { trap("replaceValue: the value is not computed yet") }
    state = .ready(Tensor.nothing)  // so that changing `tensor` copies nothing
    change(&tensor)
    state = .ready(tensor)
  }

  /// The number that the next variable will have.
  static var nextNumber: UInt64 { made.load(ordering: .relaxed) }

  /// Whether no op made this variable, as far as `backward` is concerned.
  var isLeaf: Bool { parents.isEmpty && !isReleased }

  /// For each input that wants a gradient, the one that this op sends it for `dy` here, or nil; forgets how, unless
  /// told to keep it.
  func pullGradients(_ dy: Tensor, keepingGraph: Bool) -> [(Variable, Tensor?)] {
    if isReleased {
      trap(
        "backward: this graph was used before; call backward(keepingGraph: true) the first time to use it again"
      )
    }
    _ = value
    guard let pullback else { return [] }
    let gradients = pullback(dy)
    if gradients.count != parents.count {
      trap("backward: \(op ?? "an op") returned \(gradients.count) gradients for \(parents.count) inputs")
    }
    var flows: [(Variable, Tensor?)] = []
    for (parent, gradient) in zip(parents, gradients) where parent.requiresGradient {
      if let gradient, gradient.shape != parent.shape {
        trap(
          "backward: \(op ?? "an op") gave gradient \(gradient.shape) for an input of shape \(parent.shape)")
      }
      flows.append((parent, gradient))
    }
    if !keepingGraph {
      self.pullback = nil
      parents = []
      joined = nil
      isReleased = true
    }
    return flows
  }

  // A long history is a long chain of references. Left to itself, letting go of its end would let go of each link
  // from within the one before, and overflow the stack. So the chain is taken apart in a loop.
  deinit {
    if parents.isEmpty { return }
    (pullback, joined) = (nil, nil)
    if case .deferred = state { state = .ready(Tensor.nothing) }
    var doomed = parents
    parents = []
    while var variable = doomed.popLast() {
      if isKnownUniquelyReferenced(&variable) {
        (variable.pullback, variable.joined) = (nil, nil)
        if case .deferred = variable.state { variable.state = .ready(Tensor.nothing) }
        doomed.append(contentsOf: variable.parents)
        variable.parents = []
      }
    }
  }
}

extension Tensor {
  /// A placeholder without numbers.
  static let nothing = Tensor([], shape: [0])
}

/// A variable that training changes: a layer's weights.
///
/// - PyTorch: `torch.nn.Parameter`.
public final class Parameter: Variable {
  /// Rises with every change of the value. What is computed from a parameter and kept must be kept with this.
  public private(set) var version = 0

  /// While true, ops that use this parameter compute no gradient for it, and optimisers leave it alone. Ops that were
  /// called before it changed keep to what it was then, except that a frozen parameter gets no gradient in any case.
  ///
  /// - PyTorch: `not parameter.requires_grad`.
  public var isFrozen = false

  /// - Parameter value: The first numbers: see `Initial` for the usual ones.
  public init(_ value: Tensor) { super.init(value, requiresGradient: true) }

  /// A weight in whole numbers is not learned.
  public override var requiresGradient: Bool { !isFrozen && wholes == nil }

  private var wholes: IntegerWeight?

  /// The weight in eight bits, in place of its floats; nil where it is in floats. Layers that can, calculate with it as
  /// it is; for whoever reads `value`, it is widened each time. A new value takes its place.
  public override var integers: IntegerWeight? { wholes }

  /// What is done to this weight, and to what it is multiplied with, before they meet; nil for nothing. It is for
  /// calibration, which looks on, and for training with rounded numbers.
  public var rounding: (any WeightRounding)?

  /// Puts a weight in eight bits in place of the floats. Traps when its shape is another.
  public func keep(_ weight: IntegerWeight) {
    if weight.shape != shape { trap("Parameter: a weight of shape \(weight.shape) for shape \(shape)") }
    version += 1
    replaceValue { $0 = Tensor.nothing }
    (wholes, gradient) = (weight, nil)
  }

  public override var shape: [Int] { wholes?.shape ?? super.shape }

  /// The numbers; a new value must have the old one's shape.
  public override var value: Tensor {
    get { wholes?.dequantized() ?? super.value }
    set {
      if newValue.shape != shape { trap("Parameter: a value of shape \(newValue.shape) for shape \(shape)") }
      update { $0 = newValue }
    }
  }

  /// Changes the value in place. Traps when its shape is another afterwards.
  public func update(_ change: (inout Tensor) -> Void) {
    version += 1
    let old = shape
    if let floats = wholes?.dequantized() {
      wholes = nil
      replaceValue { $0 = floats }
    }
    replaceValue(change)
    if shape != old { trap("Parameter: an update made shape \(shape) of \(old)") }
  }

  /// Sets the gradient: what an optimiser will see. For gradients that were computed elsewhere, or clipped.
  public func setGradient(_ gradient: Tensor?) {
    if let gradient, gradient.shape != shape {
      trap("Parameter: a gradient of shape \(gradient.shape) for shape \(shape)")
    }
    self.gradient = gradient
  }
}

/// Whether ops remember their history.
enum GradientRecording {
  static var isOn: Bool { TaskSettings.recordsGradients }
}

/// Runs `body` without recording history: faster, and with less memory. For evaluation.
///
/// - PyTorch: `torch.no_grad()`.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try TaskSettings.$recordsGradients.withValue(false, operation: body)
}
