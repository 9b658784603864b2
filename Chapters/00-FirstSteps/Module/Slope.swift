/// The slope of a function at a place, measured: how much it rises over a short stretch, divided by the stretch.
///
///     f'(x) ≈ (f(x + h) − f(x − h)) / 2h
///
/// - Parameters:
///   - f: A function of one number.
///   - x: Where.
///   - h: Half the stretch; too long, and the function bends on it; too short, and rounding shows.
/// - PyTorch: none; `torch.autograd.gradcheck` compares with such slopes.
/// - Book: section 0.4.
public func measuredSlope(of f: (Double) -> Double, at x: Double, h: Double = 1e-5) -> Double {
  (f(x + h) - f(x - h)) / (2 * h)
}
