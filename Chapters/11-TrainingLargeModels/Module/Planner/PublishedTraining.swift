import Chapter01BigAndSmall

/// A training whose parameters, tokens and device hours were published.
public struct PublishedTraining: Sendable {
  /// The model.
  public let name: String
  /// `P`
  public let parameters: Double
  /// `D`
  public let tokens: Double
  /// What it ran on.
  public let hardware: String
  /// FLOP a second of one device, dense, 16 bits.
  public let peak: Double
  /// Hours of all devices together.
  public let deviceHours: Double
  /// What is known of why its utilisation was what it was, where it lies far from 40 %.
  public let remark: String
  /// Where it was published.
  public let source: String

  /// The training by parameters and tokens alone.
  public var run: WholeRun { WholeRun(parameters: parameters, tokens: tokens) }
  /// The utilisation that its hours come to.
  public var utilization: Double { run.utilization(deviceHours: deviceHours, peak: peak) }
  /// Planned hours over real ones, for a planner that assumes a utilisation.
  public func planned(at utilization: Double) -> Double {
    run.deviceHours(speed: utilization * peak) / deviceHours
  }

  private init(
    _ name: String, _ parameters: Double, _ tokens: Double, _ hardware: String, _ peak: Double,
    _ hours: Double,
    _ remark: String = "", _ source: String
  ) {
    (self.name, self.parameters, self.tokens, self.hardware) = (name, parameters, tokens, hardware)
    (self.peak, deviceHours, self.remark, self.source) = (peak, hours, remark, source)
  }

  private static let (a100, h100, v3, v4) = (312e12, 989e12, 123e12, 275e12)
  private static let small = "a small model, on 32 devices: likely too little work for each"
  private static let wall = "all hours from the first day to the last, stops and restarts included"

  /// Trainings of dense models with known tokens.
  public static let all: [PublishedTraining] = [
    llama("7B", 6.7e9, 1e12, 82_432), llama("13B", 13e9, 1e12, 135_168),
    llama("33B", 32.5e9, 1.4e12, 530_432),
    llama("65B", 65.2e9, 1.4e12, 1_022_362),
    llama2("7B", 6.738e9, 184_320), llama2("13B", 13.016e9, 368_640), llama2("34B", 34e9, 1_038_336),
    llama2("70B", 68.977e9, 1_720_320),
    .init(
      "Llama 3.1 405B", 405.85e9, 15.6e12, "up to 16,384 H100", h100, 30.84e6,
      "while running 38 to 43 %, by its paper: the rest went into stops", "Dubey and others 2024"),
    .init("BLOOM", 176.247e9, 366e9, "384 A100", a100, 1_082_990, "", "Luccioni and others 2022"),
    .init(
      "PaLM", 540.35e9, 780e9, "up to 6,144 TPU v4", v4, 8_404_992, "46 % while running, by its paper",
      "Chowdhery and others 2022"),
    .init("Gopher", 280e9, 300e9, "4,096 TPU v3", v3, 3_768_320, "", "Rae and others 2021"),
    pythia("70M", 0.0704e9, 32, 510, small), pythia("410M", 0.405e9, 32, 2_540, small),
    pythia("1.4B", 1.415e9, 64, 7_120), pythia("6.9B", 6.857e9, 128, 33_500),
    pythia("12B", 11.84e9, 256, 72_300, "not said; the 6.9B on half as many devices reached 33 %"),
    .init("BloombergGPT", 50.6e9, 569e9, "512 A100, 40 GB", a100, 651_264, wall, "Wu and others 2023"),
    .init("StarCoderBase", 15.5e9, 1e12, "512 A100", a100, 320_256, "not said", "Li and others 2023"),
    .init("MPT-7B", 6.7e9, 1e12, "440 A100, 40 GB", a100, 100_320, wall, "MosaicML 2023"),
    .init("SmolLM3", 3.075e9, 11.2e12, "384 H100", h100, 221_184, wall, "Hugging Face 2025"),
  ]

  private static func llama(_ size: String, _ p: Double, _ d: Double, _ hours: Double) -> PublishedTraining {
    .init("LLaMA \(size)", p, d, "A100, 80 GB", a100, hours, "", "Touvron and others 2023")
  }

