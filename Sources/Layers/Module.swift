import Autograd
import Tensors

/// A network, or a part of one: a class whose properties are its layers and parameters, and a call.
///
///     final class MLP: Module {
///       let fc1 = Linear(inFeatures: 784, outFeatures: 128)
///       let fc2 = Linear(inFeatures: 128, outFeatures: 10)
///       func callAsFunction(_ x: Variable) -> Variable { fc2(relu(fc1(x))) }
///     }
///
/// Parameters are found by themselves, in the order of declaration, and named as PyTorch names them:
/// `fc1.weight`, `fc1.bias`, `fc2.weight`… A property in camel case becomes snake case (`inProjWeight` is
/// `in_proj_weight`), and the layers of an array are numbered (`blocks.0.…`).
///
/// - PyTorch: `torch.nn.Module`.
/// - Book: chapter 4.
open class Module {
  /// Whether the network is being trained: dropout drops and batch norm measures only then.
  ///
  /// - PyTorch: `module.training`.
  public private(set) var isTraining = true

  /// Found once: looking through properties costs microseconds a layer, and they are constants.
  private lazy var members = findMembers()

  /// A module in training, whose parameters are its properties.
  public init() {}

  private struct Members {
    var parameters: [(name: String, parameter: Parameter)] = []
    var statistics: [(name: String, statistic: Statistic)] = []
    var modules: [(name: String, module: Module)] = []
  }

  /// The parameters that a layer keeps elsewhere than in plain properties. Layers with a number of parameters that
  /// is known only when they are made (a GRU's, layer by layer) override this; others need not.
  open var listedParameters: [(name: String, parameter: Parameter)] { [] }

  /// The layers that a module keeps elsewhere than in plain properties, with the names they are to have: `Sequential`'s.
  open var listedModules: [(name: String, module: Module)] { [] }

  private func findMembers() -> Members {
    var members = Members()
    var mirrors: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: self)
    while let level = mirror, level.subjectType != Module.self {
      mirrors.append(level)
      mirror = level.superclassMirror
    }
    for (label, value) in mirrors.reversed().flatMap(\.children) {
      guard let label, !label.hasPrefix("$") else { continue }
      Self.add(value, named: Self.snakeCase(label), to: &members)
    }
    members.parameters += listedParameters
    members.modules += listedModules
    return members
  }

  private static func add(_ value: Any, named name: String, to members: inout Members) {
    switch value {
    case let parameter as Parameter: members.parameters.append((name, parameter))
    case let statistic as Statistic: members.statistics.append((name, statistic))
    case let module as Module: members.modules.append((name, module))
    case let parameter as Parameter?: if let parameter { members.parameters.append((name, parameter)) }
    case let module as Module?: if let module { members.modules.append((name, module)) }
    case let list as [Any]:
      for (i, element) in list.enumerated() { add(element, named: "\(name).\(i)", to: &members) }
    default: break
    }
  }

  /// `inProjWeight` → `in_proj_weight`
  private static func snakeCase(_ name: String) -> String {
    var result = ""
    for character in name.drop(while: { $0 == "_" }) {
      if character.isUppercase {
        result += "_" + character.lowercased()
      } else {
        result.append(character)
      }
    }
    return result
  }

  /// All parameters, with their names, in the order of declaration. One that is shared by two layers is listed once,
  /// by its first name.
  ///
  /// - PyTorch: `module.named_parameters()`.
  public var namedParameters: [(name: String, parameter: Parameter)] {
    var seen: Set<ObjectIdentifier> = []
    let own =
      members.parameters
      + members.modules.flatMap { child in
        child.module.namedParameters.map { ("\(child.name).\($0.name)", $0.parameter) }
      }
    return own.filter { seen.insert(ObjectIdentifier($0.parameter)).inserted }
  }

  /// Parameters and statistics in the order of PyTorch's `state_dict`: a module's own, then its layers'. Shared ones
  /// are listed by all their names.
  var namedEntries: [(name: String, entry: StateEntry)] {
    members.parameters.map { ($0.name, .parameter($0.parameter)) }
      + members.statistics.map { ($0.name, .statistic($0.statistic)) }
      + members.modules.flatMap { child in
        child.module.namedEntries.map { ("\(child.name).\($0.name)", $0.entry) }
      }
  }

  /// All parameters, in the order of declaration.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// What the layers keep beside their parameters, with names: batch norm's running mean, say.
  ///
  /// - PyTorch: `module.named_buffers()`.
  public var namedStatistics: [(name: String, statistic: Statistic)] {
    members.statistics
      + members.modules.flatMap { child in
        child.module.namedStatistics.map { ("\(child.name).\($0.name)", $0.statistic) }
      }
  }

  /// The layers that are this module's own properties, with their names.
  ///
  /// - PyTorch: `module.named_children()`.
  public var namedChildren: [(name: String, module: Module)] { members.modules }

  /// The number of trainable numbers.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// Says to this module and all in it whether they are being trained.
  ///
  /// - PyTorch: `module.train(on)`.
  public func train(_ on: Bool = true) {
    isTraining = on
    for (_, child) in members.modules { child.train(on) }
  }

  /// The same for this module alone, not for those in it.
  func trainAlone(_ on: Bool) { isTraining = on }

  /// `train(false)`.
  ///
  /// - PyTorch: `module.eval()`.
  public func evaluate() { train(false) }

  /// Keeps training from changing this module's parameters, or allows it again.
  ///
  /// - PyTorch: `for p in module.parameters(): p.requires_grad = not frozen`.
  public func freeze(_ frozen: Bool = true) {
    for parameter in parameters { parameter.isFrozen = frozen }
  }
}

/// Numbers that a layer measures and keeps, which no gradient changes: batch norm's running mean, say.
///
/// - PyTorch: a registered buffer.
public final class Statistic {
  /// The numbers. A new value may have another shape, but a state that is loaded must have this one's.
  public var value: Tensor
  /// A statistic that begins with these numbers.
  public init(_ value: Tensor) { self.value = value }
}

/// A module that makes one variable of another, so that such layers can be put in a row.
public protocol Layer: Module {
  /// The layer's output for the input `x`; the layer says which shapes it takes, and traps for others.
  func callAsFunction(_ x: Variable) -> Variable
}
