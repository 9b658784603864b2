import Foundation
import Testing

@testable import Tensors

/// Which way a convolution goes, where that was measured.
@Suite struct ConvolutionMethodTests {
  private func sameSize(_ batch: Int, _ channels: Int, _ size: Int, groups: Int = 1) -> ConvolutionGeometry {
    ConvolutionGeometry(
      input: [batch, channels, size, size], weight: [channels, channels / groups, 3, 3],
      padding: Size2d(1, 1),
      groups: groups)
  }

  private var isIntelWithAVX512: Bool {
    ProcessorKernels.products == "AVX-512"
      && (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains("GenuineIntel") == true
  }

  @Test func forwardByItself() {
    let wide = sameSize(2, 64, 224)
    #expect(ConvolutionMethod.plain(wide, isForward: false) == .transforms)
    #expect(ConvolutionMethod.plain(wide, isForward: true) == (isIntelWithAVX512 ? .winograd : .transforms))
    #expect(ConvolutionMethod.plain(sameSize(2, 48, 224), isForward: true) == .transforms)
    let first = ConvolutionGeometry(input: [2, 3, 224, 224], weight: [64, 3, 3, 3], padding: Size2d(1, 1))
    if ProcessorKernels.products == "AVX-512" {
      #expect(ConvolutionMethod.plain(first, isForward: false) == .direct)
      #expect(ConvolutionMethod.plain(first, isForward: true) == (isIntelWithAVX512 ? .windows : .direct))
    }
  }

  /// With steps of two, many channels and maps that tiles of 3 × 3 fill: what was measured both ways on a Zen 4.
  @Test(arguments: [
    (3, 128, 256, 28, 8, true), (3, 64, 128, 56, 4, true), (3, 128, 128, 14, 16, false),
    (3, 512, 512, 7, 8, false),
    (3, 16, 32, 32, 32, false), (4, 32, 64, 28, 16, true), (4, 128, 128, 14, 16, true),
    (4, 512, 512, 7, 8, false),
    (4, 16, 32, 32, 32, false),
  ]) func stepsOfTwo(
    _ kernel: Int, _ channels: Int, _ filters: Int, _ size: Int, _ batch: Int, _ isByWinograd: Bool
  ) {
    let g = ConvolutionGeometry(
      input: [batch, channels, size, size], weight: [filters, channels, kernel, kernel], stride: Size2d(2, 2),
      padding: Size2d(1, 1))
    for isForward in [true, false] {
      #expect(ConvolutionMethod.plain(g, isForward: isForward) == (isByWinograd ? .winograd : .windows))
    }
  }

  /// Forward, further steps go by phases where that was the faster way on a Zen 4, and never backward.
  @Test(arguments: [
    (11, 4, 2, 3, 64, 224, 8, true), (11, 4, 0, 3, 96, 227, 8, true), (11, 4, 2, 3, 64, 224, 1, true),
    (6, 2, 2, 32, 64, 56, 8, true), (5, 2, 2, 32, 64, 56, 8, true), (5, 2, 2, 128, 256, 14, 8, false),
    (9, 4, 4, 3, 64, 224, 8, false), (11, 4, 2, 3, 16, 224, 8, false), (5, 2, 2, 3, 32, 112, 8, false),
    (8, 4, 0, 4, 16, 84, 32, false), (7, 2, 3, 3, 64, 112, 8, false), (1, 2, 0, 128, 256, 28, 16, false),
  ]) func phases(
    _ kernel: Int, _ stride: Int, _ padding: Int, _ channels: Int, _ filters: Int, _ size: Int, _ batch: Int,
    _ isByPhases: Bool
  ) {
    let g = ConvolutionGeometry(
      input: [batch, channels, size, size], weight: [filters, channels, kernel, kernel],
      stride: Size2d(stride, stride), padding: Size2d(padding, padding))
    #expect(ConvolutionMethod.plain(g, isForward: true) == (isByPhases ? .phases : .windows))
    #expect(ConvolutionMethod.plain(g, isForward: false) == .windows)
  }

  /// Windows of 2 × 2 go by Winograd's products where there are many of them and of channels.
  @Test(arguments: [(32, 32, 28, true), (64, 64, 112, true), (16, 16, 56, false), (64, 128, 6, false)])
  func smallWindows(_ channels: Int, _ filters: Int, _ size: Int, _ isByWinograd: Bool) {
    let g = ConvolutionGeometry(
      input: [8, channels, size, size], weight: [filters, channels, 2, 2])
    #expect((ConvolutionMethod.plain(g, isForward: true) == .winograd) == isByWinograd)
  }

  /// Few channels in a group leave the filters' gradient to windows, whatever makes the rest.
  @Test(arguments: [(4, true), (2, false)]) func gradientOfFewChannels(_ groups: Int, _ isByWindows: Bool) {
    let g = sameSize(2, 128, 14, groups: groups)
    #expect(ConvolutionMethod.plain(g, isForward: false) == .winograd)
    let (x, w, dy) = (random(g.inputShape, 1), random(g.weightShape, 2), random(g.outputShape, 3))
    func dw() -> [UInt32] {
      convolveBackward(g, dy: dy, x: x, weight: w, needsInput: false, needsWeight: true, needsBias: false)
        .dw!.scalars.map(\.bitPattern)
    }
    let (chosen, windows) = (dw(), ConvolutionMethod.$forced.withValue(.windows) { dw() })
    #expect(zip(chosen, windows).allSatisfy { $0 == $1 } == isByWindows)
  }
}
