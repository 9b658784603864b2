import Tensors

extension Tensor {
  /// Each number rounded to bfloat16, the upper half of a `Float`: 8 bits of exponent as before, 8 significant bits
  /// instead of 24. Rounding is to the nearest, halves to the even neighbour; beyond the largest it is infinity, and NaN
  /// stays NaN.
  ///
  /// - PyTorch: `x.bfloat16().float()`.
  /// - Source: Kalamkar et al., "A study of bfloat16 for deep learning training", arXiv 1905.12322.
  /// - Book: chapter 11.
  public func roundedToBFloat16() -> Tensor {
    map { x in
      let bits = x.bitPattern
      // Rounded like a number, a NaN might become infinity.
      if x.isNaN { return Float(bitPattern: (bits | 0x0040_0000) & 0xFFFF_0000) }
      let half = 0x7FFF + (bits >> 16 & 1)
      return Float(bitPattern: (bits + half) & 0xFFFF_0000)
    }
  }
}
