import Chapter01BigAndSmall
import Chapter11TrainingLargeModels
import Engine
import Foundation
import Testing

/// The planner against every figure that others have published.
///
/// The figures stand here and not in the module, where both know them: a planner that agrees with itself proves nothing.
@Suite struct PlannerTests {
  static func gpt(
    _ layers: Int, _ width: Int, _ heads: Int, vocabulary: Int = 51_200, context: Int = 2_048
  ) -> ModelDescription {
    .gpt(
      "GPT", year: 2022, vocabulary: vocabulary, layers: layers, width: width, heads: heads, context: context)
  }

  static func isNear(_ value: Double, _ published: Double, _ share: Double) -> Bool {
    abs(value - published) <= share * published
  }

  // MARK: Memory

  /// Rajbhandari and others, SC 2020, figure 1 (7.5B); the others follow from its formulas.
  @Test func zeroSharesWhatItSays() {
    for (parameters, devices, published) in [
      (7.5e9, 64, [120, 31.4, 16.6, 1.9]), (128e9, 64, [2_048, 536, 284, 32]),
      (1e12, 1_024, [16_000, 4_012, 2_014, 15.6]),
    ] {
      for stage in 0...3 {
        let gigabytes = ZeROMemory(parameters: parameters, devices: devices, stage: stage).total / 1e9
        #expect(Self.isNear(gigabytes, published[stage], 0.015), "\(parameters) stage \(stage): \(gigabytes)")
      }
    }
  }

