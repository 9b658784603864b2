import ExerciseKit
import Practice

public final class ZeROMemoryExercise: Exercise {
  public struct Answer: Sendable {
    var bytes: @Sendable (_ parameters: Int, _ devices: Int, _ stage: Int, _ remembered: Int) throws -> Double
    var devices:
      @Sendable (_ parameters: Int, _ stage: Int, _ remembered: Int, _ memory: Double) throws -> Int
  }

  public init() {}

  public let title = "How many devices"
  public let section = "11.3"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["bytesPerDevice", "devicesNeeded"]
  public let solution = Answer(
    bytes: { try bytesPerDevice(parameters: $0, devices: $1, stage: $2, remembered: $3) },
    devices: { try devicesNeeded(parameters: $0, stage: $1, remembered: $2, memory: $3) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      bytes: { try learner.call("bytesPerDevice", $0, $1, $2, $3) },
      devices: { try learner.call("devicesNeeded", $0, $1, $2, $3) })
  }

  public let hints = [
    "In every stage the bytes are two parts: one that each device keeps whole, and one that is divided by N. Write both down for "
      + "each stage; the second function is the first one solved for N.",
    "whole = P·(8 + 4K), 4P, 2P or 0; divided = P·(8 + 4K) − whole; bytes = whole + divided/N. So N ≥ divided/(M − whole), rounded "
      + "up, as long as M > whole; N = 1 where everything fits into one.",
    """
    let optimizer = 4 + 4 * Double(remembered)
    switch stage {
    case 0: return psi * (4 + optimizer)
    case 1: return psi * (4 + …)
    case 2: return psi * (2 + …)
    default: return …
    }

    if whole + divided <= memory { return 1 }
    if divided == 0 || whole >= memory { return 0 }
    return Int((divided / …).rounded(.up))
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "a thousand parameters on four devices", points: 1) { answer, trial in
      for stage in 0...3 { try expectBytes(1_000, 4, stage, 2, of: answer, trial) }
    },
    Check(.byHand, "the figures that ZeRO's authors print, in GB", points: 1) { answer, trial in
      // 7.5 billion parameters on 64 devices: 120, 31.4, 16.6 and 1.9 GB.
      for stage in 0...3 { try expectBytes(7_500_000_000, 64, stage, 2, of: answer, trial) }
    },
    Check(.byHand, "how many devices a thousand parameters need", points: 1) { answer, trial in
      for (stage, memory) in [
        (1, 7_000.0), (1, 4_000), (1, 16_000), (2, 5_500), (3, 4_100), (0, 15_999), (0, 16_000),
      ] {
        try expectDevices(1_000, stage, 2, memory, of: answer, trial)
      }
    },
    Check(.property, "other optimisers and other sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1_161)
      for _ in 0..<24 {
        try expectBytes(
          inputs.integer(1...5_000) * 1_000, inputs.integer(1...100), inputs.integer(0...3),
          inputs.integer(0...3), of: answer, trial)
      }
    },
    Check(.property, "devices for other memories", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1_162)
      for _ in 0..<24 {
        let (parameters, remembered) = (inputs.integer(1...5_000) * 8, inputs.integer(0...3))
        // Whole multiples, so that filling a memory to its end occurs too.
        let memory = Double(parameters) * Double(inputs.integer(1...80)) / 4
        try expectDevices(parameters, inputs.integer(0...3), remembered, memory, of: answer, trial)
      }
      for stage in 1...3 {
        for devices in [2, 3, 5, 8] {
          let memory = right.bytes(48_000, devices, stage, 1)
          if memory == memory.rounded() { try expectDevices(48_000, stage, 1, memory, of: answer, trial) }
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "without the weights in 32 bits", advice: "You count no weights in 32 bits: 4 bytes of the optimiser's."
    ) { $0.master = 0 },
    wrong(
      "always Adam", advice: "You count 12 bytes for the optimiser, whatever it remembers. They are 4 + 4·K."
    ) { $0.remembered = { _ in 2 } },
    wrong(
      "stage 1 divides the gradients too", advice: "Your stage 1 divides gradients: that is stage 2."
    ) { $0.whole[1] = 2 },
    wrong(
      "stage 2 keeps the gradients whole",
      advice: "Your stage 2 does not divide the gradients: that is stage 1."
    ) { $0.whole[2] = 4 },
    wrong(
      "stage 3 keeps the weights whole",
      advice: "Your stage 3 keeps the weights in 16 bits whole on each device. Everything is divided there."
    ) { $0.whole[3] = 2 },
    wrong(
      "stage 0 is divided",
      advice: "Your stage 0 divides: it is plain data parallelism, with everything on each device."
    ) { $0.whole[0] = 4 },
    wrong(
      "devices are rounded down",
      advice: "You round the number of devices down: the last bytes have no place. Round up."
    ) { $0.rounding = .down },
    wrong(
      "to the nearest number", advice: "You round to the nearest number of devices. Round up."
    ) { $0.rounding = .toNearestOrAwayFromZero },
    wrong(
      "one device too many",
      advice: "Where a number of devices fits exactly you take one more. Just filling the memory is allowed."
    ) { $0.isStrict = true },
    wrong(
      "everything by the memory",
      advice: "You divide all bytes by the memory. What is not divided is on every device: take it off first."
    ) { $0.ignoresWhole = true },
    wrong(
      "never 0",
      advice: "You give a number where none is enough: what each device keeps whole fills the memory already."
    ) { $0.givesUp = false },
  ]
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Memory) -> Void)
  -> Mistake<ZeROMemoryExercise.Answer>
{
  @Sendable func changed() -> Memory {
    var memory = Memory()
    change(&memory)
    return memory
  }
  return Mistake(
    name, advice: advice,
    answer: .init(bytes: { changed().bytes($0, $1, $2, $3) }, devices: { changed().devices($0, $1, $2, $3) }))
}

private let right = Memory()

/// Right unless changed.
private struct Memory: Sendable {
  var master = 4.0
  var remembered: @Sendable (Int) -> Int = { $0 }
  /// Bytes of a parameter that each device keeps, by stage; nil for all.
  var whole: [Double?] = [nil, 4, 2, 0]
  var rounding = FloatingPointRoundingRule.up
  var isStrict = false
  var ignoresWhole = false
  var givesUp = true

  private func parts(_ parameters: Int, _ stage: Int, _ numbers: Int) -> (whole: Double, divided: Double) {
    let all = 4 + master + 4 * Double(remembered(numbers))
    let whole = whole[stage] ?? all
    return (Double(parameters) * whole, Double(parameters) * (all - whole))
  }

  func bytes(_ parameters: Int, _ devices: Int, _ stage: Int, _ numbers: Int) -> Double {
    let (whole, divided) = parts(parameters, stage, numbers)
    return whole + divided / Double(devices)
  }

  func devices(_ parameters: Int, _ stage: Int, _ numbers: Int, _ memory: Double) -> Int {
    let (whole, divided) = parts(parameters, stage, numbers)
    if isStrict ? whole + divided < memory : whole + divided <= memory { return 1 }
    if divided == 0 { return givesUp ? 0 : 1 }
    if ignoresWhole { return max(1, Int(((whole + divided) / memory).rounded(rounding))) }
    if whole >= memory { return givesUp ? 0 : max(1, Int((divided / memory).rounded(.up))) }
    let exact = divided / (memory - whole)
    return max(1, Int(exact.rounded(rounding)) + (isStrict && exact == exact.rounded() ? 1 : 0))
  }

  func words(_ parameters: Int, _ stage: Int, _ numbers: Int) -> String {
    let (whole, divided) = parts(parameters, stage, numbers)
    return "\(whole.shortText) bytes are whole on each device, \(divided.shortText) divided"
  }
}

private func expectBytes(
  _ parameters: Int, _ devices: Int, _ stage: Int, _ remembered: Int, of answer: ZeROMemoryExercise.Answer,
  _ trial: Trial
) throws {
  // In millions where they are many: differences are looked at beside 1.
  trial.expect(
    try answer.bytes(parameters, devices, stage, remembered),
    equals: right.bytes(parameters, devices, stage, remembered),
    "bytesPerDevice(parameters: \(parameters), devices: \(devices), stage: \(stage), remembered: \(remembered))",
    tolerance: 1e-9,
    by: { _ in right.words(parameters, stage, remembered) })
}

private func expectDevices(
  _ parameters: Int, _ stage: Int, _ remembered: Int, _ memory: Double, of answer: ZeROMemoryExercise.Answer,
  _ trial: Trial
) throws {
  trial.expect(
    try answer.devices(parameters, stage, remembered, memory),
    equals: right.devices(parameters, stage, remembered, memory),
    "devicesNeeded(parameters: \(parameters), stage: \(stage), remembered: \(remembered), memory: \(memory.shortText))",
    by: { _ in right.words(parameters, stage, remembered) })
}
