import ArgumentParser
import Chapter01BigAndSmall
import Chapter11TrainingLargeModels
import Engine
import Workbench

struct Plan: ChapterExperiment {
  static let name = "plan"
  static let summary = "What a model needs of a cluster: memory, time, energy, and which ways to cut it fit."
  static let details = """
    Without options: the planner beside what others have published, its pictures, and a plan for GPT-3. With any of them: \
    the plan that they describe; without --tensor and --pipeline, the plans that fit, fastest first. Nothing is trained.

    EXAMPLES
      train-large plan
      train-large plan --model gpt-3 --devices 1024 --device a100-80 --tokens 300e9
      train-large plan --model gpt-3 --tensor 8 --pipeline 16 --sequence-parallel
      train-large plan --model llama-2-70b --devices 2048 --utilization 0.43
      train-large plan --layers 24 --width 2048 --heads 16 --devices 8 --batch 64
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup(title: "The plan") var options: PlanOptions

  func run(_ experiment: inout Experiment) throws {
    if !options.isAsked {
      try showPublished(&experiment)
      try drawPlanning(&experiment)
    }
    var asked = options
    if !options.isAsked { asked.tokens = 300e9 }
    let request: PlanOptions.Request
    do throws(CannotPlan) { request = try asked.request() } catch { throw CannotUse(error.description) }
    describe(request)
    if let plan = request.plan {
      show(
        PlannedStep(
          request.model.description, request.shape, plan, on: request.cluster,
          hasDropout: request.model.hasDropout, efficiency: request.efficiency), request, &experiment)
    } else {
      try search(request, &experiment)
    }
  }

  private func describe(_ request: PlanOptions.Request) {
    let (cluster, device) = (request.cluster, request.cluster.device)
    let billions = significant(Double(request.model.description.parameters) / 1e9, 4)
    print(
      """
      \(request.model.name): \(billions) billion parameters, \(request.shape.layers) blocks of width \
      \(grouped(request.shape.width)), \(grouped(request.shape.length)) tokens a sequence
      \(grouped(cluster.devices)) × \(device.name): \(fixed(device.memory / 1e9, 0)) GB, \
      \(fixed(device.peak / 1e12, 0)) TFLOP/s each; \(grouped(request.batch)) sequences a step, \
      \(readable(request.tokens)) tokens in all

