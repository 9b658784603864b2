/// A whole training on the back of an envelope: parameters, tokens, devices, and how well they are used.
///
///     operations = 6 P D          2 forward and 4 back for each parameter and token
///                = 8 P D          where all is computed twice on the way forward
///     seconds    = operations / (n · peak · utilisation)
///     energy     = hours · watts · PUE
///
/// - Source: Narayanan and others, "Efficient large-scale language model training on GPU clusters using Megatron-LM",
///   2021, section 5.1 (the 8); Patterson and others, "Carbon emissions and large neural network training", 2021
///   (energy).
/// - Book: section 11.7.
public struct WholeRun: Sendable, Equatable {
  /// `P`
  public let parameters: Double
  /// `D`
  public let tokens: Double
  /// Whether activations are computed again on the way back.
  public let recomputes: Bool

  /// - Parameter recomputes: Whether the way forward is gone twice.
  public init(parameters: Double, tokens: Double, recomputes: Bool = false) {
    (self.parameters, self.tokens, self.recomputes) = (parameters, tokens, recomputes)
  }

  /// FLOP.
  public var operations: Double { (recomputes ? 8 : 6) * parameters * tokens }

  /// The hours of all devices together.
  ///
  /// - Parameter speed: FLOP a second that a device really does: its peak times the utilisation.
  public func deviceHours(speed: Double) -> Double { operations / speed / 3600 }

  /// Days, with `devices` that each do `speed` FLOP a second.
  public func days(devices: Int, speed: Double) -> Double { deviceHours(speed: speed) / Double(devices) / 24 }

  /// What share of `peak` was used by a run that took so many device hours: its model FLOP utilisation, MFU.
  ///
  /// - Source: the name is that of Chowdhery and others, "PaLM: scaling language modeling with Pathways", 2022.
  public func utilization(deviceHours: Double, peak: Double) -> Double {
    operations / (deviceHours * 3600 * peak)
  }
}

/// What a number of device hours draws from the grid.
///
/// - Source: Patterson and others, "Carbon emissions and large neural network training", 2021.
/// - Book: section 11.7.
public struct Energy: Sendable, Equatable {
  /// Megawatt-hours.
  public let megawattHours: Double

  /// - Parameters:
  ///   - deviceHours: Hours of all devices together.
  ///   - watts: Of one device, with its share of all that hangs on it.
  ///   - effectiveness: PUE, from 1.
  public init(deviceHours: Double, watts: Double, effectiveness: Double) {
    megawattHours = deviceHours * watts * effectiveness / 1e6
  }

  /// Tonnes of CO₂ and what equals it.
  ///
  /// - Parameter kilogramsPerKilowattHour: Of the grid.
  public func tonnes(kilogramsPerKilowattHour: Double) -> Double { megawattHours * kilogramsPerKilowattHour }
}