  @Test func zeroTrapsOnAStageThatIsNone() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ZeROMemory(parameters: 1, devices: 2, stage: 4)
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self)
        .contains("ZeROMemory: stages are 0 to 3, given 4"))
  }

  /// Korthikanti and others, 2022, table 2: the formulas, at sizes that all differ.
  @Test func activationsOfABlockFollowTheFormulas() throws {
    let (s, b, h, a) = (96.0, 3.0, 160.0, 20.0)
    let shape = try #require(
      TransformerShape(of: Self.gpt(7, 160, 20, vocabulary: 500, context: 96)))
    let one = ActivationBytes(of: shape, sequences: 3, hasDropout: true)
    let sbh = s * b * h
    for t in [1, 4] {
      let t_ = Double(t)
      #expect(
        Self.isNear(
          one.bytes(tensor: t, cutsSequence: false, recomputing: .none),
          sbh * (10 + 24 / t_ + 5 * a * s / (h * t_)), 1e-12))
      #expect(
        Self.isNear(
          one.bytes(tensor: t, cutsSequence: true, recomputing: .none),
          sbh * (34 + 5 * a * s / h) / t_, 1e-12))
      #expect(
        Self.isNear(
          one.bytes(tensor: t, cutsSequence: false, recomputing: .selective), sbh * (10 + 24 / t_), 1e-12))
    }
    #expect(one.bytes(tensor: 1, cutsSequence: false, recomputing: .full) == 2 * sbh)
  }

  /// The same for GPT-3's shape, in GiB; 2.87 GB a block.
  @Test func activationsOfGPT3() throws {
    let shape = try #require(TransformerShape(of: Self.gpt(96, 12_288, 96)))
    let one = ActivationBytes(of: shape, sequences: 1, hasDropout: true)
    func all(_ t: Int, _ cuts: Bool, _ recomputing: Recomputation) -> Double {
      96 * one.bytes(tensor: t, cutsSequence: cuts, recomputing: recomputing) / Double(1 << 30)
    }
    #expect(Self.isNear(all(1, false, .none), 256.5, 1e-3))
    #expect(Self.isNear(all(8, false, .none), 51.8, 1e-3))
    #expect(Self.isNear(all(8, true, .none), 32.1, 2e-3))
    #expect(Self.isNear(all(8, true, .selective), 9.6, 5e-3))
    #expect(Self.isNear(all(1, false, .full), 4.5, 1e-9))
    #expect(Self.isNear(one.bytes(tensor: 1, cutsSequence: false, recomputing: .none), 2.87e9, 2e-3))
  }

  /// The shares that the scores have, `5 a s / h`.
  @Test(arguments: [
    (48, 6_144, 64, 106.7), (96, 12_288, 96, 80), (105, 20_480, 128, 64), (128, 25_600, 160, 64),
  ])
  func scoresOverWidth(layers: Int, width: Int, heads: Int, published: Double) throws {
    let shape = try #require(TransformerShape(of: Self.gpt(layers, width, heads)))
    let one = ActivationBytes(of: shape, sequences: 1, hasDropout: true)
    #expect(Self.isNear(one.scores / (2_048 * Double(width)), published, 1e-3))
  }

  /// The first stage of a pipeline keeps activations of as many blocks as the model has, however many stages there are.
  @Test func aPipelineSavesNoActivationsInItsFirstStage() throws {
    let model = Self.gpt(96, 12_288, 96)
    let shape = try #require(TransformerShape(of: model))
    func memory(_ p: Int) throws -> PlannedMemory {
      let plan = try ParallelPlan(shape, devices: 8 * p, tensor: 8, pipeline: p, batch: 64)
      return PlannedMemory(model, shape, plan, hasDropout: true)
    }
    #expect(try Self.isNear(memory(1).activations, memory(12).activations, 1e-12))
    #expect(try memory(12).parameterCount < memory(1).parameterCount / 10)
  }

  // MARK: Time

  /// Korthikanti and others, 2022, table 5 and appendix A: operations, parameters, and the utilisation that the published
  /// seconds come to.
  @Test(arguments: [
    (0, 22.07e9, 0.4165, 1.10, 8.0, 0.415), (1, 174.6e9, 0.5139, 13.75, 64, 0.514),
    (2, 529.6e9, 0.5605, 37.83, 280, 0.560), (3, 1_008.0e9, 0.5627, 71.49, 512, 0.563),
  ])
  func stepsOfFourModels(
    place: Int, parameters: Double, utilization: Double, seconds: Double, devices: Double, published: Double
  ) throws {
    let step = PublishedStep.all[place]
    #expect(Self.isNear(Double(step.model.parameters), parameters, 1e-3))
    let operations = StepTime.modelOperations(step.model, batch: step.batch)
    #expect(Self.isNear(operations / (seconds * devices * 312e12), utilization, 1e-3))
    // The step's seconds from the published utilisation.
    #expect(Self.isNear(operations / (published * devices * 312e12), seconds, 0.01))
    #expect((step.seconds, Double(step.devices), step.utilization) == (seconds, devices, published))
    let shape = try #require(TransformerShape(of: step.model))
    let (l, h, b) = (Double(shape.layers), Double(shape.width), Double(step.batch))
    let formula = 72 * b * l * 2_048 * h * h * (1 + 2_048 / (6 * h) + 51_200 / (12 * h * l))
    #expect(Self.isNear(operations, formula, 1e-12))
  }

  /// What selective recomputation adds. Published are 2.7 % for 175B and 1.6 % for 530B, from a formula that adds as much as
  /// attention's products take forward and back, `s / (6 h)`; what is done once more is the way forward, a third of that.
  @Test(arguments: [(1, 0.027), (2, 0.016)]) func selectiveRecomputationCostsLittle(
    place: Int, published: Double
  ) throws {
    let step = PublishedStep.all[place]
    let shape = try #require(TransformerShape(of: step.model))
    let cluster = try Cluster(of: .a100_80, devices: step.devices)
    func operations(_ recomputation: Recomputation) throws -> Double {
      let plan = try ParallelPlan(
        shape, devices: step.devices, tensor: 8, pipeline: step.pipeline, recomputation: recomputation,
        batch: step.batch)
      return StepTime(step.model, shape, plan, on: cluster, efficiency: 0.6).operations
    }
    let none = try operations(.none)
    #expect(try abs(3 * (operations(.selective) / none - 1) - published) < 0.0006)
    // A whole way forward once more, but for the last product.
    #expect(try (0.3...1 / 3).contains(operations(.full) / none - 1))
  }

  /// Narayanan and others, 2021, section 5.1.
  @Test func megatronsDays() {
    let gpt3 = WholeRun(parameters: 175e9, tokens: 300e9, recomputes: true)
    #expect(abs(gpt3.days(devices: 1_024, speed: 140e12) - 33.9) < 0.05)
    let trillion = WholeRun(parameters: 1e12, tokens: 450e9, recomputes: true)
    #expect(abs(trillion.days(devices: 3_072, speed: 163e12) - 83.2) < 0.05)
    let counted = WholeRun(parameters: 1_008e9, tokens: 450e9, recomputes: true)
    #expect(abs(counted.days(devices: 3_072, speed: 163e12) - 83.9) < 0.05)
    // Its table of 175B: with ZeRO-3 and no model parallelism, and with tensor and pipeline.
    for (devices, zero, mixed) in [
      (384, (144.0, 90.0), (153.0, 84.0)), (768, (88, 74), (149, 43)), (1_536, (44, 74), (141, 23)),
    ] {
      for (teraflops, days) in [zero, mixed] {
        #expect(Self.isNear(gpt3.days(devices: devices, speed: teraflops * 1e12), days, 0.03), "\(devices)")
      }
    }
  }

  /// MT-NLG 530B, batch 1,920 × 2,048: seconds on 280, 350, 420 machines of eight.
  @Test(arguments: [(280, 60.1, 0.298), (350, 50.2, 0.285), (420, 44.4, 0.269)])
  func stepsOfMTNLG(machines: Int, seconds: Double, utilization: Double) {
    let step = WholeRun(parameters: 530e9, tokens: 1_920 * 2_048)
    let hours = seconds * Double(machines * 8) / 3600
    #expect(abs(step.utilization(deviceHours: hours, peak: 312e12) - utilization) < 0.001)
  }

  /// Brown and others, 2020, table D.1.
  @Test func gpt3ByTheRule() {
    #expect(Self.isNear(WholeRun(parameters: 174.6e9, tokens: 300e9).operations, 3.14e23, 0.005))
    let exact = Double(ModelDescription.gpt3.trainingOperations) * 300e9 / 2_048
    #expect((1.0...1.04).contains(exact / 3.14e23))
  }

  /// Hoffmann and others, 2022, table 3: parameters, tokens, FLOP. Tokens are rounded there.
  @Test(arguments: [
    (0.4e9, 8.0e9, 1.92e19, 0.01), (1e9, 20.2e9, 1.21e20, 0.01), (10e9, 205.1e9, 1.23e22, 0.01),
    (67e9, 1.5e12, 5.76e23, 0.05), (175e9, 3.7e12, 3.85e24, 0.01), (280e9, 5.9e12, 9.90e24, 0.01),
    (1e12, 21.2e12, 1.27e26, 0.01),
  ]) func chinchillasTable(parameters: Double, tokens: Double, operations: Double, share: Double) {
    #expect(Self.isNear(WholeRun(parameters: parameters, tokens: tokens).operations, operations, share))
  }

  // MARK: Whole runs

  /// The utilisation that published hours come to.
  static let utilizations: [String: Double] = [
    "LLaMA 7B": 0.43, "LLaMA 13B": 0.51, "LLaMA 33B": 0.46, "LLaMA 65B": 0.48, "Llama 2 7B": 0.39,
    "Llama 2 13B": 0.38, "Llama 2 34B": 0.35, "Llama 2 70B": 0.43, "Llama 3.1 405B": 0.346, "BLOOM": 0.318,
    "PaLM": 0.304, "Gopher": 0.302, "Pythia 70M": 0.22, "Pythia 410M": 0.26, "Pythia 1.4B": 0.32,
    "Pythia 6.9B": 0.33, "Pythia 12B": 0.26, "BloombergGPT": 0.236, "StarCoderBase": 0.259, "MPT-7B": 0.357,
    "SmolLM3": 0.262,
  ]

  @Test func twentyOneWholeRuns() throws {
    #expect(PublishedTraining.all.count == 21)
    for run in PublishedTraining.all {
      let published = try #require(Self.utilizations[run.name], "\(run.name)")
      #expect(abs(run.utilization - published) < 0.006, "\(run.name): \(run.utilization)")
    }
    // Planned at 40 %, fifteen are within a third; the others took longer, and each says why or that it does not.
    let missed = PublishedTraining.all.filter { abs($0.planned(at: 0.4) - 1) > 1.0 / 3 }
    #expect(
      missed.map(\.name) == [
        "Pythia 70M", "Pythia 410M", "Pythia 12B", "BloombergGPT", "StarCoderBase", "SmolLM3",
      ])
    #expect(missed.allSatisfy { $0.planned(at: 0.4) < 1 && !$0.remark.isEmpty })
    // Hours that are days times devices.
    #expect(WholeRun(parameters: 1, tokens: 1).deviceHours(speed: 6) * 3600 == 1)
    #expect(384 * 24 * 24 == 221_184 && 512 * 53 * 24 == 651_264)
  }

  /// Patterson and others, 2021, table 4; BLOOM's is hours × 400 W.
  @Test func energies() {
    for (published, energy) in zip([85.7, 232, 24.1, 179, 1_287], PublishedEnergy.all) {
      #expect(Self.isNear(energy.planned.megawattHours, published, 0.01), "\(energy.name)")
    }
    let gpt3 = PublishedEnergy.all[4].planned
    #expect(Self.isNear(gpt3.tonnes(kilogramsPerKilowattHour: 0.429), 552.1, 0.003))
    #expect(
      Self.isNear(
        WholeRun(parameters: 174.6e9, tokens: 300e9).days(devices: 10_000, speed: 24.6e12), 14.8, 0.002))
    #expect(
      Self.isNear(
        Energy(deviceHours: 1_082_990, watts: 400, effectiveness: 1).megawattHours, 433.196, 1e-6))
  }

  // MARK: What cannot be

  @Test func plansThatDoNotDivideSaySo() throws {
    let gpt3 = try #require(TransformerShape(of: .gpt3))
    func problem(
      devices: Int = 1_024, tensor: Int = 8, pipeline: Int = 16, interleaved: Int = 1, zero: Int = 1,
      cutsSequence: Bool = false, batch: Int = 1_536
    ) -> String? {
      do throws(CannotPlan) {
        _ = try ParallelPlan(
          gpt3, devices: devices, tensor: tensor, pipeline: pipeline, interleaved: interleaved, zero: zero,
          cutsSequence: cutsSequence, batch: batch)
        return nil
      } catch { return error.description }
    }
    #expect(problem() == nil)
    #expect(problem(devices: 0)?.contains("at least one device, given 0") == true)
    #expect(problem(devices: 1_000)?.contains("tensor 8 × pipeline 16 = 128 does not divide 1000") == true)
    #expect(
      problem(devices: 1_120, tensor: 5, pipeline: 16)?.contains("5 does not divide the model's 96 heads")
        == true)
    #expect(
      problem(devices: 1_120, tensor: 8, pipeline: 14)?.contains("14 does not divide the model's 96 blocks")
        == true)
    #expect(problem(batch: 1_500)?.contains("make it a multiple of 8") == true)
    #expect(problem(zero: 2)?.contains("use stage 0 or 1") == true)
    #expect(problem(zero: 4)?.contains("0 to 3") == true)
    #expect(problem(tensor: 1, cutsSequence: true)?.contains("needs tensor above 1") == true)
    #expect(problem(interleaved: 4)?.contains("pipeline 16 × interleaved 4 = 64 does not divide") == true)
    #expect(throws: CannotPlan.self) { try Cluster(of: .a100_80, devices: 0) }
    #expect(TransformerShape(of: .vgg16) == nil && TransformerShape(of: .t5Base) == nil)
  }

  /// A Llama's shape: fewer heads of keys, a gate, no masks.
  @Test func shapesAreReadOffDescriptions() throws {
    let shape = try #require(TransformerShape(of: .llama2_70B))
    #expect((shape.layers, shape.width, shape.heads, shape.keyHeads) == (80, 8_192, 64, 8))
    #expect((shape.hidden, shape.length, shape.vocabulary) == (28_672, 4_096, 32_000) && shape.isGated)
    let rest = ModelDescription.llama2_70B.parameters - 80 * shape.blockParameters
    #expect(rest == 2 * 32_000 * 8_192 + 8_192)
  }

  // MARK: Pipelines

  @Test func playedThroughAPipelineWaitsAsTheFormulaSays() {
    for order in PipelineSchedule.Order.allCases {
      for (p, m) in [(1, 3), (4, 8), (3, 7), (5, 2)] {
        let schedule = PipelineSchedule(stages: p, microbatches: m, order: order)
        #expect(abs(schedule.bubble - Double(p - 1) / Double(m)) < 1e-12, "\(p) \(m) \(order)")
        #expect(schedule.stages.allSatisfy { $0.count == 2 * m })
      }
    }
    // What they differ in is how much waits.
    let first = PipelineSchedule(stages: 4, microbatches: 8, order: .allForward)
    let second = PipelineSchedule(stages: 4, microbatches: 8, order: .oneForwardOneBack)
    #expect((0..<4).map(first.waiting) == [8, 8, 8, 8])
    #expect((0..<4).map(second.waiting) == [4, 3, 2, 1])
  }

  // MARK: The search

  @Test func theSearchFindsWhatFits() throws {
    let shape = try #require(TransformerShape(of: .gpt3))
    let few = try Cluster(of: .a100_80, devices: 8)
    let none = searchPlans(.gpt3, shape, on: few, batch: 1_536, hasDropout: true, efficiency: 0.6)
    #expect(none.fitting.isEmpty)
    #expect(try #require(none.smallest).memory.total > few.device.memory)
    let many = try Cluster(of: .a100_80, devices: 1_024)
    let found = searchPlans(.gpt3, shape, on: many, batch: 1_536, hasDropout: true, efficiency: 0.6)
    let best = try #require(found.fitting.first)
    #expect(found.fitting.allSatisfy { $0.memory.fits(many.device) })
    #expect(found.fitting.allSatisfy { $0.time.seconds >= best.time.seconds })
  }
}