      """)
  }

  // MARK: One plan

  private func show(
    _ step: PlannedStep, _ request: PlanOptions.Request, _ experiment: inout Experiment
  ) {
    let (plan, memory, device) = (step.plan, step.memory, request.cluster.device)
    let gigabyte = 1e9
    var held = Table("What the fullest device holds", columns: ["what", "GB", "of the device"])
    for (name, bytes) in [
      ("parameters", memory.state.parameters), ("gradients", memory.state.gradients),
      ("optimiser", memory.state.optimizer), ("activations", memory.activations),
      ("for a moment", memory.working), ("together", memory.total),
    ] {
      held.add(name, fixed(bytes / gigabyte, 2), percent(bytes / device.memory))
    }
    experiment.show(
      held,
      note: memory.fits(device)
        ? "It fits, with more than a tenth left for buffers and libraries."
        : "It does not fit: a tenth of the device is left for buffers and libraries. More of --tensor, --pipeline, "
          + "--zero or --recompute makes it smaller.")
    let time = step.time
    let seconds = seconds(of: step, request)
    if options.utilization == nil {
      var parts = Table("Where a step's time goes", columns: ["what", "seconds", "of the step"])
      for (name, part) in [
        ("computing", time.computation), ("waiting for the pipeline", time.waiting),
        ("all-reduces inside blocks", time.tensor), ("from stage to stage", time.stages),
        ("between copies", time.data), ("optimiser", time.optimizer), ("together", time.seconds),
      ] {
        parts.add(name, fixed(part, 3), percent(part / time.seconds))
      }
      experiment.show(
        parts,
        note:
          "\(plan.microbatches) microbatches for each of \(counted(plan.data, "copy", "copies")); nothing is hidden "
          + "behind anything else.")
    }
    showWhole(seconds, step, request, &experiment)
    experiment.metrics["memory_gb"] = memory.total / gigabyte
    experiment.metrics["state_gb"] = memory.state.total / gigabyte
    experiment.metrics["activations_gb"] = memory.activations / gigabyte
    experiment.metrics["fits"] = memory.fits(device) ? 1 : 0
  }

  private func seconds(of step: PlannedStep, _ request: PlanOptions.Request) -> Double {
    guard let utilization = options.utilization else { return step.time.seconds }
    return step.time.modelOperations
      / (Double(request.cluster.devices) * request.cluster.device.peak * utilization)
  }

  private func showWhole(
    _ seconds: Double, _ step: PlannedStep, _ request: PlanOptions.Request, _ experiment: inout Experiment
  ) {
    let cluster = request.cluster
    let steps = request.tokens / Double(request.batch * request.shape.length)
    let hours = seconds * steps / 3600
    let deviceHours = hours * Double(cluster.devices)
    let energy = Energy(
      deviceHours: deviceHours, watts: cluster.device.watts, effectiveness: cluster.effectiveness)
    let utilization =
      step.time.modelOperations / (seconds * Double(cluster.devices) * cluster.device.peak)
    let carbon = energy.tonnes(kilogramsPerKilowattHour: cluster.carbon)
    var table = Table("The whole training", columns: ["what", "value"])
    for (name, value) in [
      ("seconds a step", fixed(seconds, 2)), ("model FLOP utilisation", percent(utilization)),
      ("steps", grouped(steps)), ("days", fixed(hours / 24, 1)), ("device hours", grouped(deviceHours)),
      ("MWh", grouped(energy.megawattHours)), ("tonnes of CO2", grouped(carbon)),
      ("dollars", grouped(deviceHours * cluster.price)),
    ] {
      table.add(name, value)
    }
    experiment.show(
      table,
      note:
        "PUE \(readable(cluster.effectiveness)), \(readable(cluster.carbon)) kg a kWh, $\(readable(cluster.price)) for "
        + "a device and hour. Whole trainings lose more: stops, restarts, evaluation.")
    experiment.metrics["step_seconds"] = seconds
    experiment.metrics["utilization"] = utilization
    experiment.metrics["days"] = hours / 24
    experiment.metrics["device_hours"] = deviceHours
    experiment.metrics["mwh"] = energy.megawattHours
    experiment.metrics["tonnes"] = carbon
    experiment.metrics["dollars"] = deviceHours * cluster.price
  }

  // MARK: All plans

  private func search(_ request: PlanOptions.Request, _ experiment: inout Experiment) throws {
    let (fitting, smallest) = searchPlans(
      request.model.description, request.shape, on: request.cluster, batch: request.batch,
      hasDropout: request.model.hasDropout, efficiency: request.efficiency)
    experiment.metrics["plans_that_fit"] = Double(fitting.count)
    guard let smallest else {
      throw CannotUse(
        "no plan cuts \(request.batch) sequences evenly among \(request.cluster.devices) devices: try another --batch or "
          + "--devices.")
    }
    if fitting.isEmpty {
      throw CannotUse(
        "no plan fits: the smallest (\(summary(smallest.plan))) needs \(fixed(smallest.memory.total / 1e9, 1)) GB of a "
          + "device's \(fixed(request.cluster.device.memory / 1e9, 0)), of which a tenth is left free; more devices, or "
          + "larger ones, are needed.")
    }
    var table = Table(
      "The fastest of \(grouped(fitting.count)) plans that fit",
      columns: [
        "tensor", "pipeline", "copies", "ZeRO", "recomputed", "microbatch", "GB", "waiting", "messages",
        "seconds",
        "MFU",
      ])
    // One line for each way to cut, with the best of what else can be chosen.
    var seen = Set<[Int]>()
    for one in fitting where seen.insert([one.plan.tensor, one.plan.pipeline]).inserted {
      let (plan, time) = (one.plan, one.time)
      let messages = time.tensor + time.stages + time.data
      table.add(
        "\(plan.tensor)", "\(plan.pipeline)", "\(plan.data)", "\(plan.zero)", plan.recomputation.rawValue,
        "\(plan.microbatch)", fixed(one.memory.total / 1e9, 1), percent(time.waiting / time.seconds),
        percent(messages / time.seconds), fixed(time.seconds, 2), percent(time.utilization(request.cluster)))
      if table.rows.count == 10 { break }
    }
    experiment.show(
      table,
      note:
        "For each tensor × pipeline the fastest choice of the rest; with tensor above 1 the sequence is cut too. A "
        + "device that computes reaches \(percent(request.efficiency, 0)) of its peak.")
    let best = fitting[0]
    print("The fastest, in full: \(summary(best.plan))\n")
    show(best, request, &experiment)
    experiment.metrics["best.tensor"] = Double(best.plan.tensor)
    experiment.metrics["best.pipeline"] = Double(best.plan.pipeline)
    try drawFit(request, &experiment)
  }

  private func summary(_ plan: ParallelPlan) -> String {
    "tensor \(plan.tensor), pipeline \(plan.pipeline), \(counted(plan.data, "copy", "copies")), ZeRO \(plan.zero), recomputation "
      + "\(plan.recomputation.rawValue), microbatch \(plan.microbatch)"
  }
}

private func counted(_ count: Int, _ one: String, _ several: String) -> String {
  "\(grouped(count)) \(count == 1 ? one : several)"
}
