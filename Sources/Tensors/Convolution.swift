internal import CKernels

/// The convolution (cross-correlation) of a batch of images with a bank of filters.
///
///     yₙₒᵢⱼ = bₒ + Σ_c Σ_a Σ_b  w_ocab · xₙ,c,(i·stride + a·dilation − padding),(j·stride + b·dilation − padding)
///
/// - Parameters:
///   - x: Images, `[N, C, H, W]`; zeros lie outside them.
///   - weight: Filters, `[O, C/groups, KH, KW]`.
///   - bias: `[O]`.
/// - Returns: Feature maps, `[N, O, OH, OW]`; see `ConvolutionGeometry` for their size.
/// - PyTorch: `torch.nn.functional.conv2d`; padding is by numbers only, not by name.
/// - Book: chapter 2.
public func conv2d(
  _ x: Tensor, _ weight: Tensor, bias: Tensor? = nil, stride: some Size2dConvertible = 1,
  padding: some Size2dConvertible = 0, dilation: some Size2dConvertible = 1, groups: Int = 1
) -> Tensor {
  let geometry = ConvolutionGeometry(
    input: x.shape, weight: weight.shape, bias: bias?.shape, stride: stride.asSize2d,
    padding: padding.asSize2d,
    dilation: dilation.asSize2d, groups: groups)
  return convolve(geometry, x, weight, bias)
}

/// Images are worked on in this many pieces, whatever the number of threads.
private let mostPieces = 16

private func imagesPerPiece(_ batch: Int) -> Int { (batch + mostPieces - 1) / mostPieces }

/// The convolution of `geometry`, forward.
package func convolve(_ g: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
  var y = Tensor(uninitialized: g.outputShape)
  let method = ConvolutionMethod.plain(g)
  if method != .windows {
    y.withMutablePointer { method.forward(g, x, weight, bias, into: $0, route: nil) }
    return y
  }
  y.withMutablePointer { y in
    forEachImage(g, x, weight) { n, product in
      let out = y + n * g.outputImage
      product(out)
      guard let bias else { return }
      bias.withPointer { bias in
        for o in 0..<g.outChannels {
          let map = out + o * g.places
          for i in 0..<g.places { map[i] += bias[o] }
        }
      }
    }
  }
  return y
}

/// `maxPool2d(relu(conv2d(x)), kernelSize: 2)` in one pass, and for each pooled number which of its four places
/// it came from (0…3, or 4 where ReLU cut it off).
package func convolveReluPool2(
  _ g: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?
) -> (y: Tensor, route: [UInt8]) {
  let (h2, w2) = (g.outputHeight / 2, g.outputWidth / 2)
  let pooledImage = g.outChannels * h2 * w2
  var y = Tensor(uninitialized: [g.batch, g.outChannels, h2, w2])
  let route = [UInt8](unsafeUninitializedCapacity: y.count) { route, count in
    count = y.count
    let route = route.baseAddress!
    let method = ConvolutionMethod.pooled(g)
    if method != .windows {
      y.withMutablePointer { method.forward(g, x, weight, bias, into: $0, route: route) }
      return
    }
    y.withMutablePointer { y in
      forEachImage(g, x, weight) { n, product in
        let raw = Storage(count: g.outputImage)
        product(raw.pointer)
        withBias(bias) { bias in
          ck_bias_relu_pool2(
            raw.pointer, bias, y + n * pooledImage, route + n * pooledImage, g.outChannels, g.outputHeight,
            g.outputWidth)
        }
        withExtendedLifetime(raw) {}
      }
    }
  }
  return (y, route)
}

/// The gradient at the raw output of a fused convolution, from the gradient `dy` of the pooled maps.
package func unpool2(_ g: ConvolutionGeometry, _ dy: Tensor, route: [UInt8]) -> Tensor {
  var dx = Tensor(uninitialized: g.outputShape)
  let pooledImage = g.outChannels * (g.outputHeight / 2) * (g.outputWidth / 2)
  dx.withMutablePointer { dx in
    dy.withPointer { dy in
      route.withUnsafeBufferPointer { route in
        Parallel.forEachRange(of: g.batch, grain: imagesPerPiece(g.batch)) { images in
          for n in images {
            ck_bias_relu_pool2_backward(
              dy + n * pooledImage, route.baseAddress! + n * pooledImage, dx + n * g.outputImage,
              g.outChannels,
              g.outputHeight, g.outputWidth)
          }
        }
      }
    }
  }
  return dx
}

/// The gradients of `convolveReluPool2`, from the gradient `dy` at the pooled maps.
package func convolveReluPool2Backward(
  _ g: ConvolutionGeometry, dy: Tensor, route: [UInt8], x: Tensor, weight: Tensor, needsInput: Bool,
  needsWeight: Bool, needsBias: Bool
) -> (dx: Tensor?, dw: Tensor?, db: Tensor?) {
  let method = ConvolutionMethod.pooled(g)
  if method != .windows && g.groups == 1 {
    return route.withUnsafeBufferPointer {
      method.gradients(
        g, dy: dy, route: $0.baseAddress, x: x, weight: weight, needsInput: needsInput,
        needsWeight: needsWeight,
        needsBias: needsBias)
    }
  }
  return convolveBackward(
    g, dy: unpool2(g, dy, route: route), x: x, weight: weight, needsInput: needsInput,
    needsWeight: needsWeight,
    needsBias: needsBias)
}

