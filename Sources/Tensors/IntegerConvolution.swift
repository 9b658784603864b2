internal import CKernels

extension IntegerWeight {
  /// The convolution of `Tensors.conv2d`, in whole numbers; each image is rounded with the scale that fits it, or with
  /// the one that is given.
  ///
  /// The image is laid out with its channels side by side. Then each row of a window is one run of bytes, and neighbouring
  /// windows begin so many bytes apart: they are read where they lie, and no matrix of windows is written.
  ///
  /// - Parameters:
  ///   - x: `[N, C, H, W]`
  ///   - bias: `[O]`
  /// - Returns: `[N, O, OH, OW]`; an image that holds NaN or infinity gives NaN.
  package func convolve(_ g: ConvolutionGeometry, _ x: Tensor, bias: Tensor?) -> Tensor {
    var y = Tensor(uninitialized: g.outputShape)
    let bias_ = bias?.storage.pointer
    x.withPointer { x in
      y.withMutablePointer { y in
        let (size, out) = (g.inChannels * g.height * g.width, y)
        let results = rows * g.outputHeight * g.outputWidth
        Parallel.forEach(pieces: g.batch) { n in
          convolveImage(g, x + n * size, bias: bias_, into: out + n * results)
        }
      }
    }
    withExtendedLifetime((self, bias)) {}
    return y
  }

  /// `maxPool2d(relu(conv2d(x)), kernelSize: 2)`, and the routes, as the function of that name in floats.
  package func convolveReluPool2(
    _ g: ConvolutionGeometry, _ x: Tensor, bias: Tensor?
  ) -> (y: Tensor, route: [UInt8]) {
    let (oh, ow) = (g.outputHeight, g.outputWidth)
    var y = Tensor(uninitialized: [g.batch, rows, oh / 2, ow / 2])
    let bias = bias ?? .zeros([rows])
    let (size, pooled) = (g.inChannels * g.height * g.width, rows * (oh / 2) * (ow / 2))
    let route = [UInt8](unsafeUninitializedCapacity: y.count) { route, count in
      count = y.count
      let route = route.baseAddress!
      x.withPointer { x in
        y.withMutablePointer { y in
          Parallel.forEach(pieces: g.batch) { n in
            let raw = Storage(count: rows * oh * ow)
            convolveImage(g, x + n * size, bias: nil, into: raw.pointer)
            ck_bias_relu_pool2(
              raw.pointer, bias.storage.pointer, y + n * pooled, route + n * pooled, rows, oh, ow)
          }
        }
      }
    }
    withExtendedLifetime((self, bias)) {}
    return (y, route)
  }

  private func convolveImage(
    _ g: ConvolutionGeometry, _ x: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>
  ) {
    let (c, ow) = (g.inChannels, g.outputWidth)
    let (height, width) = (g.height + 2 * g.padding.height, g.width + 2 * g.padding.width)
    let sumRow = (packedRows + 15) / 16 * 16
    // A run's last group may reach beyond the image, where zeros are its weights.
    let room = Storage(count: (height * width * c + 64) / 4 + ow * sumRow)
    let sums = UnsafeMutableRawPointer(room.pointer).bindMemory(to: Int32.self, capacity: ow * sumRow)
    let image = UnsafeMutableRawPointer(room.pointer + ow * sumRow).bindMemory(
      to: UInt8.self, capacity: height * width * c + 64)
    var (scale, zero) = (Float(1), Int32(0))
    let isFinite: Bool
    if let input {
      (scale, zero) = (input.scales[0], input.byteZero)
      var (low, high): (Float, Float) = (0, 0)
      isFinite = ck_int8_range(x, c * g.height * g.width, &low, &high) != 0
    } else {
      isFinite = ck_int8_fit(x, c * g.height * g.width, &scale, &zero) != 0
    }
    image.update(repeating: UInt8(zero), count: height * width * c + 64)
    ck_int8_interleave(
      x, c, g.height, g.width, scale, zero, image + (g.padding.height * width + g.padding.width) * c,
      width * c)
    let offsets = layout.offsets(g, rowBytes: width * c)
    let ends = ends(from: 0, bias)
    offsets.withUnsafeBufferPointer { offsets in
      for row in 0..<g.outputHeight {
        ck_int8_product(
          IntegerLoops.best.rawValue,
          CKBytes(
            bytes: image + row * g.stride.height * width * c, rows: ow, down: g.stride.width * c,
            segments: layout.segments, groups: layout.groups, offsets: offsets.baseAddress!),
          packedBytes, 0, packedRows, sums, sumRow)
        ck_int8_scale_planes(
          sums, sumRow, ow, rows, ends, isFinite ? scale : .nan, zero, y + row * ow, g.outputHeight * ow)
      }
    }
    withExtendedLifetime(room) {}
  }
}

extension IntegerWeight.Layout {
  /// Where the runs of a window begin, from its first byte.
  fileprivate func offsets(_ g: ConvolutionGeometry, rowBytes: Int) -> [Int] {
    let perRow = segments / g.kernel.height
    return (0..<segments).map { s in
      s / perRow * g.dilation.height * rowBytes + s % perRow * g.dilation.width * g.inChannels
    }
  }
}
