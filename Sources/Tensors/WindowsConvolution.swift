internal import CKernels

/// The convolution as a product of matrices, for any stride, dilation and groups: the filters, times the windows of the
/// image as columns. (The windows' matrix is known as "im2col".)
///
/// The matrix is made in strips of some places, which stay in the processor's cache until they are used; all of it would
/// be the image as many times over as a window has taps, and come from memory.
struct WindowsConvolution {
  let g: ConvolutionGeometry
  private let taps: [Int]

  init(_ g: ConvolutionGeometry) { self.init(g, leastStrip: 64) }

  private init(_ g: ConvolutionGeometry, leastStrip: Int) {
    self.g = g
    strip = min(Int(CK_WINDOWS_PLACES), max(leastStrip, (1 << 16) / max(g.taps, 1) / 32 * 32))
    let (height, width) = (g.height + 2 * g.padding.height, g.width + 2 * g.padding.width)
    taps = (0..<g.inChannels / g.groups).flatMap { c in
      (0..<g.kernel.height).flatMap { a in
        (0..<g.kernel.width).map { b in (c * height + a * g.dilation.height) * width + b * g.dilation.width }
      }
    }
  }

  private var inGroup: Int { g.inputImage / g.groups }
  private var outGroup: Int { g.outChannels / g.groups }

  /// No window reaches outside, none overlaps, and the matrix of windows is the image itself.
  private var windowsAreTheImage: Bool {
    g.kernel == Size2d(1, 1) && g.stride == Size2d(1, 1) && g.padding == Size2d(0, 0)
  }

  /// Places of a strip: some 256 KiB of windows; or more, lest the filters, or backward their sums, go through the
  /// processor for too few of them.
  private let strip: Int
  private var stripsPerImage: Int { (g.places + strip - 1) / strip }
  private func places(_ strip: Int) -> Range<Int> {
    strip * self.strip..<min(g.places, (strip + 1) * self.strip)
  }

  /// Work is cut into this many pieces, whatever the number of threads.
  private static let mostPieces = 16
  private func grain(_ units: Int) -> Int { max(1, (units + Self.mostPieces - 1) / Self.mostPieces) }

  /// One thread's room for a group of an image with its padding, and for a strip of its windows.
  private struct Room {
    let padded: Storage
    let windows: Storage
    /// Backward also for a strip of the maps' gradients.
    let maps: Storage
    /// The group that `padded` holds, counted through all images.
    var holds = -1

    init(_ convolution: WindowsConvolution, maps: Int = 0) {
      let g = convolution.g
      let (height, width) = (g.height + 2 * g.padding.height, g.width + 2 * g.padding.width)
      let image = convolution.windowsAreTheImage ? 0 : g.inChannels / g.groups * height * width
      padded = Storage(count: image + Int(CK_WINDOWS_SLACK))
      if g.padding != Size2d(0, 0) { padded.pointer.update(repeating: 0, count: padded.count) }
      let panel = ck_packed_panel()
      let columns = (min(convolution.strip, g.places) + panel - 1) / panel * panel
      windows = Storage(count: g.taps * columns + Int(CK_WINDOWS_SLACK))
      self.maps = Storage(count: maps * columns)
    }
  }

  /// Copies group number `unit` of the images into its padding, unless it is there.
  private func pad(_ xs: UnsafePointer<Float>, _ unit: Int, _ room: inout Room) {
    if room.holds == unit { return }
    room.holds = unit
    let (height, width) = (g.height + 2 * g.padding.height, g.width + 2 * g.padding.width)
    let image = xs + unit * inGroup
    for c in 0..<g.inChannels / g.groups {
      let to = room.padded.pointer + (c * height + g.padding.height) * width + g.padding.width
      for i in 0..<g.height {
        (to + i * width).update(from: image + (c * g.height + i) * g.width, count: g.width)
      }
    }
  }

