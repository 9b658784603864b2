import Autograd
import Tensors
import Training

let scheduleCases: [String: CaseHandler] = [
  "lr_schedule": { golden in
    let steps = try golden.integer("steps")
    let parameter = Parameter(Tensor([0]))
    let optimizer = SGD([parameter], learningRate: try golden.number("base_lr"), momentum: 0.9)
    let name = try golden.option("schedule")
    var (rates, momenta): ([Double], [Double]) = ([], [])
    if name == "plateau" {
      let metric = try golden.array("metric").scalars
      guard metric.count >= steps else {
        throw CaseFault("`metric` has \(metric.count) numbers for \(steps) steps")
      }
      let plateau = try golden.plateau(for: optimizer)
      for step in 0..<steps {
        rates.append(optimizer.learningRate)
        momenta.append(optimizer.momentum ?? 0)
        plateau.report(metric[step])
      }
    } else {
      let scheduler = Scheduler(try golden.schedule(name), for: optimizer)
      for _ in 0..<steps {
        rates.append(optimizer.learningRate)
        momenta.append(optimizer.momentum ?? 0)
        scheduler.step()
      }
    }
    try golden.compare("lrs", GoldenArray(rates))
    if golden.has("momentums") { try golden.compare("momentums", GoldenArray(momenta)) }
  }
]

extension GoldenCase {
  fileprivate func schedule(_ name: String) throws -> any Schedule {
    switch name {
    case "step": return StepDecay(every: try integer("step_size"), factor: try number("gamma"))
    case "multistep":
      return MultiStepDecay(at: try integers(option: "milestones"), factor: try number("gamma"))
    case "exponential": return ExponentialDecay(factor: try number("gamma"))
    case "cosine": return CosineDecay(steps: try integer("t_max"), minimum: try number("eta_min"))
    case "cosine-restarts":
      return CosineRestarts(
        firstCycle: try integer("t_0"), multiplier: try integer("t_mult"), minimum: try number("eta_min"))
    case "linear":
      return LinearRamp(
        from: try number("start_factor"), to: try number("end_factor"), steps: try integer("total_iters"))
    case "warmup-linear":
      try require("formula", oneOf: "t<W: base*t/W; else base*max(0,(T-t)/(T-W))")
      return Warmup(steps: try integer("warmup_steps"), of: try integer("total_steps"), then: .linear)
    case "warmup-cosine":
      try require("formula", oneOf: "t<W: base*t/W; else base*0.5*(1+cos(pi*(t-W)/(T-W)))")
      return Warmup(steps: try integer("warmup_steps"), of: try integer("total_steps"), then: .cosine)
    case "one-cycle", "one-cycle-linear": return try oneCycle()
    default: throw CaseFault("`schedule` is unknown: \(name)")
    }
  }

  private func oneCycle() throws -> OneCycle {
    let annealing: OneCycle.Annealing
    switch try option("anneal") {
    case "cos": annealing = .cosine
    case "linear": annealing = .linear
    case let other: throw CaseFault("`anneal` is unknown: \(other)")
    }
    let momenta =
      try flag("cycle_momentum") ? try number("base_momentum")...(try number("max_momentum")) : nil
    return OneCycle(
      maximum: try number("max_lr"), totalSteps: try integer("total_steps"), rising: try number("pct_start"),
      initialDivisor: try number("div_factor"), finalDivisor: try number("final_div_factor"),
      annealing: annealing, momenta: momenta)
  }

  fileprivate func plateau(for optimizer: any Optimizer) throws -> Plateau {
    let goals: [String: Plateau.Goal] = ["min": .lowest, "max": .highest]
    guard let goal = goals[try option("mode")] else {
      throw CaseFault("`mode` is unknown: \(try option("mode"))")
    }
    try require("threshold_mode", oneOf: "rel", "abs")
    return Plateau(
      for: optimizer, goal: goal, factor: try number("factor"), patience: try integer("patience"),
      threshold: try number("threshold"), thresholdIsRelative: try option("threshold_mode") == "rel",
      cooldown: try integer("cooldown"), minimum: try number("min_lr", default: 0), epsilon: try number("eps")
    )
  }
}
