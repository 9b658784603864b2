/// A device that computes: what its maker says of it, and what it draws.
public struct Device: Sendable, Equatable {
  /// As options name it: `a100-80`.
  public let name: String
  /// Bytes of memory.
  public let memory: Double
  /// FLOP a second, dense, with numbers of 16 bits.
  public let peak: Double
  /// Bytes a second that its memory gives.
  public let memoryBandwidth: Double
  /// Bytes a second to the other devices of its node, in one direction.
  public let nodeBandwidth: Double
  /// Bytes a second to devices of other nodes, its share of the node's network.
  public let networkBandwidth: Double
  /// Watts, with its share of host, fans and network where that was measured.
  public let watts: Double
  /// How many are in one node.
  public let perNode: Int

  /// A device of one's own. Bandwidths and memory are in bytes, `peak` in FLOP a second.
  public init(
    _ name: String, memory: Double, peak: Double, memoryBandwidth: Double, nodeBandwidth: Double,
    networkBandwidth: Double, watts: Double, perNode: Int = 8
  ) {
    (self.name, self.memory, self.peak, self.memoryBandwidth) = (name, memory, peak, memoryBandwidth)
    (self.nodeBandwidth, self.networkBandwidth) = (nodeBandwidth, networkBandwidth)
    (self.watts, self.perNode) = (watts, perNode)
  }

  /// - Source: NVIDIA, "NVIDIA V100 Tensor Core GPU", data sheet; 330 W is Patterson's measured mean for GPT-3's devices
  ///   with host, network and fans (Patterson and others, 2021, table 4).
  public static let v100 = Device(
    "v100", memory: 32e9, peak: 125e12, memoryBandwidth: 900e9, nodeBandwidth: 150e9,
    networkBandwidth: 12.5e9,
    watts: 330)
  /// - Source: NVIDIA, "NVIDIA A100 Tensor Core GPU", data sheet: the largest power of the device alone.
  public static let a100_40 = Device(
    "a100-40", memory: 40e9, peak: 312e12, memoryBandwidth: 1_555e9, nodeBandwidth: 300e9,
    networkBandwidth: 25e9, watts: 400)
  /// - Source: NVIDIA, "NVIDIA A100 Tensor Core GPU", data sheet; a network of 200 Gb/s for each device.
  public static let a100_80 = Device(
    "a100-80", memory: 80e9, peak: 312e12, memoryBandwidth: 2_039e9, nodeBandwidth: 300e9,
    networkBandwidth: 25e9, watts: 400)
  /// - Source: NVIDIA, "NVIDIA H100 Tensor Core GPU", data sheet, the form SXM; a network of 400 Gb/s for each device.
  public static let h100 = Device(
    "h100", memory: 80e9, peak: 989e12, memoryBandwidth: 3_350e9, nodeBandwidth: 450e9,
    networkBandwidth: 50e9,
    watts: 700)
  /// All that options can name.
  public static let all = [v100, a100_40, a100_80, h100]
}

/// Devices that train one model, and what their hours cost.
public struct Cluster: Sendable, Equatable {
  /// What it is made of.
  public var device: Device
  /// `n`, how many.
  public var devices: Int
  /// Power usage effectiveness: what the building draws over what the computers draw.
  public var effectiveness: Double
  /// Kilograms of CO₂ (with other gases by their effect) for a kilowatt-hour.
  public var carbon: Double
  /// The price of one device for an hour, in dollars.
  public var price: Double

  /// - Parameters:
  ///   - effectiveness: PUE; 1.1 is what Patterson and others report for large centres.
  ///   - carbon: kg a kWh; 0.429 is the mean of the grid where GPT-3 was trained, as Patterson and others take it.
  ///   - price: Dollars for a device and hour; 2 is a round figure, and nobody's offer.
  /// - Throws: `CannotPlan` without a device.
  public init(
    of device: Device, devices: Int, effectiveness: Double = 1.1, carbon: Double = 0.429, price: Double = 2
  ) throws(CannotPlan) {
    if devices < 1 { throw CannotPlan("a cluster needs at least one device, given \(devices)") }
    (self.device, self.devices) = (device, devices)
    (self.effectiveness, self.carbon, self.price) = (effectiveness, carbon, price)
  }
}

/// What makes a plan impossible, in words for the user.
public struct CannotPlan: Error, Equatable, CustomStringConvertible {
  /// What does not fit with what.
  public let description: String
  /// - Parameter description: What does not fit with what, as the program will print it.
  public init(_ description: String) { self.description = description }
}
