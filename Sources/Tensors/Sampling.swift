/// How a next symbol is chosen from a language model's scores: by chance, by temperature, among the best few.
///
///     pᵢ = exp(zᵢ/τ) / Σⱼ exp(zⱼ/τ)    over the symbols whose score is at least the k-th largest
///
/// At temperature 1 the symbols come as often as the model thinks that they should; below, the likely ones come more
/// often still; above, all become more alike. At 0 the best is always taken (greedy).
///
///     let sampler = Sampler(temperature: 0.8, topK: 20)
///     var stream = RandomSource.current.next()
///     let next = sampler.choose(from: logits, with: &stream)
///
/// - PyTorch: none; `torch.multinomial(torch.softmax(z.masked_fill(z < z.topk(k).values[..., -1:], -inf), -1), 1)`
///   with `z = logits / temperature`, as nanoGPT's `generate` has it.
/// - Source: temperature: Ackley, Hinton, Sejnowski, "A learning algorithm for Boltzmann machines", Cognitive Science 9,
///   1985; the k best: Fan, Lewis, Dauphin, "Hierarchical neural story generation", ACL 2018.
/// - Book: chapter 8.
public struct Sampler: Sendable, Equatable {
  /// `τ`, from 0.
  public let temperature: Float
  /// `k`: how many of the best symbols are left to choose from; nil for all.
  public let topK: Int?

  /// - Parameters:
  ///   - temperature: `τ`. Traps below 0 and when it is no finite number.
  ///   - topK: `k`, at least 1; more than there are symbols means all. Symbols that tie with the k-th stay, too.
  public init(temperature: Float = 1, topK: Int? = nil) {
    if !(temperature >= 0 && temperature.isFinite) {
      trap("Sampler: the temperature must be 0 or above, given \(temperature)")
    }
    if let topK, topK < 1 { trap("Sampler: at least one symbol must be left to choose from, given \(topK)") }
    self.temperature = temperature
    self.topK = topK
  }

  /// The probability of each symbol.
  ///
  /// - Parameter logits: Scores, `[…, V]`.
  /// - Returns: `[…, V]`; every row sums to 1.
  public func probabilities(_ logits: Tensor) -> Tensor {
    guard let symbols = logits.shape.last, symbols > 0 else {
      trap("Sampler: no symbols to choose from: \(logits.shape)")
    }
    if temperature == 0 { return logits.argmax().oneHot(classes: symbols) }
    let scores = logits / temperature
    guard let topK, topK < symbols else { return scores.softmax() }
    let cut = scores.topK(topK).values.sliced(topK - 1..<topK, axis: -1)
    return scores.replacing(with: -.infinity, where: scores .< cut).softmax()
  }

  /// A symbol for each row of scores.
  ///
  /// Traps when the scores hold NaN or infinity, which no probabilities can be made of.
  ///
  /// - Parameters:
  ///   - logits: Scores, `[…, V]`.
  ///   - stream: Where chance comes from; one number of it is used for each row, also at temperature 0.
  /// - Returns: The symbols' places, `[…]`.
  public func choose(from logits: Tensor, with stream: inout RandomStream) -> IntTensor {
    let probabilities = probabilities(logits)
    let symbols = logits.shape.last!
    var choices: [Int] = []
    probabilities.withPointer { p in
      for row in 0..<probabilities.count / symbols {
        choices.append(
          stream.place(amongWeights: UnsafeBufferPointer(start: p + row * symbols, count: symbols)))
      }
    }
    return IntTensor(choices, shape: Array(logits.shape.dropLast()))
  }
}

extension RandomStream {
  /// A place, each with a probability in proportion to its weight.
  fileprivate mutating func place(amongWeights weights: UnsafeBufferPointer<Float>) -> Int {
    let total = weights.reduce(0.0) { $0 + Double($1) }
    if !(total > 0 && total.isFinite) { trap("Sampler: the scores hold NaN or infinity") }
    // 24 bits are too coarse for rare symbols of a large vocabulary.
    let target = Double(next() >> 11) * 0x1p-53 * total
    var sum = 0.0
    for (place, weight) in weights.enumerated() {
      sum += Double(weight)
      if target < sum { return place }
    }
    // Rounding: the last that can come at all.
    return weights.lastIndex { $0 > 0 } ?? weights.count - 1
  }
}
