import Autograd
import Layers
import Tensors

/// Watches what goes into the layers of a model, to choose once and for all how it is rounded.
///
///     let calibration = Calibration(of: model)
///     for images in batches { calibration.watch { _ = model(Variable(images)).value } }
///     try model.roundWeights(inputs: calibration.inputs(fit: .percentile(0.9999)))
///
/// Of each layer's inputs the smallest, the largest, and a sample spread evenly over each batch are kept.
///
/// - PyTorch: `torch.ao.quantization.prepare` with a `HistogramObserver`, whose sample is a histogram.
/// - Book: section 12.4.
public final class Calibration {
  private let watched: [(name: String, watch: Watch, parameter: Parameter)]

  /// How many numbers of each batch are kept of a layer's inputs.
  public static let sampleSize = 1 << 14

  /// Nothing is watched outside of `watch`. Of an embedding there is nothing to watch.
  public init(of model: Module) {
    watched = model.eightBitWeights.map { ($0.name, Watch(), $0.weight.parameter) }
  }

  /// Runs `body`, which calls the model, in evaluation and without gradients.
  public func watch(_ body: () -> Void) {
    for (_, watch, parameter) in watched { parameter.rounding = watch }
    defer { for (_, _, parameter) in watched { parameter.rounding = nil } }
    withoutGradients(body)
  }

  /// The numbers of one layer's inputs that were kept, with the smallest and the largest; nil where none came by.
  public func sample(_ name: String) -> Tensor? {
    watched.first { $0.name == name }.flatMap { $0.watch.sample }
  }

  /// How the inputs of each weight are to be rounded, by the weights' names: to 0...255.
  ///
  /// - Parameter fit: How the range is chosen from what was seen.
  public func inputs(fit: Quantization.Fit = .range) -> [String: Quantization] {
    var all: [String: Quantization] = [:]
    for (name, watch, _) in watched {
      if let sample = watch.sample {
        all[name] = Quantization(fitting: sample, .affine, range: 0...255, fit: fit)
      }
    }
    return all
  }

  private final class Watch: WeightRounding {
    private var kept: [Float] = []
    private var (low, high): (Float, Float) = (0, 0)

    func input(_ x: Variable) -> Variable {
      let numbers = x.value
      let (least, most) = numbers.extremes()
      (low, high) = (min(low, least), max(high, most))
      let step = max(1, numbers.count / Calibration.sampleSize)
      numbers.withPointer { x in
        for i in Swift.stride(from: 0, to: numbers.count, by: step) { kept.append(x[i]) }
      }
      return x
    }

    func weight(_ weight: Variable) -> Variable { weight }

    var sample: Tensor? { kept.isEmpty ? nil : Tensor([low, high] + kept) }
  }
}
