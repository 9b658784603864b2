internal import CKernels

/// The convolution whose windows step further than by one, as one by steps of one: of all phases of its images, by
/// Winograd's products.
///
/// A window that steps by four sees every fourth row in the same way as the next one does. So the rows and columns of an
/// image are dealt out among its phases, 4 · 4 of them for each channel, and each is a channel of its own. A window of
/// 11 × 11 has at most 3 × 3 weights in one; where it has fewer, its other weights are zero.
///
///     yᵢⱼ = Σ_c Σ_a Σ_b  w_cab · x_c,(i·s + a),(j·s + b)                 s: the stride
///         = Σ_(c, p, q) Σ_a Σ_b  w_c,(a·s + p),(b·s + q) · x_c,((i + a)·s + p),((j + b)·s + q)
struct PhasedConvolution {
  let g: ConvolutionGeometry
  /// That of the phases.
  let phased: ConvolutionGeometry
  /// Places that a window sees along an axis of a phase, 2 or 3.
  private let side: Int

  init(_ g: ConvolutionGeometry) {
    self.g = g
    side = Self.side(g)
    let (lanes, stride) = (Int(CK_WINOGRAD_LANES), g.stride.height)
    let channels = (g.inChannels * stride * stride + lanes - 1) / lanes * lanes
    phased = ConvolutionGeometry(
      input: [g.batch, channels, g.outputHeight + side - 1, g.outputWidth + side - 1],
      weight: [g.outChannels, channels, side, side])
  }

  private static func side(_ g: ConvolutionGeometry) -> Int {
    (g.kernel.height + g.stride.height - 1) / g.stride.height
  }

  /// Whether it can do it: square windows, two or three steps wide, and filters that fill whole vectors.
  static func canDo(_ g: ConvolutionGeometry) -> Bool {
    let (kernel, stride) = (g.kernel.height, g.stride.height)
    return stride > 1 && g.kernel == Size2d(kernel, kernel) && g.stride == Size2d(stride, stride)
      && (side(g) == 2 || side(g) == 3) && g.padding.height < kernel && g.padding.width < kernel
      && g.dilation == Size2d(1, 1) && g.groups == 1 && g.batch > 0 && g.inChannels > 0
      && g.outChannels > 0 && g.outChannels % Int(CK_WINOGRAD_LANES) == 0
  }

  /// The time of the forward pass, as the multiplications that fit into it: that of the convolution of the phases, whose
  /// panels of filters may not be full and whose filters take twice as long, and sixty for each number of the phases.
  ///
  /// The last two were fitted to 23 shapes, measured both ways on a Zen 4.
  var cost: Double {
    let panel = ck_packed_panel()
    let filters = (g.outChannels + panel - 1) / panel * panel
    let whole = ConvolutionGeometry(
      input: phased.inputShape, weight: [filters, phased.inChannels, side, side])
    return WinogradConvolution(whole).cost(filters: 40) + 60 * Double(g.batch * phased.inputImage)
  }

  /// The maps.
  func forward(_ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>) {
    let layout = PhasedLayout(g, isCropped: true)
    let kinds = kinds(layout)
    var phases = Tensor(uninitialized: phased.inputShape)
    var uneven = [[UnevenWindow]](repeating: [], count: g.batch)
    uneven.withUnsafeMutableBufferPointer { uneven in
      phases.withMutablePointer { phases in
        xs.withPointer { xs in
          Parallel.forEachRange(of: g.batch, grain: 1) { images in
            for n in images {
              let planes = phases + n * phased.inputImage
              split(xs + n * g.inputImage, layout, into: planes)
              uneven[n] = unevenWindows(image: n, layout, kinds, planes)
            }
          }
        }
      }
    }
    WinogradPass(phased, isBackward: false).run(
      phases, filters(weight, layout), bias, into: out, isGuarded: false)
    recompute(uneven.flatMap { $0 }, xs, weight, bias, into: out)
  }

  // MARK: Phases

