import Chapter01BigAndSmall
import Chapter11TrainingLargeModels
import Engine
import Workbench

extension Plan {
  /// The planner beside what others have published.
  func showPublished(_ experiment: inout Experiment) throws {
    showZeRO(&experiment)
    showActivations(&experiment)
    try showSteps(&experiment)
    showRuns(&experiment)
    showEnergies(&experiment)
  }

  private func showZeRO(_ experiment: inout Experiment) {
    var table = Table(
      "What ZeRO leaves on each device, in GB",
      columns: ["parameters", "devices", "stage 0", "stage 1", "stage 2", "stage 3"])
    for (name, key, parameters, devices) in [
      ("7.5 billion", "7b", 7.5e9, 64), ("128 billion", "128b", 128e9, 64),
      ("1,000 billion", "1t", 1e12, 1_024),
    ] {
      let stages = (0...3).map {
        ZeROMemory(parameters: parameters, devices: devices, stage: $0).total / 1e9
      }
      table.add([name, grouped(devices)] + stages.map { $0 >= 100 ? grouped($0) : fixed($0, 1) })
      for (stage, value) in stages.enumerated() { experiment.metrics["zero.\(key)_stage\(stage)"] = value }
    }
    experiment.show(
      table, note: "Parameters, gradients and optimiser, 16 bytes a parameter; activations come on top.")
  }

  private func showActivations(_ experiment: inout Experiment) {
    let shape = TransformerShape(of: .gpt3)!
    let one = ActivationBytes(of: shape, sequences: 1, hasDropout: true)
    var table = Table(
      "What the 96 blocks of GPT-3 keep of one sequence, on each device",
      columns: [
        "devices a block", "sequence cut", "computed again", "GiB", "bytes a token and number of width",
      ])
    let rows: [(Int, Bool, Recomputation, String)] = [
      (1, false, .none, "none"), (8, false, .none, "tensor"), (8, true, .none, "sequence"),
      (8, true, .selective, "selective"), (1, false, .full, "full"),
    ]
    for (tensor, cuts, recomputing, key) in rows {
      let bytes = one.bytes(tensor: tensor, cutsSequence: cuts, recomputing: recomputing)
      let all = 96 * bytes / Double(1 << 30)
      table.add(
        "\(tensor)", cuts ? "yes" : "no", recomputing.rawValue, fixed(all, 1),
        fixed(bytes / Double(shape.length * shape.width), 1))
      experiment.metrics["activations.\(key)_gib"] = all
    }
    experiment.show(table)
  }

  private func showSteps(_ experiment: inout Experiment) throws {
    var table = Table(
      "Four timed steps on A100s",
      columns: [
        "model", "devices", "published s", "at the published MFU", "MFU from the seconds", "published MFU",
        "worked out s", "over published",
      ])
    for (step, key) in zip(PublishedStep.all, ["22b", "175b", "530b", "1t"]) {
      let shape = TransformerShape(of: step.model)!
      let cluster = try Cluster(of: .a100_80, devices: step.devices)
      let plan = try ParallelPlan(
        shape, devices: step.devices, tensor: step.tensor, pipeline: step.pipeline,
        interleaved: step.interleaved,
        cutsSequence: true, recomputation: .selective, batch: step.batch, microbatch: step.microbatch)
      let time = StepTime(step.model, shape, plan, on: cluster, efficiency: 0.6)
      let speed = Double(step.devices) * cluster.device.peak
      let utilization = time.modelOperations / (step.seconds * speed)
      let published = time.modelOperations / (step.utilization * speed)
      table.add(
        step.model.name, "\(step.devices)", fixed(step.seconds, 2), fixed(published, 2),
        percent(utilization, 2), percent(step.utilization), fixed(time.seconds, 2),
        fixed(time.seconds / step.seconds, 2))
      experiment.metrics["step.\(key)_mfu"] = utilization
      experiment.metrics["step.\(key)_at_mfu"] = published / step.seconds
      experiment.metrics["step.\(key)_worked_out"] = time.seconds / step.seconds
    }
    experiment.show(
      table,
      note:
        "Worked out: part by part, with kernels at 60 % of the peak for all four, nothing fitted to any of them."
    )
  }

  private func showRuns(_ experiment: inout Experiment) {
    var table = Table(
      "Whole trainings, planned at 40 % of the peak",
      columns: [
        "model", "on", "device hours", "planned", "over real", "MFU", "what is known", "published by",
      ])
    var near = 0
    for run in PublishedTraining.all {
      let ratio = run.planned(at: 0.4)
      if abs(ratio - 1) <= 1.0 / 3 { near += 1 }
      table.add(
        run.name, run.hardware, grouped(run.deviceHours), grouped(ratio * run.deviceHours), fixed(ratio, 2),
        percent(run.utilization), run.remark, run.source)
    }
    experiment.metrics["runs"] = Double(PublishedTraining.all.count)
    experiment.metrics["runs_within_a_third"] = Double(near)
    experiment.show(
      table,
      note:
        "\(near) of \(PublishedTraining.all.count) planned to within a third. The others took longer than planned: small "
        + "models, and hours that count every stop.")
  }

  private func showEnergies(_ experiment: inout Experiment) {
    var table = Table(
      "Energy, from measured power",
      columns: [
        "model", "devices", "on", "days", "W", "PUE", "planned MWh", "published MWh", "over published",
      ])
    var worst = 0.0
    for one in PublishedEnergy.all {
      let ratio = one.planned.megawattHours / one.megawattHours
      worst = max(worst, abs(ratio - 1))
      table.add(
        one.name, grouped(one.devices), one.hardware, readable(one.days), readable(one.watts),
        fixed(one.effectiveness, 2), fixed(one.planned.megawattHours, 1),
        readable(one.megawattHours, digits: 4),
        fixed(ratio, 3))
    }
    experiment.metrics["energy_worst"] = worst
    experiment.metrics["gpt_3_mwh"] = PublishedEnergy.all[4].planned.megawattHours
    experiment.metrics["gpt_3_tonnes"] = PublishedEnergy.all[4].planned.tonnes(
      kilogramsPerKilowattHour: 0.429)
    experiment.show(
      table,
      note:
        "Patterson and others, 2021, table 4: mean power with host, network and fans. Days are rounded there."
    )
  }
}
