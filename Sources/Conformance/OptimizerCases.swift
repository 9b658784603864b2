import Autograd
import Tensors
import Training

let optimizerCases: [String: CaseHandler] = [
  "sgd": { golden in
    let settings = SGD.Settings(
      learningRate: try golden.number("lr"), momentum: try golden.number("momentum"),
      dampening: try golden.number("dampening"), weightDecay: try golden.number("weight_decay"),
      isNesterov: try golden.flag("nesterov"))
    try golden.checkTrajectory { SGD(groups: [ParameterGroup([$0], settings)]) }
  },
  "adam": { golden in
    let settings = try golden.adamSettings()
    try golden.checkTrajectory { Adam(groups: [ParameterGroup([$0], settings)]) }
  },
  "adamw": { golden in
    let settings = try golden.adamWSettings()
    try golden.checkTrajectory { AdamW(groups: [ParameterGroup([$0], settings)]) }
  },
  "rmsprop": { golden in
    let settings = RMSProp.Settings(
      learningRate: try golden.number("lr"), smoothing: try golden.number("alpha"),
      epsilon: try golden.number("eps"), weightDecay: try golden.number("weight_decay"),
      momentum: try golden.number("momentum"), isCentered: try golden.flag("centered"))
    try golden.checkTrajectory { RMSProp(groups: [ParameterGroup([$0], settings)]) }
  },
  "adagrad": { golden in
    let settings = Adagrad.Settings(
      learningRate: try golden.number("lr"), learningRateDecay: try golden.number("lr_decay"),
      epsilon: try golden.number("eps"), weightDecay: try golden.number("weight_decay"),
      initialSum: try golden.number("initial_accumulator_value"))
    try golden.checkTrajectory { Adagrad(groups: [ParameterGroup([$0], settings)]) }
  },
]

extension GoldenCase {
  func adamSettings() throws -> Adam.Settings {
    let betas = try numbers("betas")
    guard betas.count == 2 else { throw CaseFault("`betas` has \(betas.count) numbers") }
    return Adam.Settings(
      learningRate: try number("lr"), betas: (betas[0], betas[1]), epsilon: try number("eps"),
      weightDecay: try number("weight_decay"), isAMSGrad: try flag("amsgrad", default: false))
  }

  func adamWSettings() throws -> AdamW.Settings {
    let adam = try adamSettings()
    return AdamW.Settings(
      learningRate: adam.learningRate, betas: adam.betas, epsilon: adam.epsilon,
      weightDecay: adam.weightDecay,
      isAMSGrad: adam.isAMSGrad)
  }

  /// Follows an optimiser down a bowl, `½ Σ curvature (w − target)²`.
  func checkTrajectory(_ make: (Parameter) -> any Optimizer) throws {
    try require("objective", oneOf: "0.5*sum(curvature*(w-target)^2)")
    let (curvature, target) = (try tensor("curvature"), try tensor("target"))
    let w = Parameter(try tensor("w0"))
    let steps = try integer("steps")
    let optimizer = make(w)
    var (weights, gradients, losses) = (w.value.scalars, [Float](), [Float]())
    for _ in 0..<steps {
      let difference = w.value - target
      let gradient = curvature * difference
      losses.append((gradient * difference).sum() / 2)
      gradients += gradient.scalars
      w.setGradient(gradient)
      optimizer.step()
      weights += w.value.scalars
    }
    try compare("trajectory", Tensor(weights, shape: [steps + 1] + w.shape))
    try compare("grads", Tensor(gradients, shape: [steps] + w.shape))
    try compare("losses", Tensor(losses, shape: [steps]))
  }
}