  private func gather(_ places: Range<Int>, panel: Int, _ room: Room) {
    let width = g.width + 2 * g.padding.width
    taps.withUnsafeBufferPointer { taps in
      let sizes = CKWindows(
        output_width: g.outputWidth, row: g.stride.height * width, step: g.stride.width, tap_count: g.taps,
        taps: UnsafeRawPointer(taps.baseAddress!).assumingMemoryBound(to: Int.self))
      ck_gather_windows(
        sizes, room.padded.pointer, places.lowerBound, places.count, panel, room.windows.pointer)
    }
  }

  // MARK: Forward

  /// The maps; or with `route` the rectified and pooled ones, see `convolveReluPool2`.
  func forward(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    route: UnsafeMutablePointer<UInt8>?
  ) {
    let strips = stripsPerImage
    let filters = UnsafePointer(weight.storage.pointer)
    xs.withPointer { xs in
      withBias(bias) { bias in
        guard let route else {
          let units = g.batch * g.groups * strips
          Parallel.forEachRange(of: units, grain: grain(units)) { units in
            var room = Room(self)
            for unit in units { multiply(unit, xs, filters, bias, &room, into: out) }
            withExtendedLifetime(room) {}
          }
          return
        }
        let pooledImage = g.outChannels * (g.outputHeight / 2) * (g.outputWidth / 2)
        Parallel.forEachRange(of: g.batch, grain: grain(g.batch)) { images in
          var room = Room(self)
          let raw = Storage(count: g.outputImage)
          for n in images {
            for unit in n * g.groups * strips..<(n + 1) * g.groups * strips {
              multiply(unit, xs, filters, nil, &room, into: raw.pointer - n * g.outputImage)
            }
            ck_bias_relu_pool2(
              raw.pointer, bias, out + n * pooledImage, route + n * pooledImage, g.outChannels,
              g.outputHeight, g.outputWidth)
          }
          withExtendedLifetime((room, raw)) {}
        }
      }
    }
    withExtendedLifetime(weight) {}
  }

  /// The maps of one strip of one group of an image; strips are counted through them all.
  private func multiply(
    _ unit: Int, _ xs: UnsafePointer<Float>, _ filters: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
    _ room: inout Room, into out: UnsafeMutablePointer<Float>
  ) {
    let (groupOfImage, number) = unit.quotientAndRemainder(dividingBy: stripsPerImage)
    let places = places(number)
    if windowsAreTheImage {
      ck_pack(
        xs + groupOfImage * inGroup + places.lowerBound, g.places, 0, g.taps, places.count,
        room.windows.pointer)
    } else {
      pad(xs, groupOfImage, &room)
      gather(places, panel: ck_packed_panel(), room)
    }
    let first = groupOfImage % g.groups * outGroup
    let maps = out + groupOfImage * outGroup * g.places + places.lowerBound
    ck_packed_gemm(
      CKSteps(steps: 1, rows: outGroup, a_step: 0, c_step: 0), g.taps, places.count,
      filters + first * g.taps, g.taps,
      CKPacked(numbers: room.windows.pointer, k: g.taps, n: places.count), maps, g.places, 0, CKSoon())
    guard let bias else { return }
    for o in 0..<outGroup {
      let (map, b) = (maps + o * g.places, bias[first + o])
      for i in 0..<places.count { map[i] += b }
    }
  }

  // MARK: Backward

  /// The gradients of the input, for whoever wants it, and of the filters.
  ///
  ///     dx = Wᵀ dy, each window added back to where it came from
  ///     dw = dy · windows(x)ᵀ
  func gradients(
    dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool
  ) -> (dx: Tensor?, dw: Tensor?) {
    if !needsInput && !needsWeight { return (nil, nil) }
    return Self(g, leastStrip: 256).sums(
      dy: dy, x: x, weight: weight, needsInput: needsInput, needsWeight: needsWeight)
  }

