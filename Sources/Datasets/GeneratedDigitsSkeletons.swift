extension GeneratedDigits.Hand {
  /// Notes the knots of a digit, written in one of the ways in which people write it. Returns which way.
  @discardableResult
  mutating func write(_ digit: Int) -> Int {
    switch digit {
    case 0: zero()
    case 1: one()
    case 2: two()
    case 3: three()
    case 4: four()
    case 5: five()
    case 6: six()
    case 7: seven()
    case 8: eight()
    default: nine()
    }
  }

  /// One of the ways, each as likely as its weight says.
  mutating func way(_ weights: Float...) -> Int {
    var left = random.uniform() * weights.reduce(0, +)
    for (way, weight) in weights.enumerated() {
      if left < weight { return way }
      left -= weight
    }
    return weights.count - 1
  }

  /// Against the clock from the top: closed, not quite closed, crossing its own start, or begun with a tilted stroke.
  mutating func zero() -> Int {
    let way = way(5, 2, 3, 3)
    let width = chance(0.14) ? vary(0.55, by: 0.06) : vary(0.36, by: 0.07)
    let begin = vary(0.3, by: 1)
    let tilt = vary(0.06, by: 0.08)
    // Few write it clockwise.
    let turn: Float = chance(0.12) ? 1 : -1
    switch way {
    case 0: arc(0.3, 0.5, width, 0.5, from: begin, to: begin + 12 * turn, tilt: tilt, isStart: true)
    case 1:
      let gap = abs(vary(0.3, by: 0.6))
      arc(
        0.3, 0.5, width, 0.5, from: begin, to: begin + (12 - gap) * turn, closing: vary(0.97, by: 0.07),
        tilt: tilt, isStart: true)
    case 2:
      let overlap = abs(vary(0.6, by: 0.5))
      arc(
        0.3, 0.5, width, 0.5, from: begin, to: begin + (12 + overlap) * turn, closing: vary(0.9, by: 0.12),
        tilt: tilt, isStart: true)
    default:
      // A start from outside, and an end that runs over it.
      start(0.3 + vary(0.12, by: 0.06), vary(-0.04, by: 0.04))
      arc(
        0.3, 0.5, width, 0.5, from: -abs(vary(0.3, by: 0.3)), to: -11.8 - abs(vary(0.3, by: 0.4)),
        closing: vary(0.95, by: 0.06), tilt: tilt)
    }
    return way
  }

  /// A plain stroke, mostly; some have a flag, and some of these a foot.
  mutating func one() -> Int {
    let way = way(8, 1.2, 0.9)
    let bow = vary(0, by: 0.02)
    if way > 0 {
      start(-abs(vary(0.2, by: 0.05)), vary(0.22, by: 0.05))
      if chance(0.5) { through(-0.08, vary(0.13, by: 0.02)) }
      corner(0, 0)
    } else {
      start(vary(0, by: 0.01), 0)
    }
    through(bow - 0.035, 0.5)
    corner(vary(-0.07, by: 0.03), 1)
    if way == 2 {
      let foot = vary(0.98, by: 0.02)
      start(-0.07 - abs(vary(0.22, by: 0.06)), foot + vary(0, by: 0.02))
      corner(-0.07 + abs(vary(0.22, by: 0.06)), foot + vary(0, by: 0.02))
    }
    return way
  }

  /// A sharp turn at the foot, a loop there, a rounded one, or a wave.
  mutating func two() -> Int {
    let way = way(5, 4.5, 1.5, 1.5)
    let width = vary(0.26, by: 0.06)
    let height = vary(0.24, by: 0.05)
    let reach = vary(0.66, by: 0.12)
    let tilt = vary(0, by: 0.2)
    if chance(0.12) { start(vary(0.08, by: 0.03), vary(0.34, by: 0.05)) }
    arc(
      0.3, height, width, height, from: vary(9.6, by: 0.9), to: vary(15.6, by: 0.5), tilt: tilt,
      isStart: knots.isEmpty)
    if chance(0.6) { through(vary(0.36, by: 0.04), vary(0.66, by: 0.05)) }
    switch way {
    case 0:
      corner(vary(0.02, by: 0.06), vary(0.93, by: 0.04))
      through(reach * 0.5, vary(0.95, by: 0.03))
    case 1:
      // From a mere thickening to a loop as big as an a's.
      let loop = min(1.9, 0.35 + abs(vary(1.05, by: 0.65)))
      let foot = vary(0.95, by: 0.03)
      let height = 0.11 * loop
      arc(
        vary(0.1, by: 0.03), foot - height, 0.13 * loop, height, from: vary(4.6, by: 0.5),
        to: vary(13.2, by: 0.5))
      through(0.3 + reach * 0.25, foot - 0.06 * loop + vary(0.02, by: 0.03))
    case 2:
      through(0.1, 0.86)
      through(vary(0.06, by: 0.02), vary(0.94, by: 0.02))
      through(0.2, vary(0.96, by: 0.02))
      through(reach * 0.6, vary(0.94, by: 0.03))
    default:
      corner(vary(0.0, by: 0.05), vary(0.96, by: 0.03))
      through(0.16, vary(0.87, by: 0.03))
      through(reach * 0.65, vary(0.98, by: 0.02))
    }
    corner(reach, vary(0.93, by: 0.08))
    return way
  }

  /// Two round bows with a sharp waist, with a smooth waist, with a small loop there, or under a flat top.
  mutating func three() -> Int {
    let way = way(5, 2, 1.5, 2.5)
    let top = vary(0.23, by: 0.04)
    let topWidth = vary(0.25, by: 0.05)
    let bottomWidth = vary(0.28, by: 0.06)
    let waist = vary(0.2, by: 0.07)
    let tilt = vary(-0.2, by: 0.17)
    let middle = 2 * top + vary(-0.02, by: 0.02)
    let bottom = (1 - middle) / 2
    switch way {
    case 3:
      start(vary(0.05, by: 0.04), vary(0.04, by: 0.03))
      through(0.28, vary(0.03, by: 0.015))
      corner(vary(0.5, by: 0.04), vary(0.03, by: 0.03))
      corner(waist + 0.02, vary(0.39, by: 0.04))
    default:
      arc(
        0.28, top, topWidth, top, from: vary(9.9, by: 0.7), to: vary(16.4, by: 0.5), tilt: tilt, isStart: true
      )
      switch way {
      case 0: corner(waist, middle)
      case 1: through(vary(0.27, by: 0.03), middle)
      default:
        through(waist, middle + 0.02)
        through(waist - vary(0.07, by: 0.02), middle - vary(0.02, by: 0.01))
        through(waist - 0.01, middle - vary(0.07, by: 0.015))
        through(waist + 0.09, middle - 0.01)
      }
    }
    arc(
      vary(0.27, by: 0.04), 1 - bottom, bottomWidth, bottom, from: vary(13.0, by: 0.4),
      to: vary(20, by: 1), closing: vary(1, by: 0.08), tilt: vary(-0.1, by: 0.15))
    return way
  }

  /// Open with a sharp angle, open with a round one, closed at the top, or all in one go.
  mutating func four() -> Int {
    let way = way(5, 3.5, 0.7, 1)
    let bar = vary(0.54, by: 0.06)
    let stem = vary(0.46, by: 0.05)
    let lean = vary(0.06, by: 0.04)
    let reach = stem + vary(0.14, by: 0.07)
    let left = vary(0.03, by: 0.04)
    let stemTop = vary(0.06, by: 0.07)
    switch way {
    case 0:
      start(left + vary(0.08, by: 0.07), vary(0.05, by: 0.06))
      through(left + vary(0.04, by: 0.03), bar * 0.55)
      corner(left, bar + vary(0.03, by: 0.03))
      through(stem * 0.55, bar + vary(0.01, by: 0.02))
      corner(reach, bar + vary(-0.02, by: 0.04))
    case 1:
      start(left + vary(0.06, by: 0.05), vary(0.03, by: 0.05))
      through(left, bar * vary(0.55, by: 0.06))
      through(left + 0.05, bar - 0.03)
      through(left + 0.17, bar + vary(0.02, by: 0.02))
      through(stem - 0.06, bar - vary(0.03, by: 0.03))
      corner(reach, bar - vary(0.08, by: 0.05))
    case 2:
      start(stem - vary(0.01, by: 0.02), stemTop - vary(0.02, by: 0.03))
      through(left + 0.21, bar * vary(0.5, by: 0.03))
      corner(left, bar + vary(0.05, by: 0.03))
      through(stem * 0.6, bar + vary(0.04, by: 0.02))
      corner(max(reach, stem + 0.1), bar + vary(0.02, by: 0.03))
    default:
      start(left + vary(0.1, by: 0.05), vary(0.06, by: 0.05))
      through(left + 0.03, bar * 0.6)
      corner(left + 0.02, bar)
      through(stem * 0.5, bar + vary(0, by: 0.02))
      corner(stem - lean, bar - vary(0.05, by: 0.03))
      through(stem + 0.01, bar * 0.5)
      corner(stem + vary(0.02, by: 0.02), stemTop)
      through(stem - lean * 0.5, 0.6)
      corner(stem - lean, 1)
      return way
    }
    start(stem + vary(0.02, by: 0.03), stemTop)
    through(stem + vary(0, by: 0.01), 0.5)
    corner(stem - lean, 1)
    return way
  }

  /// The top bar as a stroke of its own, in one go with sharp corners, or in one go and round like an S.
  mutating func five() -> Int {
    let way = way(4, 4, 2)
    let neck = vary(0.4, by: 0.06)
    let left = vary(0.12, by: 0.05)
    let reach = vary(0.65, by: 0.15)
    let width = vary(0.29, by: 0.06)
    let bowl = (1 - neck) / 2 + vary(0.03, by: 0.025)
    let end = vary(19.7, by: 0.9)
    let lean = vary(0.04, by: 0.045)
    let barLeft = vary(0.06, by: 0.04)
    let barRight = vary(0.0, by: 0.07)
    switch way {
    case 0:
      start(left + lean, vary(0.06, by: 0.04))
      corner(left, neck + vary(0.02, by: 0.03))
    case 1:
      start(reach, barRight)
      through((left + reach) / 2, (barLeft + barRight) / 2 + vary(0, by: 0.01))
      corner(left + lean, barLeft)
      corner(left, neck + vary(0.02, by: 0.03))
    default:
      start(reach, barRight)
      through(0.35, vary(0.04, by: 0.02))
      through(left + 0.07, vary(0.12, by: 0.03))
      through(left + 0.02, vary(0.28, by: 0.03))
      through(left + 0.1, vary(0.4, by: 0.02))
    }
    arc(
      left + vary(0.12, by: 0.04), 1 - bowl, width, bowl, from: way == 2 ? 12.8 : vary(11.9, by: 0.5),
      to: end,
      closing: vary(1, by: 0.08), tilt: vary(0.05, by: 0.2))
    if way == 0 {
      start(left + lean + vary(0, by: 0.04), barLeft)
      through((left + reach) / 2, (barLeft + barRight) / 2 + vary(0, by: 0.015))
      corner(reach + vary(0.03, by: 0.04), barRight)
    }
    return way
  }

  /// A bowed or a straight back, with a big loop or a small one.
  mutating func six() -> Int {
    let way = way(4, 2.5, 2.5, 1.2)
    let isSmall = way >= 2
    let height = isSmall ? vary(0.2, by: 0.03) : vary(0.27, by: 0.035)
    let width = isSmall ? vary(0.22, by: 0.045) : vary(0.275, by: 0.055)
    let left = 0.3 - width
    if way == 1 || way == 3 {
      start(vary(0.25, by: 0.13), 0)
      through(left + vary(0.07, by: 0.03), 0.36)
    } else if chance(0.4) {
      // The back of a C, its upper end more or less bent over.
      arc(0.3, 0.5, width + vary(0, by: 0.02), 0.5, from: vary(0.8, by: 0.5), to: -2.6, isStart: true)
    } else {
      start(vary(0.42, by: 0.1), vary(0.03, by: 0.035))
      through(vary(0.2, by: 0.04), vary(0.18, by: 0.03))
      through(left + vary(0.03, by: 0.02), vary(0.45, by: 0.03))
    }
    // The end closes the loop, or curls up inside it.
    let curls = chance(0.35)
    arc(
      0.3, 1 - height, width, height, from: vary(-2.8, by: 0.3),
      to: curls ? vary(-15.5, by: 1) : vary(-14.2, by: 0.8),
      closing: curls ? vary(0.6, by: 0.1) : vary(0.93, by: 0.1), tilt: vary(0.06, by: 0.15))
    return way
  }

  /// Plain, with a bar, with a hook at its start, or with both.
  mutating func seven() -> Int {
    let way = way(6, 2.5, 3, 1.2)
    let foot = vary(0.33, by: 0.12)
    let right = way >= 2 ? vary(0.54, by: 0.09) : vary(0.6, by: 0.07)
    let rise = vary(0.03, by: 0.05)
    if way >= 2 {
      start(vary(0.0, by: 0.03), vary(0.25, by: 0.09))
      if chance(0.5) { corner(vary(0.02, by: 0.03), 0.05) } else { through(vary(0.02, by: 0.03), 0.07) }
    } else {
      start(vary(0, by: 0.05), 0.04 + rise)
    }
    through(0.28, vary(0.05, by: 0.035))
    if chance(0.65) {
      corner(right, 0.04 - rise)
    } else {
      through(right - 0.05, 0.03 - rise)
      through(right, 0.1 - rise)
    }
    // From straight to bowed to the left.
    let bow = vary(0, by: 0.06)
    let sway = vary(0, by: 0.03)
    through(right + (foot - right) * 0.3 - bow * 0.7, 0.33)
    through(right + (foot - right) * 0.65 - bow + sway, 0.66)
    corner(foot, 1)
    if way == 1 || way == 3 {
      let bar = vary(0.5, by: 0.05)
      let centre = right + (foot - right) * bar
      let half = vary(0.21, by: 0.055)
      start(centre - half - vary(0.02, by: 0.02), bar + vary(0.02, by: 0.03))
      corner(centre + half, bar + vary(-0.02, by: 0.03))
    }
    return way
  }

  /// An S and back up, from the top; the same clockwise; begun in the middle; or a ring upon a ring.
  mutating func eight() -> Int {
    let way = way(9, 1, 0.8, 0.7)
    let top = vary(0.245, by: 0.04)
    let topWidth = vary(0.235, by: 0.045)
    let middle = 2 * top
    let bottom = (1 - middle) / 2
    let bottomWidth = vary(0.215, by: 0.045)
    let shift = vary(0.02, by: 0.045)
    let upper = 0.3 + shift
    let lower = 0.3 - shift
    let tilt = vary(0.12, by: 0.18)
    switch way {
    case 0, 1:
      // Clockwise is the mirror image; hands differ most in how the end finds back to the start.
      let mirror: Float = way == 0 ? 1 : -1
      let begin = vary(1.9, by: 0.9)
      let cross = vary(0.02, by: 0.06) * mirror
      let isLong = chance(0.25)
      if isLong { start(upper + topWidth * vary(1.3, by: 0.2) * mirror, top * vary(0.5, by: 0.25)) }
      arc(
        upper, top, topWidth, top, from: begin * mirror, to: vary(-3.4, by: 0.4) * mirror,
        tilt: tilt * mirror, isStart: !isLong)
      through(0.3 + cross, middle + vary(0, by: 0.02))
      arc(
        lower, 1 - bottom, bottomWidth, bottom, from: vary(3.1, by: 0.5) * mirror,
        to: vary(8.9, by: 0.5) * mirror)
      if chance(0.6) { through(0.3 + cross + vary(0, by: 0.025), middle + vary(0, by: 0.03)) }
      let end = GeneratedDigits.clockHand((begin + vary(0.2, by: 0.45)) * mirror)
      let growth = vary(1.1, by: 0.15)
      if chance(0.4) {
        through(upper + topWidth * vary(0.75, by: 0.1) * mirror, top * vary(1.35, by: 0.1))
      }
      corner(
        upper + topWidth * (end.x - tilt * mirror * end.y * top / topWidth) * growth,
        top + top * end.y * growth)
    case 2:
      start(0.3, middle)
      arc(upper, top, topWidth, top, from: 7.5, to: 16.5, tilt: tilt)
      through(vary(0.3, by: 0.02), middle)
      arc(lower, 1 - bottom, bottomWidth, bottom, from: -1.7, to: -10.3)
      corner(vary(0.3, by: 0.03), middle + vary(0, by: 0.02))
    default:
      let begin = vary(0, by: 1.5)
      arc(upper, top, topWidth, top, from: begin, to: begin - vary(12, by: 0.3), tilt: tilt, isStart: true)
      arc(
        lower, 1 - bottom - vary(0.01, by: 0.01), bottomWidth, bottom, from: vary(0, by: 1),
        to: -vary(12, by: 0.6), isStart: true)
    }
    return way
  }

  /// A straight stem, a bowed stem, a stem that ends in a hook; or a ring, and the stem a stroke of its own.
  mutating func nine() -> Int {
    let way = way(5, 3, 2, 1.2)
    let height = vary(0.22, by: 0.045)
    let width = vary(0.22, by: 0.06)
    let right = 0.28 + width
    let tilt = vary(0.25, by: 0.2)
    let top = vary(0.02, by: 0.03)
    arc(
      0.28, top + height, width, height, from: vary(1.6, by: 0.8), to: vary(-8.6, by: 0.5),
      closing: vary(1, by: 0.08), tilt: tilt, isStart: true)
    if way == 3 {
      start(right + vary(0.02, by: 0.03), vary(0.04, by: 0.06))
    } else if chance(0.7) {
      corner(right + vary(0.02, by: 0.03), vary(height * 0.5, by: 0.07))
    } else {
      through(right + 0.01, height * 1.1)
    }
    switch way {
    case 1:
      through(right + vary(0, by: 0.015), 0.5)
      through(right - vary(0.05, by: 0.03), 0.78)
      corner(right - vary(0.18, by: 0.07), 1)
    case 2:
      through(right, 0.55)
      through(right - vary(0.04, by: 0.02), 0.82)
      through(right - vary(0.18, by: 0.03), vary(0.98, by: 0.02))
      corner(vary(0.08, by: 0.06), vary(0.9, by: 0.05))
    default:
      let lean = vary(0.02, by: 0.06)
      through(right - lean * 0.5 + vary(0, by: 0.015), 0.55)
      corner(right - lean, 1)
    }
    return way
  }
}
