extension GeneratedDigits.Hand {
  /// The top bar as a stroke of its own, in one go with sharp corners, or in one go and round like an S.
  mutating func five() -> Int {
    let way = choose(4, 4, 2)
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
      to: end, closing: vary(1, by: 0.08), tilt: vary(0.05, by: 0.2))
    if way == 0 {
      start(left + lean + vary(0, by: 0.04), barLeft)
      through((left + reach) / 2, (barLeft + barRight) / 2 + vary(0, by: 0.015))
      corner(reach + vary(0.03, by: 0.04), barRight)
    }
    return way
  }

  /// A bowed or a straight back, with a big loop or a small one.
  mutating func six() -> Int {
    let way = choose(4, 2.5, 2.5, 1.2)
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
    let way = choose(6, 2.5, 3, 1.2)
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
    let way = choose(9, 1, 0.8, 0.7)
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
    let way = choose(5, 3, 2, 1.2)
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
