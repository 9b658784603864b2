import Engine
import Foundation
import Testing

/// Numbers of 16 bits, and what keeps small gradients in them.
@Suite struct SixteenBitTests {
  #if !(os(macOS) && arch(x86_64))
    /// The processor's own rounding, on all 65,536 patterns, between each two neighbours, and on random floats.
    @Test func float16RoundsAsTheProcessorDoes() {
      var x: [Float] = []
      for bits in UInt16.min...UInt16.max where !Float16(bitPattern: bits).isNaN {
        let a = Float16(bitPattern: bits)
        let b = a.nextUp
        x.append(Float(a))
        if a.isFinite && b.isFinite {
          let middle = (Float(a) + Float(b)) / 2
          x += [middle, middle.nextUp, middle.nextDown]
        }
      }
      x += [65_519.996, 65_520, 65_536, 1e38, .infinity]
      var stream = RandomStream(seed: 9)
      x += (0..<100_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: stream.next())) }
        .filter { !$0.isNaN }
      for sign in [Float(1), -1] {
        let signed = x.map { $0 * sign }
        let rounded = Tensor(signed).roundedToFloat16().scalars
        let wrong = signed.indices.filter {
          rounded[$0].bitPattern != Float(Float16(signed[$0])).bitPattern
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3).map { signed[$0] })")
      }
      #expect(Tensor([.nan]).roundedToFloat16()[0].isNaN)
    }
  #endif

  /// What is below half of 2⁻²⁴ ≈ 6 · 10⁻⁸ is gone, and with a scale it is not.
  @Test func smallGradientsVanishWithoutAScale() {
    let gradients = Tensor([5.9e-8, 2.9e-8, 1e-9, -3e-10, 1e-4])
    #expect(gradients.roundedToFloat16().scalars.map { $0 == 0 } == [false, true, true, true, false])
    let scale: Float = 65_536
    let back = gradients.map { $0 * scale }.roundedToFloat16().map { $0 / scale }
    for (kept, exact) in zip(back.scalars, gradients.scalars) {
      #expect(abs(kept / exact - 1) < 0x1p-11)
    }
    // bfloat16 has float32's range.
    #expect(gradients.roundedToBFloat16().scalars.allSatisfy { $0 != 0 })
  }

  @Test func theScaleComesOutOfTheGradientsAgain() {
    let parameter = Parameter(Tensor([1, 2]))
    var scaler = LossScale(1_024)
    parameter.setGradient(Tensor([2_048, -512]))
    let isUsable = scaler.unscale([parameter])
    #expect(isUsable)
    #expect(parameter.gradient == Tensor([2, -0.5]))
    #expect(scaler.scale == 1_024 && scaler.skipped == 0)
  }

  @Test func theScaleHalvesAndDoubles() {
    let (good, bad) = (Tensor([1, 2]), Tensor([1, .infinity]))
    let parameters = [Parameter(Tensor([0, 0])), Parameter(Tensor([0, 0])), Parameter(Tensor([0]))]
    /// What becomes of the scale, step by step, and which steps can be used.
    func course(_ scaler: LossScale, _ gradients: [Tensor]) -> (scales: [Float], used: [Bool], skipped: Int) {
      var scaler = scaler
      var (scales, used) = ([Float](), [Bool]())
      for gradient in gradients {
        parameters[0].setGradient(good)
        parameters[1].setGradient(gradient)
        used.append(scaler.unscale(parameters))
        scales.append(scaler.scale)
      }
      return (scales, used, scaler.skipped)
    }
    // After a bad step counting begins anew.
    let dynamic = course(
      LossScale(8, growthInterval: 3), [good, good, bad, good, good, good, Tensor([.nan, 0]), good])
    #expect(dynamic.scales == [8, 8, 4, 4, 4, 8, 4, 4])
    #expect(dynamic.used == [true, true, false, true, true, true, false, true] && dynamic.skipped == 2)
    let fixed = course(LossScale(8, growthInterval: nil), [good, good, bad, good])
    #expect(fixed.scales == [8, 8, 8, 8] && fixed.skipped == 1)
  }

  @Test func aScaleIsAboveZero() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LossScale(0)
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self)
        .contains("LossScale: the scale must be above 0, given 0.0"))
    let interval = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LossScale(2, growthInterval: 0)
    }
    #expect(
      String(decoding: interval.standardErrorContent, as: UTF8.self)
        .contains("LossScale: the interval must be at least 1, given 0"))
  }
}
