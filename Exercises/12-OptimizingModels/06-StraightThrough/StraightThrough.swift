// 12.6  Straight through the staircase                             (the book: chapter 12, section 12.6)
//
// Training with rounded numbers shows the network what eight bits will leave of each number. Rounding has no slope to learn by,
// so its slope counts as 1 where nothing was cut off, and as 0 where something was:
//
//     v_i = x_i / S        y_i = S · clamp(round(v_i))        from −most to most, halves to the even side
//
//     dx_i = dy_i          where −most ≤ round(v_i) ≤ most, else 0
//
// The step S can be learned too. Seen by S, y is S times a whole number, and that number falls as S grows, by the slope of v
// (rounding again counts as 1):
//
//     dS = Σ_i dy_i g_i    g_i = round(v_i) − v_i     where nothing was cut off
//                          g_i = most or −most        where the clamp acted, at that end
//
//     x, y, dx, dy   [N]        S, dS, most   numbers
//
// For example, x = 0.6 −2 5 with S = 0.5, most = 7 and dy = 1 10 100:
//
//     v = 1.2 −4 10        y = 0.5 −2 3.5        dx = 1 10 0        dS = 1·(1 − 1.2) + 10·0 + 100·7 = 699.8
//
// (Esser et al., "Learned step size quantization", ICLR 2020.)

import Practice

/// What the grid leaves of the numbers.
func onGrid(_ x: [Float], step: Float, most: Int) throws -> [Float] {
  // BEGIN SOLUTION
  return x.map { step * min(max(($0 / step).rounded(.toNearestOrEven), Float(-most)), Float(most)) }
  // END SOLUTION
}

/// The gradient at the numbers, for the gradient `dy` at what is left of them.
func straightThrough(_ dy: [Float], _ x: [Float], step: Float, most: Int) throws -> [Float] {
  // BEGIN SOLUTION
  return zip(dy, x).map { dy, x in abs((x / step).rounded(.toNearestOrEven)) <= Float(most) ? dy : 0 }
  // END SOLUTION
}

/// The gradient at the step.
func stepGradient(_ dy: [Float], _ x: [Float], step: Float, most: Int) throws -> Float {
  // BEGIN SOLUTION
  return zip(dy, x).reduce(0) { sum, pair in
    let (dy, v) = (pair.0, pair.1 / step)
    let q = v.rounded(.toNearestOrEven)
    if q > Float(most) { return sum + dy * Float(most) }
    if q < Float(-most) { return sum - dy * Float(most) }
    return sum + dy * (q - v)
  }
  // END SOLUTION
}
