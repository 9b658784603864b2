/// The convolution that takes a gradient from the maps back to the images, where windows step by one: with the filters
/// turned round, and the filters' and the channels' parts exchanged.
///
///     dx[n, c, i, j] = Σ dy[n, o, i + p − a·d, j + p − b·d] · W[o, c, a, b]     p: padding, d: dilation
///
/// Its padding is what a window reaches beyond the image's edge at most, `d (k − 1) − p`.
struct TurnedConvolution {
  let g: ConvolutionGeometry
  /// `[C, O / groups, KH, KW]`
  let weight: Tensor

  /// Nil where the windows step further, or where their padding is more than they reach.
  init?(_ g: ConvolutionGeometry, _ weight: Tensor) {
    let padding = Size2d(
      g.dilation.height * (g.kernel.height - 1) - g.padding.height,
      g.dilation.width * (g.kernel.width - 1) - g.padding.width)
    if g.stride != Size2d(1, 1) || padding.height < 0 || padding.width < 0 { return nil }
    self.weight = Self.turned(weight, groups: g.groups)
    self.g = ConvolutionGeometry(
      input: g.outputShape, weight: self.weight.shape, padding: padding, dilation: g.dilation,
      groups: g.groups)
  }

  /// Filters `[O, C / groups, KH, KW]` turned round, with their parts and the channels' exchanged:
  /// `[C, O / groups, KH, KW]`.
  static func turned(_ weight: Tensor, groups: Int) -> Tensor {
    let taps = weight.shape[2] * weight.shape[3]
    return exchanged(weight, groups: groups, taps: (0..<taps).reversed())
      .reshaped([weight.shape[1] * groups, weight.shape[0] / groups] + weight.shape[2...])
  }

  /// The weights `taps` of each filter, in that order, with the filters' parts and the channels' exchanged:
  /// `[C, O / groups, taps.count]`. A tap below 0 is zero.
  static func exchanged(_ weight: Tensor, groups: Int, taps: [Int]) -> Tensor {
    let (outGroup, inGroup) = (weight.shape[0] / groups, weight.shape[1])
    let size = weight.shape[2] * weight.shape[3]
    var turned = Tensor(uninitialized: [groups * inGroup, outGroup, taps.count])
    weight.withPointer { w in
      turned.withMutablePointer { turned in
        let grain = 1 + (1 << 14) / max(1, outGroup * size)
        Parallel.forEachRange(of: groups * inGroup, grain: grain) { channels in
          for c in channels {
            for o in 0..<outGroup {
              let from = w + ((c / inGroup * outGroup + o) * inGroup + c % inGroup) * size
              let to = turned + (c * outGroup + o) * taps.count
              for (i, tap) in taps.enumerated() { to[i] = tap < 0 ? 0 : from[tap] }
            }
          }
        }
      }
    }
    return turned
  }
}
