import Engine

extension LSTM {
  /// Lets every forget gate begin with the same bias: what the gate adds up when input and state are zeros.
  ///
  /// The gate adds `bias_ih` and `bias_hh`. PyTorch initialises both at random, so if one of them is set to `b`, the
  /// gate begins at `b` plus whatever the other is; if both are, at `2b`. Here the first is set to `b` and the second to
  /// 0.
  ///
  /// - Parameter b: The effective bias; the open share of a gate without any input is σ(b): 0.5 for 0, 0.73 for 1, 0.88
  ///   for 2.
  /// - PyTorch: `layer.bias_ih_l0.data[H:2*H] = b; layer.bias_hh_l0.data[H:2*H] = 0`.
  /// - Source: Jozefowicz, Zaremba and Sutskever, "An empirical exploration of recurrent network architectures", ICML
  ///   2015, for a bias of 1.
  /// - Book: section 6.6.
  public func setForgetBias(_ b: Float) {
    for place in directions.flatMap({ $0 }) {
      guard let inputBias = place.inputBias as? Parameter, let hiddenBias = place.hiddenBias as? Parameter
      else {
        fatalError("setForgetBias: the layer has no biases")
      }
      for unit in hiddenSize..<2 * hiddenSize {
        inputBias.value[unit] = b
        hiddenBias.value[unit] = 0
      }
    }
  }

  /// The effective bias of every forget gate, the sum of two numbers: layer by layer, `H` of each direction.
  public var forgetBiases: [Float] {
    directions.flatMap { $0 }.flatMap { place in
      (hiddenSize..<2 * hiddenSize).map { unit -> Float in
        let (input, hidden) = (place.inputBias?.value[unit] ?? 0, place.hiddenBias?.value[unit] ?? 0)
        return input + hidden
      }
    }
  }
}
