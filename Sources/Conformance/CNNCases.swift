import Autograd
import Layers
import Tensors
import Training

let cnnCases: [String: CaseHandler] = [
  "seed_cnn": { golden in
    try golden.require(
      "layers",
      oneOf:
        "conv1 k5 s1 p2; relu; maxpool 2; conv2 k5 s1 p2; relu; maxpool 2; flatten c,h,w; fc1; relu; fc2")
    try golden.require("std", oneOf: "population")
    let model = SeedCNN()
    let (images, target) = (try golden.tensor("input"), try golden.integers("target"))
    guard images.rank == 4, images.shape[1...] == [1, 28, 28] else {
      throw CaseFault("`input` has shape \(images.shape), [N, 1, 28, 28] was expected")
    }
    try golden.trainSeed(model, target: target) {
      model(Variable(images))
    } compare: { name, value in
      try golden.compare("\(name).mean", Tensor(Float(value.mean)))
      try golden.compare("\(name).std", Tensor(Float(value.deviation)))
      try golden.compare("\(name).first32", Tensor(Array(value.tensor.scalars.prefix(32))))
    }
  }
]

/// The article's network.
private final class SeedCNN: Module {
  let conv1 = Conv2d(inChannels: 1, outChannels: 32, kernelSize: 5, padding: 2)
  let conv2 = Conv2d(inChannels: 32, outChannels: 64, kernelSize: 5, padding: 2)
  let fc1 = Linear(inFeatures: 64 * 7 * 7, outFeatures: 128)
  let fc2 = Linear(inFeatures: 128, outFeatures: 10)

  func callAsFunction(_ images: Variable) -> Variable {
    var x = maxPool2d(relu(conv1(images)), kernelSize: 2)
    x = maxPool2d(relu(conv2(x)), kernelSize: 2)
    x = relu(fc1(x.flattened(from: 1)))
    return fc2(x)
  }
}

/// A tensor, and its mean and population deviation as doubles.
struct Digest {
  let tensor: Tensor
  var mean: Double { tensor.scalars.reduce(0) { $0 + Double($1) } / Double(tensor.count) }
  var deviation: Double {
    let mean = mean
    return
      (tensor.scalars.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(tensor.count))
      .squareRoot()
  }
}

extension GoldenCase {
  /// Sets a model's parameters to the file's `init.*`, trains it a few steps on one batch, and compares logits,
  /// losses, the first gradients and the last weights.
  ///
  /// - Parameter compare: Compares `grad0.NAME` or `final.NAME`, in whatever form the file has them.
  func trainSeed(
    _ model: Module, target: IntTensor, logits: () -> Variable,
    compare compareTensor: (_ name: String, _ value: Digest) throws -> Void
  ) throws {
    try require("optimizer", oneOf: "adam")
    try require("loss", oneOf: "cross_entropy mean")
    for (name, parameter) in model.namedParameters {
      let value = try tensor("init.\(name)")
      if value.shape != parameter.shape {
        throw CaseFault("`init.\(name)` has shape \(value.shape), \(parameter.shape) was expected")
      }
      parameter.value = value
    }
    let optimizer = Adam(groups: [ParameterGroup(model.parameters, try adamSettings())])
    var losses: [Float] = []
    for step in 0..<(try integer("steps")) {
      let y = logits()
      if step == 0 { try compare("logits0", y.value) }
      let loss = crossEntropy(y, target)
      losses.append(loss.scalar)
      optimizer.clearGradients()
      loss.backward()
      if step == 0 {
        for (name, parameter) in model.namedParameters {
          guard let gradient = parameter.gradient else { throw CaseFault("no gradient reached `\(name)`") }
          try compareTensor("grad0.\(name)", Digest(tensor: gradient))
        }
      }
      optimizer.step()
    }
    try compare("losses", Tensor(losses))
    try compare("logits_after", withoutGradients { logits() }.value)
    for (name, parameter) in model.namedParameters {
      try compareTensor("final.\(name)", Digest(tensor: parameter.value))
    }
  }
}
