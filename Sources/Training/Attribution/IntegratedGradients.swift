import Autograd
import Tensors

/// Integrated gradients: what each number of the input adds to a class's score on the straight way from a baseline.
///
///     a = (x − x′) ⊙ ∫₀¹ ∇F_c(x′ + α (x − x′)) dα,   Σ a = F_c(x) − F_c(x′)
///
/// The integral is a mean over the middles of equal parts. What is missing in the sum, the *completeness gap*, says how
/// good that was; a linear network is exact with one step.
///
/// - Parameters:
///   - x: `[N, …]`
///   - baseline: What counts as nothing: paper, zeros. Of the shape of `x`.
///   - classes: The class c of each example, N of them.
///   - steps: How many points on the way.
///   - batchSize: How many of them the network sees at once.
///   - scores: The network, `[B, …]` to logits `[B, C]`; see `inputGradient`.
/// - Returns: The attributions, of the shape of `x`, and for each example the gap `Σ a − (F_c(x) − F_c(x′))`.
/// - PyTorch: none; Captum's `IntegratedGradients(model).attribute(x, baseline, target, n_steps, method='riemann_middle')`,
///   whose default is 50 points by Gauss and Legendre.
/// - Source: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", ICML 2017.
/// - Book: section 9.3.
public func integratedGradients(
  at x: Tensor, from baseline: Tensor, of classes: [Int], steps: Int = 50, batchSize: Int = 64,
  scores: (Variable) -> Variable
) -> (attributions: Tensor, gaps: [Double]) {
  if x.rank == 0 || x.shape != baseline.shape {
    trap("integratedGradients: input \(x.shape) and baseline \(baseline.shape): [N, …] twice is needed")
  }
  if steps < 1 || batchSize < 1 {
    trap("integratedGradients: \(steps) steps in batches of \(batchSize): at least 1 is needed")
  }
  let difference = x - baseline
  let ends = withoutGradients { (scores(Variable(x)).value, scores(Variable(baseline)).value) }
  checkClasses(classes, ends.0.shape, examples: x.shape[0], "integratedGradients")
  var attributions: [Tensor] = []
  var gaps: [Double] = []
  for n in classes.indices {
    let (from, along) = (baseline.rows(n..<n + 1), difference.rows(n..<n + 1))
    var mean = Tensor.zeros(from.shape)
    for first in stride(from: 0, to: steps, by: batchSize) {
      let points = (first..<min(first + batchSize, steps)).map { step in
        from + along * ((Float(step) + 0.5) / Float(steps))
      }
      let same = [Int](repeating: classes[n], count: points.count)
      let gradient = inputGradient(at: concatenate(points), of: same, scores: scores).gradient
      mean += gradient.sum(axis: 0, keepingAxis: true) / Float(steps)
    }
    let attribution = along * mean
    attributions.append(attribution)
    let rise = Double(ends.0[n, classes[n]]) - Double(ends.1[n, classes[n]])
    gaps.append(attribution.scalars.reduce(0.0) { $0 + Double($1) } - rise)
  }
  return (attributions.isEmpty ? x : concatenate(attributions), gaps)
}