  private static func llama2(_ size: String, _ p: Double, _ hours: Double) -> PublishedTraining {
    .init("Llama 2 \(size)", p, 2e12, "A100, 80 GB", a100, hours, "", "Touvron and others 2023")
  }

  private static func pythia(
    _ size: String, _ p: Double, _ devices: Int, _ hours: Double, _ remark: String = ""
  ) -> PublishedTraining {
    .init(
      "Pythia \(size)", p, 299.9e9, "\(devices) A100, 40 GB", a100, hours, remark, "Biderman and others 2023")
  }
}

/// A training whose energy was worked out from power that was measured.
public struct PublishedEnergy: Sendable {
  /// The model.
  public let name: String
  /// Mean power of a device with its share of the rest.
  public let watts: Double
  /// PUE.
  public let effectiveness: Double
  /// How many.
  public let devices: Int
  /// What they ran on.
  public let hardware: String
  /// How long.
  public let days: Double
  /// What was published.
  public let megawattHours: Double

  /// What the planner makes of watts, devices and days.
  public var planned: Energy {
    Energy(deviceHours: Double(devices) * days * 24, watts: watts, effectiveness: effectiveness)
  }

  /// - Source: Patterson and others, "Carbon emissions and large neural network training", 2021, table 4.
  public static let all: [PublishedEnergy] = [
    .init("T5-11B", 310, 1.12, 512, "TPU v3", 20, 85.7), .init("Meena", 289, 1.09, 1_024, "TPU v3", 30, 232),
    .init("GShard-600B", 288, 1.09, 1_024, "TPU v3", 3.1, 24.1),
    .init("Switch Transformer", 245, 1.10, 1_024, "TPU v3", 27, 179),
    .init("GPT-3", 330, 1.10, 10_000, "V100", 14.8, 1_287),
  ]

  private init(
    _ name: String, _ watts: Double, _ effectiveness: Double, _ devices: Int, _ hardware: String,
    _ days: Double,
    _ megawattHours: Double
  ) {
    (self.name, self.watts, self.effectiveness, self.devices) = (name, watts, effectiveness, devices)
    (self.hardware, self.days, self.megawattHours) = (hardware, days, megawattHours)
  }
}

/// A step that was timed: Korthikanti's four models, with everything recomputed and with their own way.
public struct PublishedStep: Sendable {
  public let model: ModelDescription
  public let devices, tensor, pipeline, interleaved: Int
  /// Sequences of a step, and of a microbatch.
  public let batch, microbatch: Int
  /// Seconds of a step with full recomputation, and with selective recomputation and the sequence cut.
  public let fullSeconds, seconds: Double
  /// The utilisation that was published for the second.
  public let utilization: Double
  /// Parameters as published, in billions.
  public let billions: Double

  /// - Source: Korthikanti and others, "Reducing activation recomputation in large Transformer models", 2022, tables 3
  ///   and 5.
  public static let all: [PublishedStep] = [
    .init("22B", 48, 6_144, 64, 8, 1, 1, 4, 4, 1.42, 1.10, 0.415, 22),
    .init("175B", 96, 12_288, 96, 64, 8, 3, 64, 1, 18.13, 13.75, 0.514, 175),
    .init("530B", 105, 20_480, 128, 280, 35, 3, 280, 1, 49.05, 37.83, 0.560, 530),
    .init("1T", 128, 25_600, 160, 512, 64, 1, 512, 1, 94.42, 71.49, 0.563, 1_000),
  ]

  private init(
    _ name: String, _ layers: Int, _ width: Int, _ heads: Int, _ devices: Int, _ pipeline: Int,
    _ interleaved: Int, _ batch: Int, _ microbatch: Int, _ fullSeconds: Double, _ seconds: Double,
    _ utilization: Double, _ billions: Double
  ) {
    model = .gpt(
      "Megatron \(name)", year: 2022, vocabulary: 51_200, layers: layers, width: width, heads: heads,
      context: 2_048)
    (self.devices, tensor, self.pipeline, self.interleaved) = (devices, 8, pipeline, interleaved)
    (self.batch, self.microbatch) = (batch, microbatch)
    (self.fullSeconds, self.seconds) = (fullSeconds, seconds)
    (self.utilization, self.billions) = (utilization, billions)
  }
}
