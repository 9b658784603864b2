import Autograd
import Tensors

/// The optimisers by name, each as it is used most.
///
/// - Book: section 7.4.
public enum OptimizerChoice: String, CaseIterable, Sendable {
  /// Plain gradient descent, without momentum.
  case sgd
  /// SGD with a momentum of 0.9.
  case momentum
  /// SGD with Nesterov's momentum of 0.9.
  case nesterov
  /// RMSProp: steps divided by the gradient's recent size.
  case rmsprop
  /// Adam: momentum, and steps divided by the gradient's recent size.
  case adam
  /// Adam with weight decay apart from the gradient.
  case adamw

  /// As people write it.
  public var name: String {
    switch self {
    case .sgd: "SGD"
    case .momentum: "momentum"
    case .nesterov: "Nesterov"
    case .rmsprop: "RMSProp"
    case .adam: "Adam"
    case .adamw: "AdamW"
    }
  }

  /// A first learning rate that works for the article's network. Those that divide by the size of the gradient go by
  /// their rate with each weight and step; the others by a multiple of the gradient, and want other numbers.
  public var learningRate: Double {
    switch self {
    case .sgd: 0.1
    case .momentum, .nesterov: 0.03
    case .rmsprop, .adam, .adamw: 1e-3
    }
  }

  /// The optimiser of these parameters, with a momentum of 0.9 where there is one.
  public func make(for parameters: [Parameter], learningRate: Double) -> any Optimizer {
    switch self {
    case .sgd: SGD(parameters, learningRate: learningRate)
    case .momentum: SGD(parameters, learningRate: learningRate, momentum: 0.9)
    case .nesterov: SGD(parameters, learningRate: learningRate, momentum: 0.9, isNesterov: true)
    case .rmsprop: RMSProp(parameters, learningRate: learningRate)
    case .adam: Adam(parameters, learningRate: learningRate)
    case .adamw: AdamW(parameters, learningRate: learningRate)
    }
  }
}

extension OptimizerChoice {
  /// How many numbers are remembered of each weight from step to step.
  public var numbersKeptPerWeight: Int {
    func count(_ optimizer: some Optimizer) -> Int {
      optimizer.slots(for: optimizer.groups[0].settings).count
    }
    return count(make(for: [Parameter(Tensor([0]))], learningRate: 0))
  }
}
