// 12.7  Nothing but whole numbers                                  (the book: chapter 12, section 12.7)
//
// Two matrices of whole numbers with zero points are multiplied. The processor's instructions know of no zero points: they multiply
// the numbers as they are. What the zero points change is taken off afterwards, by sums over rows:
//
//     c_ij = Σ_k (a_ik − Z_a) (b_jk − Z_b)
//          = Σ_k a_ik b_jk − Z_a Σ_k b_jk − Z_b Σ_k a_ik + K Z_a Z_b
//
//     a   [N, K]        b   [O, K]        c   [N, O]
//
// Then the sums become numbers of eight bits again, for the next layer. The factor M = S_a S_b / S_c lies between 0 and 1, and a
// processor without floats multiplies by it as by a whole number of 31 bits and moves the point by a shift:
//
//     M = m / 2^s          2^30 ≤ m < 2^31, so that as many digits as possible are kept; m rounded to the nearest
//     rescaled = ⌊ (sum · m + 2^(s−1)) / 2^s ⌋        the nearest whole number, halves upwards, also below 0
//
// For example, a = [3 5], Z_a = 1 and b = [2 7], Z_b = 4: (3 − 1)(2 − 4) + (5 − 1)(7 − 4) = 8, and by sums
// 41 − 1·9 − 4·8 + 2·1·4 = 8. And M = 0.375 = 3/8 = 1610612736 / 2^32, for 1610612736 = 3·2^29: the sum 20 becomes 7.5, so 8,
// and −20 becomes −7.5, so −7.
//
// (Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", CVPR 2018,
// section 2.2.)

import Practice

/// `[N][K]` and `[O][K]` give `[N][O]`.
func integerProduct(_ a: [[Int]], zeroPoint za: Int, _ b: [[Int]], zeroPoint zb: Int) throws -> [[Int]] {
  // BEGIN SOLUTION
  let sums = b.map { $0.reduce(0, +) }
  return a.map { row in
    let sum = row.reduce(0, +)
    return b.indices.map { j in
      let products = zip(row, b[j]).reduce(0) { $0 + $1.0 * $1.1 }
      return products - za * sums[j] - zb * sum + row.count * za * zb
    }
  }
  // END SOLUTION
}

/// The whole number m and the shift s of a factor between 0 and 1.
func fixedPoint(_ factor: Double) throws -> (m: Int, shift: Int) {
  // BEGIN SOLUTION
  var (scaled, shift) = (factor, 31)
  while scaled < 0.5 {
    scaled *= 2
    shift += 1
  }
  let m = Int((scaled * 2_147_483_648).rounded())
  // Rounded up to 2^31, it has a bit too many.
  return m == 1 << 31 ? (1 << 30, shift - 1) : (m, shift)
  // END SOLUTION
}

/// A sum times m / 2^s, without floats.
func rescaled(_ sum: Int, m: Int, shift: Int) throws -> Int {
  // BEGIN SOLUTION
  return (sum * m + (1 << (shift - 1))) >> shift
  // END SOLUTION
}
