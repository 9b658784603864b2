internal import CKernels

/// The convolution by its definition, for stride 1 and few input channels: a network's first layer.
struct DirectConvolution {
  let g: ConvolutionGeometry

  /// Room for an image with its padding, a row more for the last pair of rows, and rows of whole vectors.
  private var paddedHeight: Int { g.height + 2 * g.padding.height + 1 }
  private var paddedWidth: Int { (g.outputWidth + 15) / 16 * 16 + g.kernel.width - 1 }

  private var kernel: CKDirect {
    CKDirect(
      channels: g.inChannels, paddedHeight: paddedHeight, paddedWidth: paddedWidth, filters: g.outChannels,
      kernelHeight: g.kernel.height, kernelWidth: g.kernel.width, outputHeight: g.outputHeight,
      outputWidth: g.outputWidth)
  }

  init(_ g: ConvolutionGeometry) { self.g = g }

  /// Whether it can do it: the loops know kernels 3 and 5 wide.
  static func canDo(_ g: ConvolutionGeometry) -> Bool {
    g.stride == Size2d(1, 1) && g.dilation == Size2d(1, 1) && g.groups == 1
      && (g.kernel.width == 3 || g.kernel.width == 5)
  }

  private var imagesPerPiece: Int { (g.batch + 15) / 16 }

  private func pad(_ image: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>) {
    for c in 0..<g.inChannels {
      for i in 0..<g.height {
        let to = padded + (c * paddedHeight + g.padding.height + i) * paddedWidth + g.padding.width
        to.update(from: image + (c * g.height + i) * g.width, count: g.width)
      }
    }
  }

  private func emptyPadded() -> Storage {
    let padded = Storage(count: g.inChannels * paddedHeight * paddedWidth)
    padded.pointer.update(repeating: 0, count: padded.count)
    return padded
  }

  func forward(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    route: UnsafeMutablePointer<UInt8>?
  ) {
    let kernel = kernel
    let image = route == nil ? g.outputImage : g.outChannels * (g.outputHeight / 2) * (g.outputWidth / 2)
    xs.withPointer { xs in
      weight.withPointer { weight in
        withBias(bias) { bias in
          Parallel.forEachRange(of: g.batch, grain: imagesPerPiece) { images in
            let padded = emptyPadded()
            for n in images {
              pad(xs + n * g.inputImage, into: padded.pointer)
              ck_direct_forward(
                kernel, padded.pointer, weight, bias, out + n * image, route.map { $0 + n * image })
            }
            withExtendedLifetime(padded) {}
          }
        }
      }
    }
  }

  /// The gradients of the filters and of the bias.
  func gradients(dy: Tensor, route: UnsafePointer<UInt8>?, x xs: Tensor) -> (dw: Tensor, db: Tensor) {
    let kernel = kernel
    let grain = imagesPerPiece
    let pieces = (g.batch + grain - 1) / grain
    let image = route == nil ? g.outputImage : g.outChannels * (g.outputHeight / 2) * (g.outputWidth / 2)
    let weights = g.outChannels * g.taps
    // Sixteen sums for every filter's number, then for every bias; each piece sums over its own images.
    let numbers = (weights + g.outChannels) * 16
    let sums = Storage(count: pieces * numbers)
    xs.withPointer { xs in
      dy.withPointer { dy in
        Parallel.forEachRange(of: g.batch, grain: grain) { images in
          let padded = emptyPadded()
          let rows = Storage(count: 4 * g.outputHeight * ((g.outputWidth + 15) / 16 * 16))
          let sum = sums.pointer + images.lowerBound / grain * numbers
          sum.update(repeating: 0, count: numbers)
          for n in images {
            pad(xs + n * g.inputImage, into: padded.pointer)
            ck_direct_backward(
              kernel, padded.pointer, dy + n * image, route.map { $0 + n * image }, rows.pointer, sum,
              sum + weights * 16)
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
}
