import Autograd
import Layers
import Tensors

/// Changes parameters by their gradients, so that the loss falls.
///
///     let optimizer = SGD(model.parameters, learningRate: 0.1, momentum: 0.9)
///     optimizer.clearGradients()
///     loss.backward()
///     optimizer.step()
///
/// Parameters may be split into groups with settings of their own. A parameter without a gradient, or a frozen one,
/// stays as it is, and so does what is remembered of it.
///
/// An optimiser of one's own says what it remembers and how a piece of the weights changes; groups, threads, schedules
/// and checkpoints follow:
///
///     final class SignDescent: Optimizer {
///       struct Settings: OptimizerSettings {
///         var learningRate: Double
///         var momentum: Double?
///       }
///       var groups: [ParameterGroup<Settings>]
///       var memory: OptimizerMemory
///
///       init(_ parameters: [Parameter], learningRate: Double) {
///         groups = [ParameterGroup(parameters, Settings(learningRate: learningRate))]
///         memory = OptimizerMemory(for: groups, "SignDescent")
///       }
///       func slots(for settings: Settings) -> [MemorySlot] { [] }
///       func step() {
///         changeParameters { settings, piece in
///           for i in 0..<piece.count where piece.gradient[i] != 0 {
///             piece.weights[i] -= Float(settings.learningRate) * (piece.gradient[i] > 0 ? 1 : -1)
///           }
///         }
///       }
///     }
///
/// - PyTorch: `torch.optim.Optimizer`.
/// - Book: chapter 7.
public protocol Optimizer: AnyObject {
  /// What can be set for a group of parameters: the learning rate, and what the optimiser has besides.
  associatedtype Settings: OptimizerSettings
  /// The parameters, and how each group of them is treated.
  var groups: [ParameterGroup<Settings>] { get set }
  /// What is remembered from step to step.
  var memory: OptimizerMemory { get set }
  /// What is remembered of each parameter under these settings.
  func slots(for settings: Settings) -> [MemorySlot]
  /// Changes the parameters by their gradients.
  func step()
}

/// What can be set for a group of parameters.
public protocol OptimizerSettings: Sendable {
  /// How far a step goes.
  var learningRate: Double { get set }
  /// How much of the last step's direction the next one keeps, where the optimiser knows such a thing: for Adam β₁.
  /// A schedule may change it.
  var momentum: Double? { get set }
}

/// Parameters that an optimiser treats alike.
///
/// - PyTorch: an entry of `optimizer.param_groups`.
public struct ParameterGroup<Settings: OptimizerSettings> {
  /// The group's parameters.
  public let parameters: [Parameter]
  /// How they are treated: learning rate and the like.
  public var settings: Settings

  /// - Parameters:
  ///   - parameters: The group's; none may be in two groups of one optimiser.
  ///   - settings: How they are treated.
  public init(_ parameters: [Parameter], _ settings: Settings) {
    self.parameters = parameters
    self.settings = settings
  }
}

extension Optimizer {
  /// All parameters, group by group.
  public var parameters: [Parameter] { groups.flatMap(\.parameters) }

  /// The learning rate of each group.
  public var learningRates: [Double] {
    get { groups.map(\.settings.learningRate) }
    set {
      if newValue.count != groups.count {
        trap("learningRates: \(newValue.count) rates for \(groups.count) groups")
      }
      for i in groups.indices { groups[i].settings.learningRate = newValue[i] }
    }
  }

  /// The learning rate of the first group; setting it sets it for all.
  public var learningRate: Double {
    get { groups[0].settings.learningRate }
    set { for i in groups.indices { groups[i].settings.learningRate = newValue } }
  }

  /// The momentum of the first group, nil for optimisers that have none; setting it sets it for all.
  public var momentum: Double? {
    get { groups[0].settings.momentum }
    set { for i in groups.indices { groups[i].settings.momentum = newValue } }
  }

  /// Forgets the gradients, so that the next `backward` starts anew.
  ///
  /// - PyTorch: `optimizer.zero_grad()`.
  public func clearGradients() {
    for group in groups { for parameter in group.parameters { parameter.clearGradient() } }
  }

  /// Goes through the parameters that have a gradient, in pieces and on several threads, and lets `change` treat
  /// each piece. What an optimiser's `step` calls.
  ///
  /// - Parameter change: Changes the weights of one piece, and what is remembered of them. It may be called on any
  ///   thread.
  public func changeParameters(_ change: (Settings, StepPiece) -> Void) {
    var index = 0
    for group in groups {
      let slots = slots(for: group.settings)
      for parameter in group.parameters {
        defer { index += 1 }
        guard !parameter.isFrozen, let gradient = parameter.gradient else { continue }
        let isFirst = memory.beginStep(of: index, slots, shape: parameter.shape)
        let step = memory.steps[index]
        parameter.update { value in
          let count = value.count
          value.withMutablePointer { w in
            gradient.withPointer { g in
              memory.withPointers(of: index, slots) { remembered in
                Parallel.forEachRange(of: count, grain: 1 << 15) { range in
                  let at = range.lowerBound
                  change(
                    group.settings,
                    StepPiece(
                      weights: w + at, gradient: g + at, memory: remembered.map { $0 + at },
                      count: range.count,
                      step: step, isFirst: isFirst))
                }
              }
            }
          }
        }
      }
    }
  }
}

/// A run of weights that one thread changes in one go. The addresses hold for the call of `change` alone.
public struct StepPiece {
  /// The weights, to be changed.
  public let weights: UnsafeMutablePointer<Float>
  /// The gradient of each.
  public let gradient: UnsafePointer<Float>
  /// What is remembered of each, to be changed: one run of numbers for each slot, in the order of `slots`.
  public let memory: [UnsafeMutablePointer<Float>]
  /// How many weights there are.
  public let count: Int
  /// The number of this parameter's steps, this one included.
  public let step: Int
  /// Whether the memory was made just now.
  public let isFirst: Bool
}
