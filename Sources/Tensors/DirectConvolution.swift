internal import CKernels

/// The convolution by its definition, for stride 1 and few input channels: a network's first layer; or few in each group
/// of channels, down to one, which is called a depthwise convolution.
struct DirectConvolution {
  let g: ConvolutionGeometry
  private var inGroup: Int { g.inChannels / g.groups }
  private var outGroup: Int { g.outChannels / g.groups }
  private var inPlane: Int { inGroup * g.height * g.width }

  /// Room for an image with its padding, a row more for the last pair of rows, and rows of whole vectors.
  private var paddedHeight: Int { g.height + 2 * g.padding.height + 1 }
  private var paddedWidth: Int { (g.outputWidth + 15) / 16 * 16 + g.kernel.width - 1 }

  private var kernel: CKDirect {
    CKDirect(
      channels: inGroup, paddedHeight: paddedHeight, paddedWidth: paddedWidth, filters: outGroup,
      kernelHeight: g.kernel.height, kernelWidth: g.kernel.width, outputHeight: g.outputHeight,
      outputWidth: g.outputWidth)
  }

  init(_ g: ConvolutionGeometry) { self.g = g }

  /// Whether it can do it: the loops know kernels 3 and 5 wide. Without groups the gradient of the images is left to
  /// transforms; with groups it is a convolution like this one, of a padding that must not be negative.
  static func canDo(_ g: ConvolutionGeometry) -> Bool {
    guard
      g.stride == Size2d(1, 1) && g.dilation == Size2d(1, 1) && (g.kernel.width == 3 || g.kernel.width == 5)
    else { return false }
    if g.groups == 1 { return FFTConvolution.canDo(g) }
    return g.padding.height < g.kernel.height && g.padding.width < g.kernel.width && g.batch > 0
      && g.outChannels > 0
  }

  /// A group of one image is worked on by itself.
  private var units: Int { g.batch * g.groups }
  private var unitsPerPiece: Int { (units + 15) / 16 }

  private func pad(_ image: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>) {
    ck_direct_pad(kernel, image, g.height, g.width, g.padding.height, g.padding.width, padded)
  }

  private func emptyPadded() -> Storage {
    let padded = Storage(count: inGroup * paddedHeight * paddedWidth)
    padded.pointer.update(repeating: 0, count: padded.count)
    return padded
  }

  private func outPlane(pooled: Bool) -> Int {
    outGroup * (pooled ? (g.outputHeight / 2) * (g.outputWidth / 2) : g.places)
  }

  func forward(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    route: UnsafeMutablePointer<UInt8>?
  ) {
    if isDepthwiseOfThatSize && route == nil { return depthwise(xs, weight, bias, into: out) }
    let kernel = kernel
    let outPlane = outPlane(pooled: route != nil)
    let filters = Storage(count: g.outChannels * g.taps)
    weight.withPointer { weight in
      for first in stride(from: 0, to: g.outChannels, by: max(1, outGroup)) {
        ck_direct_pack(weight + first * g.taps, outGroup, g.taps, filters.pointer + first * g.taps)
      }
    }
    xs.withPointer { xs in
      withBias(bias) { bias in
        Parallel.forEachRange(of: units, grain: unitsPerPiece) { units in
          let padded = emptyPadded()
          for unit in units {
            let first = unit % g.groups * outGroup
            pad(xs + unit * inPlane, into: padded.pointer)
            ck_direct_forward(
              kernel, padded.pointer, filters.pointer + first * g.taps, bias.map { $0 + first },
              out + unit * outPlane, route.map { $0 + unit * outPlane })
          }
          withExtendedLifetime(padded) {}
        }
      }
    }
    withExtendedLifetime(filters) {}
  }

  /// Whether it is depthwise, with windows of 3 × 3 and maps as large as the images.
  private var isDepthwiseOfThatSize: Bool {
    inGroup == 1 && outGroup == 1 && g.kernel == Size2d(3, 3) && g.padding == Size2d(1, 1) && g.width >= 16
  }

  /// Such a one, without a copy of each image that has the padding.
  private func depthwise(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>
  ) {
    xs.withPointer { xs in
      weight.withPointer { w in
        withBias(bias) { bias in
          Parallel.forEachRange(of: units, grain: unitsPerPiece) { units in
            for unit in units {
              let channel = unit % g.groups
              ck_depthwise_same(
                g.height, g.width, xs + unit * inPlane, w + channel * 9, bias.map { $0[channel] } ?? 0,
                out + unit * inPlane)
            }
          }
        }
      }
    }
  }

  /// The gradients of the filters and of the bias.
  func gradients(dy: Tensor, route: UnsafePointer<UInt8>?, x xs: Tensor) -> (dw: Tensor, db: Tensor) {
    let kernel = kernel
    let grain = unitsPerPiece
    let pieces = (units + grain - 1) / grain
    let outPlane = outPlane(pooled: route != nil)
    let weights = g.outChannels * g.taps
    // Sixteen sums for every filter's number, then for every bias; each piece sums over its own images.
    let numbers = (weights + g.outChannels) * 16
    let sums = Storage(count: pieces * numbers)
    xs.withPointer { xs in
      dy.withPointer { dy in
        Parallel.forEachRange(of: units, grain: grain) { units in
          let padded = emptyPadded()
          let rows = Storage(count: 4 * g.outputHeight * ((g.outputWidth + 15) / 16 * 16))
          let sum = sums.pointer + units.lowerBound / grain * numbers
          sum.update(repeating: 0, count: numbers)
          for unit in units {
            let first = unit % g.groups * outGroup
            pad(xs + unit * inPlane, into: padded.pointer)
            ck_direct_backward(
              kernel, padded.pointer, dy + unit * outPlane, route.map { $0 + unit * outPlane }, rows.pointer,
              sum + first * g.taps * 16, sum + (weights + first) * 16)
          }
          withExtendedLifetime((padded, rows)) {}
        }
      }
    }
    // Piece by piece, and then lane by lane.
    let lanes = Storage(count: numbers)
    addColumns(sums.pointer, rows: pieces, columns: numbers, into: lanes.pointer)
    func total(_ number: Int) -> Float {
      var total: Float = 0
      for lane in 0..<16 { total += lanes.pointer[number * 16 + lane] }
      return total
    }
    var dw = Tensor(uninitialized: g.weightShape)
    var db = Tensor(uninitialized: [g.outChannels])
    dw.withMutablePointer { for i in 0..<weights { $0[i] = total(i) } }
    db.withMutablePointer { for o in 0..<g.outChannels { $0[o] = total(weights + o) } }
    withExtendedLifetime((sums, lanes)) {}
    return (dw, db)
  }

  /// The gradient of the images of a convolution with groups, from the gradient at the raw maps.
  func inputGradient(dy: Tensor, weight: Tensor) -> Tensor {
    let turned = TurnedConvolution(g, weight)!  // see `canDo`
    var dx = Tensor(uninitialized: g.inputShape)
    dx.withMutablePointer {
      DirectConvolution(turned.g).forward(dy, turned.weight, nil, into: $0, route: nil)
    }
    return dx
  }
}