/// The gradients of the convolution of `geometry`.
///
///     dx = Wᵀ dy, each window added back to where it came from
///     dw = dy · windows(x)ᵀ,   db = Σ dy
///
/// - Parameter dy: The upstream gradient, `[N, O, OH, OW]`.
package func convolveBackward(
  _ g: ConvolutionGeometry, dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool,
  needsBias: Bool
) -> (dx: Tensor?, dw: Tensor?, db: Tensor?) {
  let method = ConvolutionMethod.plain(g)
  if method != .windows {
    return method.gradients(
      g, dy: dy, route: nil, x: x, weight: weight, needsInput: needsInput, needsWeight: needsWeight,
      needsBias: needsBias)
  }
  var dx = needsInput ? Tensor.zeros(g.inputShape) : nil
  let grain = imagesPerPiece(g.batch)
  let pieces = g.batch == 0 ? 0 : (g.batch + grain - 1) / grain
  // Each piece sums over its own images; then the pieces are summed in order.
  var partials = Tensor.zeros([needsWeight ? pieces : 0] + g.weightShape)
  let (mGroup, kGroup) = (g.outChannels / g.groups, g.taps)
  let groupImage = g.inputImage / g.groups

  if needsInput || needsWeight {
    partials.withMutablePointer { partials in
      withOptionalPointer(&dx) { dx in
        x.withPointer { x in
          dy.withPointer { dy in
            weight.withPointer { w in
              Parallel.forEachRange(of: g.batch, grain: grain) { images in
                let windows = Storage(count: g.windowsAreTheImage ? 0 : g.taps * g.places)
                let dw = partials + images.lowerBound / grain * (needsWeight ? g.outChannels * g.taps : 0)
                for n in images {
                  for group in 0..<g.groups {
                    let image = n * g.inputImage + group * groupImage
                    let up = dy + n * g.outputImage + group * mGroup * g.places
                    if needsWeight {
                      if !g.windowsAreTheImage { g.gatherWindows(x + image, into: windows.pointer) }
                      gemm(
                        m: mGroup, n: kGroup, k: g.places, up, lda: g.places,
                        g.windowsAreTheImage ? x + image : UnsafePointer(windows.pointer), ldb: g.places,
                        transposeB: true, beta: 1, into: dw + group * mGroup * kGroup, ldc: kGroup)
                    }
                    if let dx {
                      let target = g.windowsAreTheImage ? dx + image : windows.pointer
                      gemm(
                        m: kGroup, n: g.places, k: mGroup, w + group * mGroup * kGroup, lda: kGroup,
                        transposeA: true, up, ldb: g.places, into: target, ldc: g.places)
                      if !g.windowsAreTheImage { g.scatterWindows(windows.pointer, addingTo: dx + image) }
                    }
                  }
                }
                withExtendedLifetime(windows) {}
              }
            }
          }
        }
      }
    }
  }
  let dw = needsWeight ? partials.sum(axis: 0) : nil
  let db = needsBias ? dy.sumOverChannels() : nil
  return (dx, dw, db)
}

/// Calls `body` for every image, on all threads, with a closure that writes `W × windows(image)` where it is told.
private func forEachImage(
  _ g: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor,
  _ body: (_ n: Int, _ product: (UnsafeMutablePointer<Float>) -> Void) -> Void
) {
  let (mGroup, kGroup) = (g.outChannels / g.groups, g.taps)
  x.withPointer { x in
    weight.withPointer { w in
      Parallel.forEachRange(of: g.batch, grain: imagesPerPiece(g.batch)) { images in
        let windows = Storage(count: g.windowsAreTheImage ? 0 : g.taps * g.places)
        for n in images {
          body(n) { out in
            for group in 0..<g.groups {
              let image = x + n * g.inputImage + group * (g.inputImage / g.groups)
              if !g.windowsAreTheImage { g.gatherWindows(image, into: windows.pointer) }
              gemm(
                m: mGroup, n: g.places, k: kGroup, w + group * mGroup * kGroup, lda: kGroup,
                g.windowsAreTheImage ? image : UnsafePointer(windows.pointer), ldb: g.places,
                into: out + group * mGroup * g.places, ldc: g.places)
            }
          }
        }
        withExtendedLifetime(windows) {}
      }
    }
  }
}

func withBias<Result>(_ bias: Tensor?, _ body: (UnsafePointer<Float>?) -> Result) -> Result {
  guard let bias else { return body(nil) }
  return bias.withPointer { body($0) }
}

func withOptionalPointer(_ tensor: inout Tensor?, _ body: (UnsafeMutablePointer<Float>?) -> Void) {
  guard var present = tensor else { return body(nil) }
  tensor = nil  // so that writing to `present` copies nothing
  present.withMutablePointer { body($0) }
  tensor = present
}
