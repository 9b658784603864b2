extension GeneratedDigits.Hand {
  /// Against the clock from the top: closed, not quite closed, crossing its own start, or begun with a tilted stroke.
  mutating func zero() -> Int {
    let way = choose(5, 2, 3, 3)
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
    let way = choose(8, 1.2, 1.1)
    let middle = vary(-0.035, by: 0.02)
    if way > 0 {
      start(-abs(vary(0.2, by: 0.05)), vary(0.22, by: 0.05))
      if chance(0.5) { through(-0.08, vary(0.13, by: 0.02)) }
      corner(0, 0)
    } else {
      start(vary(0, by: 0.01), 0)
    }
    through(middle, 0.5)
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
    let way = choose(5, 4.5, 1.5, 1.5)
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

  /// Two round bows with a sharp waist, with a smooth one, or with a small loop there; or one under a flat top.
  mutating func three() -> Int {
    let way = choose(5, 2, 1.5, 2.5)
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
        0.28, top, topWidth, top, from: vary(9.9, by: 0.7), to: vary(16.4, by: 0.5), tilt: tilt,
        isStart: true)
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
    let way = choose(5, 3.5, 0.7, 1)
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
}
