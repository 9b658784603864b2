internal import CKernels

/// Which numbers a dropout keeps: a pure function of a random stream, so it need not be remembered.
///
/// Number `i` is kept when the `i`-th 32 bits of the stream are at least `probability · 2³²`.
package struct DropoutMask: Sendable {
  package let probability: Float
  package let stream: RandomStream

  package init(_ op: String, probability: Float, stream: RandomStream) {
    if !(probability >= 0 && probability <= 1) {
      trap("\(op): probability \(probability) is not within 0...1")
    }
    self.probability = probability
    self.stream = stream
  }

  /// `x / (1 − probability)` where kept, else 0.
  package func apply(_ x: Tensor) -> Tensor {
    var y = Tensor(uninitialized: x.shape)
    x.withPointer { x_ in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: x.count, grain: 1 << 15) { range in
          apply(x_ + range.lowerBound, y + range.lowerBound, range.count, first: range.lowerBound)
        }
      }
    }
    return y
  }

  /// The same for `count` numbers of which the first is number `first` of the mask, a multiple of 4.
  func apply(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int, first: Int) {
    if probability == 1 {
      y.update(repeating: 0, count: count)
      return
    }
    let threshold = UInt32(min(Double(probability) * 0x1p32, 4_294_967_295))
    ck_dropout(x, y, count, UInt64(first), stream.seed, stream.stream, threshold, 1 / (1 - probability))
  }
}
