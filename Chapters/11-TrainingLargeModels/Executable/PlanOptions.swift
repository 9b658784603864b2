import ArgumentParser
import Chapter01BigAndSmall
import Chapter11TrainingLargeModels
import Engine
import Workbench

/// What a plan is made for: model, cluster, and how the one is cut for the other.
struct PlanOptions: ParsableArguments {
  @Option(help: "A model: \(PlannedModel.all.map(\.name).joined(separator: ", ")).")
  var model: String?

  @Option(parsing: .unconditional, help: "A GPT of one's own: its blocks (with --width and --heads).")
  var layers: Int?

  @Option(parsing: .unconditional, help: "Its width.")
  var width: Int?

  @Option(parsing: .unconditional, help: "Its heads.")
  var heads: Int?

  @Option(parsing: .unconditional, help: "Its context, in tokens (default: 2,048).")
  var context: Int?

  @Option(parsing: .unconditional, help: "Its vocabulary (default: 51,200).")
  var vocabulary: Int?

  @Option(parsing: .unconditional, help: "How many devices there are (default: 1,024).")
  var devices: Int?

  @Option(help: "A device: \(Device.all.map(\.name).joined(separator: ", ")) (default: a100-80).")
  var device: String?

  @Option(parsing: .unconditional, help: "Its memory in GB, where it is another's.")
  var memory: Double?

  @Option(parsing: .unconditional, help: "Its peak in TFLOP/s with 16 bits.")
  var peak: Double?

  @Option(parsing: .unconditional, help: "GB/s to the devices of its node, in one direction.")
  var nodeBandwidth: Double?

  @Option(parsing: .unconditional, help: "GB/s to devices of other nodes.")
  var networkBandwidth: Double?

  @Option(parsing: .unconditional, help: "Watts of a device, with its share of host and network.")
  var watts: Double?

  @Option(
    parsing: .unconditional, help: "What the building draws over what its computers draw (default: 1.1).")
  var pue: Double?

  @Option(parsing: .unconditional, help: "kg of CO2 a kWh (default: 0.429).")
  var carbon: Double?

  @Option(parsing: .unconditional, help: "Dollars for a device and hour (default: 2, a round figure).")
  var price: Double?

  @Option(parsing: .unconditional, help: "Devices that share each block.")
  var tensor: Int?

  @Option(parsing: .unconditional, help: "Stages that share the row of blocks.")
  var pipeline: Int?

  @Option(parsing: .unconditional, help: "Pieces of the row in each stage (default: 1).")
  var interleaved: Int?

  @Option(parsing: .unconditional, help: "What copies share: ZeRO's stage, 0 to 3 (default: 1).")
  var zero: Int?

  @Flag(help: "Cut along the sequence what tensor parallelism leaves whole.")
  var sequenceParallel = false

  @Option(help: "What is computed again: none, selective or full (default: selective).")
  var recompute: Recomputation?

  @Option(parsing: .unconditional, help: "Sequences of a step (default: 1,536).")
  var batch: Int?

  @Option(parsing: .unconditional, help: "Sequences that go through at once (default: 1).")
  var microbatch: Int?

  @Option(parsing: .unconditional, help: "Tokens of the whole training (default: 20 for each parameter).")
  var tokens: Double?

  @Option(
    parsing: .unconditional,
    help: "The share of its peak that a device reaches while it computes (default: 0.6).")
  var efficiency: Double?

  @Option(
    parsing: .unconditional,
    help: "The utilisation to plan with, waiting and messages included, instead of working them out.")
  var utilization: Double?

  /// Whether anything was asked for.
  var isAsked: Bool {
    [model, device].contains { $0 != nil } || sequenceParallel || recompute != nil
      || [
        layers, width, heads, context, vocabulary, devices, tensor, pipeline, interleaved, zero, batch,
        microbatch,
      ].contains { $0 != nil }
      || [
        memory, peak, nodeBandwidth, networkBandwidth, watts, pue, carbon, price, tokens, efficiency,
        utilization,
      ].contains { $0 != nil }
  }