  private func sums(
    dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool
  ) -> (dx: Tensor?, dw: Tensor?) {
    var dx = needsInput ? Tensor.zeros(g.inputShape) : nil
    let grain = grain(g.batch)
    let pieces = (g.batch + grain - 1) / grain
    // Each piece sums over its own images; then the pieces are summed in order.
    var partials = Tensor.zeros([needsWeight ? pieces : 0] + g.weightShape)
    // The filters turned: for each group and tap, one number of each filter.
    let turned =
      needsInput ? weight.reshaped([g.groups, outGroup, g.taps]).transposed() : Tensor(uninitialized: [0])
    partials.withMutablePointer { partials in
      withOptionalPointer(&dx) { dx in
        x.withPointer { x in
          dy.withPointer { dy in
            Parallel.forEachRange(of: g.batch, grain: grain) { images in
              var room = Room(self, maps: needsInput ? outGroup : 0)
              let dw = partials + images.lowerBound / grain * (needsWeight ? g.outChannels * g.taps : 0)
              for unit in images.lowerBound * g.groups..<images.upperBound * g.groups {
                let group = unit % g.groups
                gradients(
                  unit, dy: dy + unit * outGroup * g.places, x,
                  turned.storage.pointer + (needsInput ? group * g.taps * outGroup : 0),
                  dx: dx.map { $0 + unit * inGroup }, dw: needsWeight ? dw + group * outGroup * g.taps : nil,
                  &room)
              }
              withExtendedLifetime(room) {}
            }
          }
        }
      }
    }
    withExtendedLifetime(turned) {}
    return (dx, needsWeight ? partials.sum(axis: 0) : nil)
  }

  /// Those of one group of one image, added to what is there.
  private func gradients(
    _ unit: Int, dy: UnsafePointer<Float>, _ xs: UnsafePointer<Float>, _ turned: UnsafePointer<Float>,
    dx: UnsafeMutablePointer<Float>?, dw: UnsafeMutablePointer<Float>?, _ room: inout Room
  ) {
    let windows = room.windows.pointer
    if dw != nil && !windowsAreTheImage { pad(xs, unit, &room) }
    for number in 0..<stripsPerImage {
      let places = places(number)
      let (first, count) = (places.lowerBound, places.count)
      let up = dy + first
      if let dw {
        if !windowsAreTheImage { gather(places, panel: count, room) }
        gemm(
          m: outGroup, n: g.taps, k: count, up, lda: g.places,
          windowsAreTheImage ? xs + unit * inGroup + first : UnsafePointer(windows),
          ldb: windowsAreTheImage ? g.places : count, transposeB: true, beta: 1, into: dw, ldc: g.taps)
      }
      if let dx {
        ck_pack(up, g.places, 0, outGroup, count, room.maps.pointer)
        ck_packed_gemm(
          CKSteps(steps: 1, rows: g.taps, a_step: 0, c_step: 0), outGroup, count, turned, outGroup,
          CKPacked(numbers: room.maps.pointer, k: outGroup, n: count),
          windowsAreTheImage ? dx + first : windows, windowsAreTheImage ? g.places : count, 0, CKSoon())
        if !windowsAreTheImage { scatter(windows, places, addingTo: dx) }
      }
    }
  }

  /// Adds each window of `places` back to where it came from: the transpose of gathering.
  private func scatter(
    _ columns: UnsafePointer<Float>, _ places: Range<Int>, addingTo image: UnsafeMutablePointer<Float>
  ) {
    var from = columns
    for c in 0..<g.inChannels / g.groups {
      for a in 0..<g.kernel.height {
        for b in 0..<g.kernel.width {
          let shift = b * g.dilation.width - g.padding.width
          // Places whose column, j·stride + shift, lies in 0..<width.
          let low = shift >= 0 ? 0 : (-shift + g.stride.width - 1) / g.stride.width
          let room = g.width - 1 - shift
          let high = room < 0 ? 0 : room / g.stride.width + 1
          var place = places.lowerBound
          while place < places.upperBound {
            let (i, j) = place.quotientAndRemainder(dividingBy: g.outputWidth)
            let count = min(g.outputWidth - j, places.upperBound - place)
            let row = i * g.stride.height + a * g.dilation.height - g.padding.height
            let (first, last) = (max(j, low), min(j + count, high))
            if row >= 0 && row < g.height && first < last {
              let to = image + ((c * g.height + row) * g.width + shift)
              if g.stride.width == 1 {
                for l in first..<last { to[l] += from[l - j] }
              } else {
                for l in first..<last { to[l * g.stride.width] += from[l - j] }
              }
            }
            from += count
            place += count
          }
        }
      }
    }
  }
}
