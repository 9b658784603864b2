import Engine

/// Measures the gradient-noise scale of a network as it stands: gradients of many small and of some large batches, and
/// nothing is changed.
///
/// Each large batch is made of small ones, whose mean gradient is its own: so both norms come from the same work.
///
/// - Parameters:
///   - small: `B₁`, examples of a small batch.
///   - groups: How many small batches make a large one.
///   - places: Which examples; `groups · small` of them for each estimate of the large norm.
/// - Returns: The estimator, with all norms taken in.
/// - Source: McCandlish and others, 2018, appendix A.1.
/// - Book: section 11.2.
public func gradientNoise<Task: TrainingTask>(
  of model: Task.Model, _ task: Task, small: Int, groups: Int, places: [Int]
) throws -> GradientNoiseScale {
  var scale = GradientNoiseScale(smallBatch: small, largeBatch: small * groups)
  let parameters = model.parameters
  let kept = parameters.map(\.gradient)
  var place = 0
  while place + small * groups <= places.count {
    var sums: [Tensor?] = parameters.map { _ in nil }
    for _ in 0..<groups {
      for parameter in parameters { parameter.clearGradient() }
      let batch = try task.batch(places[place..<place + small], epoch: 1)
      task.step(model, on: batch).loss.backward()
      scale.add(small: gradientNorm(of: parameters))
      for (i, parameter) in parameters.enumerated() {
        guard let gradient = parameter.gradient else { continue }
        sums[i] = sums[i].map { $0 + gradient } ?? gradient
      }
      place += small
    }
    for (parameter, sum) in zip(parameters, sums) {
      parameter.setGradient(sum.map { $0 / Float(groups) })
    }
    scale.add(large: gradientNorm(of: parameters))
  }
  for (parameter, gradient) in zip(parameters, kept) { parameter.setGradient(gradient) }
  return scale
}
