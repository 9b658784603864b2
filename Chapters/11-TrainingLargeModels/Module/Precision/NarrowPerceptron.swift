import Engine

/// A perceptron whose every number between two ops is kept in a narrow format: weights as they are used, results of
/// layers, and all gradients.
///
/// Its parameters themselves are float32: the master weights, which the optimiser changes. `keepsMaster: false` takes
/// them away: after each step the weights are what the narrow format has left of them.
///
/// - Source: Micikevicius and others, "Mixed precision training", ICLR 2018, section 3.1.
/// - Book: section 11.4.
public final class NarrowPerceptron: Module, Layer {
  public let layers: [Linear]
  /// What numbers are kept in.
  public let format: NumberFormat

  /// - Parameter widths: From the inputs to the classes: `[784, 32, 10]`.
  public init(widths: [Int], format: NumberFormat) {
    layers = zip(widths, widths.dropFirst()).map { Linear(inFeatures: $0, outFeatures: $1) }
    self.format = format
  }

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, C]`; the loss itself is taken in float32.
  public func callAsFunction(_ images: Variable) -> Variable { results(images).last! }

  /// What each layer makes of the images, before the next one's ReLU; the last are the logits.
  public func results(_ images: Variable) -> [Variable] {
    var results: [Variable] = []
    var x = kept(images.flattened(from: 1), in: format)
    for layer in layers {
      if !results.isEmpty { x = relu(x) }
      let (weight, bias) = (kept(layer.weight, in: format), kept(layer.bias!, in: format))
      x = kept(matmul(x, weight.transposed()) + bias, in: format)
      results.append(x)
    }
    return results
  }
}

/// Rounds the parameters themselves, and says how many steps that undoes: weights that come back to where they were.
///
/// - Parameters:
///   - before: The values before the optimiser's step.
/// - Returns: How many weights the step had changed, and how many of those are as before again.
public func keepWithoutMaster(
  _ parameters: [Parameter], in format: NumberFormat, before: [Tensor]
) -> (changed: Int, lost: Int) {
  var (changed, lost) = (0, 0)
  for (parameter, old) in zip(parameters, before) {
    let stepped = parameter.value
    let rounded = format.rounded(stepped)
    stepped.withPointer { s in
      rounded.withPointer { r in
        old.withPointer { o in
          for i in 0..<old.count where s[i] != o[i] {
            changed += 1
            if r[i] == o[i] { lost += 1 }
          }
        }
      }
    }
    parameter.value = rounded
  }
  return (changed, lost)
}