  /// The phases of an image.
  private func split(
    _ image: UnsafePointer<Float>, _ layout: PhasedLayout, into planes: UnsafeMutablePointer<Float>
  ) {
    layout.clearPadding(of: planes)
    layout.split(image, into: planes)
    (planes + layout.count).update(repeating: 0, count: phased.inputImage - layout.count)
  }

  /// The filters of all phases.
  private func filters(_ weight: Tensor, _ layout: PhasedLayout) -> Tensor {
    var filters = Tensor.zeros(phased.weightShape)
    let (square, stride) = (side * side, g.stride.height)
    // Where the weights of one channel stand.
    let places = (0..<g.kernel.height).flatMap { a in
      (0..<g.kernel.width).map { b in
        layout.plane(row: a % stride, column: b % stride) * square + a / stride * side + b / stride
      }
    }
    filters.withMutablePointer { filters in
      weight.withPointer { w in
        Parallel.forEachRange(of: g.outChannels, grain: 1 + (1 << 13) / g.taps) { range in
          for filter in range {
            for channel in 0..<g.inChannels {
              let from = w + (filter * g.inChannels + channel) * places.count
              let to = filters + filter * phased.taps + channel * layout.planes * square
              for (i, place) in places.enumerated() { to[place] = from[i] }
            }
          }
        }
      }
    }
    return filters
  }

  // MARK: Uneven windows

  /// Whether the windows see fewer rows and columns of each plane of a channel; see `CKPhasedWindows`.
  private func kinds(_ layout: PhasedLayout) -> [UInt8] {
    let stride = g.stride.height
    // The first row or column of a phase whose last weight is missing.
    let less = g.kernel.height - (side - 1) * stride
    var kinds = [UInt8](repeating: 0, count: layout.planes)
    for row in 0..<stride {
      for column in 0..<stride {
        kinds[layout.plane(row: row, column: column)] = (row < less ? 0 : 2) + (column < less ? 0 : 1)
      }
    }
    return kinds
  }

  /// The windows of an image that see numbers which others near them outweigh. What is near counts the places that a
  /// window does not see because its weights there are zero; the products add them to the others all the same.
  private func unevenWindows(
    image: Int, _ layout: PhasedLayout, _ kinds: [UInt8], _ planes: UnsafePointer<Float>
  ) -> [UnevenWindow] {
    let reach = WinogradReach(side: side)
    let room = Storage(count: 5 * (layout.height + 2) * (layout.width + 2) + 7 * (layout.width + 2))
    var found: [UnevenWindow] = []
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: g.places) { flags in
      kinds.withUnsafeBufferPointer { kinds in
        let windows = CKPhasedWindows(
          channels: g.inChannels, planes: layout.planes, height: layout.height, width: layout.width,
          side: side, kinds: kinds.baseAddress!, before: reach.beyond, output_height: g.outputHeight,
          output_width: g.outputWidth, even: reach.even)
        if ck_phased_uneven(windows, planes, room.pointer, flags.baseAddress!) == 0 { return }
        for place in 0..<g.places where flags[place] != 0 {
          let (row, column) = place.quotientAndRemainder(dividingBy: g.outputWidth)
          found.append(UnevenWindow(image: image, group: 0, row: row, column: column))
        }
      }
    }
    withExtendedLifetime(room) {}
    return found
  }

  /// Writes the outputs of `windows` by the sums of the definition.
  private func recompute(
    _ windows: [UnevenWindow], _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?,
    into out: UnsafeMutablePointer<Float>
  ) {
    if windows.isEmpty { return }
    let images = WinogradMaps(
      channels: g.inChannels, height: g.height, width: g.width, padding: g.padding, stride: g.stride.height)
    let maps = WinogradMaps(
      channels: g.outChannels, height: g.outputHeight, width: g.outputWidth, padding: Size2d(0, 0), stride: 1)
    let plain = PlainOutputs(
      from: images, to: maps, kernel: g.kernel, dilation: g.dilation, groups: 1)
    let grain = 256
    xs.withPointer { xs in
      weight.withPointer { w in
        withBias(bias) { bias in
          Parallel.forEachRange(of: windows.count, grain: grain) {
            plain.compute(Array(windows[$0]), xs, w, bias, into: out)
          }
        }
      }
    }
  }
}
