import Autograd
import Tensors

/// What an optimiser remembers of each parameter from step to step: running means, velocities, the number of steps.
public struct OptimizerMemory: Sendable, Equatable {
  /// The number of steps made with each parameter.
  public package(set) var steps: [Int]
  /// The tensors remembered of each parameter, by name, each of the parameter's shape. None before its first step.
  public package(set) var tensors: [[String: Tensor]]

  /// An empty memory. Traps when there is no group, or when a parameter comes twice: it would be changed twice a step.
  ///
  /// - Parameters:
  ///   - groups: Whose parameters it is to remember.
  ///   - optimizer: The optimiser's name, for messages.
  public init<Settings>(for groups: [ParameterGroup<Settings>], _ optimizer: String) {
    let parameters = groups.flatMap(\.parameters)
    if groups.isEmpty { trap("\(optimizer): at least one group of parameters is needed") }
    if Set(parameters.map { ObjectIdentifier($0) }).count != parameters.count {
      trap("\(optimizer): a parameter is there twice")
    }
    steps = [Int](repeating: 0, count: parameters.count)
    tensors = [[String: Tensor]](repeating: [:], count: parameters.count)
  }

  /// Counts a step and makes what is missing. Returns whether something was.
  mutating func beginStep(of parameter: Int, _ slots: [MemorySlot], shape: [Int]) -> Bool {
    steps[parameter] += 1
    var isFirst = false
    for slot in slots where tensors[parameter][slot.name] == nil {
      tensors[parameter][slot.name] = Tensor(repeating: slot.initial, shape: shape)
      isFirst = true
    }
    return isFirst
  }

  mutating func withPointers(
    of parameter: Int, _ slots: [MemorySlot], _ body: ([UnsafeMutablePointer<Float>]) -> Void
  ) {
    func descend(_ rest: ArraySlice<MemorySlot>, _ pointers: [UnsafeMutablePointer<Float>]) {
      guard let slot = rest.first else { return body(pointers) }
      // Taken out while it is changed: a second reference would make it copy.
      var tensor = tensors[parameter].removeValue(forKey: slot.name)!
      tensor.withMutablePointer { descend(rest.dropFirst(), pointers + [$0]) }
      tensors[parameter][slot.name] = tensor
    }
    descend(slots[...], [])
  }
}

/// Something that an optimiser remembers of a parameter: a tensor of the parameter's shape.
public struct MemorySlot: Sendable {
  /// What it is called in a checkpoint: `velocity`, say.
  public let name: String
  /// The number that fills it at first.
  public let initial: Float

  /// - Parameters:
  ///   - name: What it is called in a checkpoint.
  ///   - initial: The number that fills it at first.
  public init(name: String, initial: Float = 0) {
    self.name = name
    self.initial = initial
  }
}
