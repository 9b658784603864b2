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
/// `in_proj_weight`). They are looked for anew each time, so a layer may be replaced; an optimiser that was made before
/// goes on with the old one's parameters.
///
/// Layers, parameters and statistics are also found in optionals, arrays (`blocks.0.…`), dictionaries (by their keys,
/// in order: `heads.left.…`), tuples, structs and enums (by their labels, properties and cases). Where they cannot be
/// named (in a set, or a `lazy` property that nobody has asked for yet) that traps. What an object of a class that is
/// no `Module` holds, or a closure, is not a part of the module: the way to refer to another network without making it
/// a part of this one.
///
/// - PyTorch: `torch.nn.Module`.
/// - Book: chapter 4.
open class Module {
  /// Whether the network is being trained: dropout drops and batch norm measures only then.
  ///
  /// - PyTorch: `module.training`.
  public private(set) var isTraining = true

  /// Where parameters, statistics and layers may stand; the rest is not looked at again.
  private lazy var openProperties = OpenProperty.all(of: self)

  /// A module in training, whose parameters are its properties.
  public init() {}

  /// The parameters that a layer keeps elsewhere than in plain properties. Layers with a number of parameters that
  /// is known only when they are made (a GRU's, layer by layer) override this; others need not.
  open var listedParameters: [(name: String, parameter: Parameter)] { [] }

  /// The layers that a module keeps elsewhere than in plain properties, with the names they are to have: `Sequential`'s.
  open var listedModules: [(name: String, module: Module)] { [] }

  /// What stands in the properties now: a layer may be replaced at any time.
  private var members: Members { Members(of: self, in: openProperties) }

  /// Calls `body` with this module and all within it, each before its layers, with what stands before their names.
  private func visit(
    _ prefix: String = "", within path: [Module] = [], _ body: (_ prefix: String, Module, Members) -> Void
  ) {
    if path.contains(where: { $0 === self }) {
      trap(
        "Module: \(type(of: path[0])).\(prefix.dropLast()) is the \(Self.self) that holds it; a layer cannot be a part of "
          + "itself. Refer back to it through an object that is no Module")
    }
    let members = members
    body(prefix, self, members)
    for (name, module) in members.modules { module.visit("\(prefix)\(name).", within: path + [self], body) }
  }

  /// This module and all in it, each once, with the names of their places.
  package var allModules: [(name: String, module: Module)] {
    var seen: Set<ObjectIdentifier> = []
    var found: [(name: String, module: Module)] = []
    visit { prefix, module, _ in
      if seen.insert(ObjectIdentifier(module)).inserted { found.append((String(prefix.dropLast()), module)) }
    }
    return found
  }

  /// All parameters, with their names, in the order of declaration. One that is shared by two layers is listed once,
  /// by its first name.
  ///
  /// - PyTorch: `module.named_parameters()`.
  public var namedParameters: [(name: String, parameter: Parameter)] {
    var seen: Set<ObjectIdentifier> = []
    var found: [(name: String, parameter: Parameter)] = []
    visit { prefix, _, members in
      for (name, parameter) in members.parameters where seen.insert(ObjectIdentifier(parameter)).inserted {
        found.append((prefix + name, parameter))
      }
    }
    return found
  }

  /// All that is saved, in the order of PyTorch's `state_dict`: a module's own, then its layers'. What is shared is
  /// listed by all its names.
  var namedEntries: [(name: String, entry: StateEntry)] {
    var entries: [(name: String, entry: StateEntry)] = []
    visit { prefix, module, members in
      for (name, parameter) in members.parameters {
        if let arrays = parameter.keptArrays {
          entries += arrays.map { (prefix + name + $0.name, .array($0, of: parameter)) }
        } else {
          entries.append((prefix + name, .parameter(parameter)))
        }
      }
      entries += members.statistics.map { (prefix + $0.name, .statistic($0.statistic)) }
      if let module = module as? any ArrayKeeping {
        entries += module.keptArrays.map { (prefix + $0.name, .array($0, of: module)) }
      }
    }
    var names: Set<String> = []
    if let twice = entries.first(where: { !names.insert($0.name).inserted }) {
      trap("Module: two things in \(Self.self) are named \(twice.name); rename a property, or a key")
    }
    return entries
  }

  /// All parameters, in the order of declaration.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// What the layers keep beside their parameters, with names: batch norm's running mean, say.
  ///
  /// - PyTorch: `module.named_buffers()`.
  public var namedStatistics: [(name: String, statistic: Statistic)] {
    var found: [(name: String, statistic: Statistic)] = []
    visit { prefix, _, members in
      found += members.statistics.map { (prefix + $0.name, $0.statistic) }
    }
    return found
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
    visit { _, module, _ in module.isTraining = on }
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