  func validate() throws {
    for (name, value) in [
      ("memory", memory), ("peak", peak), ("node-bandwidth", nodeBandwidth),
      ("network-bandwidth", networkBandwidth), ("watts", watts), ("tokens", tokens),
    ] {
      if let value, !(value > 0 && value.isFinite) {
        throw ValidationError("--\(name) must be a number above 0, given \(value)")
      }
    }
    for (name, value) in [("efficiency", efficiency), ("utilization", utilization)] {
      if let value, !(value > 0 && value <= 1) {
        throw ValidationError("--\(name) is a share: above 0, up to 1, given \(value)")
      }
    }
    if let pue, !(pue >= 1 && pue.isFinite) { throw ValidationError("--pue is at least 1, given \(pue)") }
    for (name, value) in [("carbon", carbon), ("price", price)] {
      if let value, !(value >= 0 && value.isFinite) {
        throw ValidationError("--\(name) must not be negative, given \(value)")
      }
    }
    if let devices, devices < 1 {
      throw ValidationError("--devices: a cluster needs at least one device, given \(devices)")
    }
    for (name, value) in [
      ("layers", layers), ("width", width), ("heads", heads), ("context", context),
      ("vocabulary", vocabulary),
      ("devices", devices), ("tensor", tensor), ("pipeline", pipeline), ("interleaved", interleaved),
      ("batch", batch), ("microbatch", microbatch),
    ] {
      try checkOption("--\(name)", value, in: 1...10_000_000)
    }
    do throws(CannotPlan) { _ = try request() } catch { throw ValidationError(error.description) }
  }

  /// What was asked for, complete.
  struct Request {
    let model: PlannedModel
    let shape: TransformerShape
    let cluster: Cluster
    /// Nil where neither tensor nor pipeline was given: then all ways are tried.
    let plan: ParallelPlan?
    let batch: Int
    let tokens: Double
    let efficiency: Double
  }

  func request() throws(CannotPlan) -> Request {
    let model = try plannedModel()
    guard let shape = TransformerShape(of: model.description) else {
      throw CannotPlan("\(model.name) is no row of equal blocks with attention")
    }
    let cluster = try cluster()
    let batch = batch ?? 1_536
    let tokens = tokens ?? 20 * Double(model.description.parameters)
    let isWhole = tensor != nil || pipeline != nil || cluster.devices == 1
    let plan =
      isWhole
      ? try ParallelPlan(
        shape, devices: cluster.devices, tensor: tensor ?? 1, pipeline: pipeline ?? 1,
        interleaved: interleaved ?? 1, zero: zero ?? 1, cutsSequence: sequenceParallel,
        recomputation: recompute ?? .selective, batch: batch, microbatch: microbatch ?? 1) : nil
    if plan == nil {
      for (name, isGiven) in [
        ("interleaved", interleaved != nil), ("zero", zero != nil), ("sequence-parallel", sequenceParallel),
        ("recompute", recompute != nil), ("microbatch", microbatch != nil),
      ] where isGiven {
        throw CannotPlan(
          "--\(name) belongs to a plan: give --tensor or --pipeline too, or leave it away and see all plans")
      }
    }
    return Request(
      model: model, shape: shape, cluster: cluster, plan: plan, batch: batch, tokens: tokens,
      efficiency: efficiency ?? 0.6)
  }

  private func plannedModel() throws(CannotPlan) -> PlannedModel {
    guard layers != nil || width != nil || heads != nil || context != nil || vocabulary != nil else {
      return try .named(model ?? "gpt-3")
    }
    if let model { throw CannotPlan("--model \(model) has its sizes: give a name or sizes, not both") }
    guard let layers, let width, let heads else {
      throw CannotPlan("a GPT of one's own needs --layers, --width and --heads")
    }
    let (l, h, s) = (Double(layers), Double(width), Double(context ?? 2_048))
    if 12 * (2 * l * h * s * (6 * h + s) + s * h * Double(vocabulary ?? 51_200)) > 1e18 {
      throw CannotPlan(
        "a sequence of \(grouped(s)) tokens through this model is more than 10¹⁸ operations to count")
    }
    if width % heads != 0 { throw CannotPlan("\(heads) heads do not share a width of \(width) evenly") }
    return PlannedModel(
      "a GPT of \(layers) blocks",
      .gpt(
        "GPT", year: 2026, vocabulary: vocabulary ?? 51_200, layers: layers, width: width, heads: heads,
        context: context ?? 2_048))
  }

  private func cluster() throws(CannotPlan) -> Cluster {
    let named = try Device.named(device ?? "a100-80")
    let own = Device(
      named.name, memory: memory.map { $0 * 1e9 } ?? named.memory, peak: peak.map { $0 * 1e12 } ?? named.peak,
      memoryBandwidth: named.memoryBandwidth,
      nodeBandwidth: nodeBandwidth.map { $0 * 1e9 } ?? named.nodeBandwidth,
      networkBandwidth: networkBandwidth.map { $0 * 1e9 } ?? named.networkBandwidth,
      watts: watts ?? named.watts, perNode: named.perNode)
    return try Cluster(
      of: own, devices: devices ?? 1_024, effectiveness: pue ?? 1.1, carbon: carbon ?? 0.429,
      price: price ?? 2)
  }
}

extension Recomputation: ExpressibleByArgument {}
