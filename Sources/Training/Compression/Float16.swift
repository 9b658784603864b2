import Tensors

extension Tensor {
  /// Each number rounded to float16 (IEEE 754 binary16): 11 significant bits, from 2⁻²⁴ ≈ 6 · 10⁻⁸ to 65,504.
  ///
  /// Rounding is to the nearest, halves to the even neighbour. Below 2⁻¹⁴ numbers are whole multiples of 2⁻²⁴, so that half
  /// of that and less becomes 0; from 65,520 on they are infinite; NaN stays NaN.
  ///
  /// - PyTorch: `x.half().float()`.
  /// - Source: Micikevicius et al., "Mixed precision training", ICLR 2018, section 3.
  /// - Book: section 11.4.
  public func roundedToFloat16() -> Tensor {
    map { x in
      let magnitude = abs(x)
      if magnitude < 0x1p-14 {
        // Adding a number whose last bit is worth 2⁻²⁴ rounds to multiples of that.
        let multiple = magnitude + 0.5 - 0.5
        return x.sign == .minus ? -multiple : multiple
      }
      if magnitude.isNaN { return x }
      // 13 bits of 23 go.
      let bits = magnitude.bitPattern
      let rounded = Float(bitPattern: (bits + 0xFFF + (bits >> 13 & 1)) & 0xFFFF_E000)
      let result = rounded > 65_504 ? Float.infinity : rounded
      return x.sign == .minus ? -result : result
    }
  }
}
