import Autograd
import Layers
import Tensors
import Training

let trendCases: [String: CaseHandler] = [
  "attribution": { golden in
    try golden.require("model", oneOf: "conv 3x3 pad 1, relu, max-pool 2, linear")
    try golden.require("rule", oneOf: "midpoint")
    try golden.require("cam_layer", oneOf: "relu(conv)")
    let isRectified = try golden.flag("cam_relu")
    let (target, steps) = (try golden.integer("target"), try golden.integer("steps"))
    let (x, baseline) = (try golden.tensor("input"), try golden.tensor("baseline"))
    let (w, b) = (Variable(try golden.tensor("conv.weight")), Variable(try golden.tensor("conv.bias")))
    let (v, c) = (Variable(try golden.tensor("fc.weight")), Variable(try golden.tensor("fc.bias")))
    guard x.rank == 4, x.shape == baseline.shape, v.shape.count == 2, (0..<v.shape[0]).contains(target) else {
      throw CaseFault(
        "an input \(x.shape), a baseline \(baseline.shape) and class \(target) do not go together")
    }
    let maps = { (x: Variable) in relu(conv2d(x, w, bias: b, padding: 1)) }
    let head = { (a: Variable) in linear(maxPool2d(a, kernelSize: 2).flattened(from: 1), v, bias: c) }
    let model = { head(maps($0)) }
    let classes = [Int](repeating: target, count: x.shape[0])

    let (logits, gradient) = inputGradient(at: x, of: classes, scores: model)
    try golden.compare("logits", logits)
    try golden.compare("saliency", gradient.absolute())
    try golden.compare(
      "grad_cam", gradCAM(at: x, of: classes, isRectified: isRectified, maps: maps, scores: head))
    let (attributions, gaps) = integratedGradients(
      at: x, from: baseline, of: classes, steps: steps, scores: model)
    try golden.compare("integrated_gradients", attributions)
    // One number for all examples, as the file's sum has it.
    try golden.compare("completeness_gap", GoldenArray([gaps.reduce(0, +)], shape: []))
  },
  "dp_sgd_step": { golden in
    try golden.require("model", oneOf: "linear, relu, linear; cross entropy")
    try golden.require(
      "formula", oneOf: "(sum_e g_e min(1, C/|g_e|) + sigma C noise) / n, noise of deviation 1 given")
    let (x, target) = (try golden.tensor("input"), try golden.integers("target"))
    let names = ["0.weight", "0.bias", "2.weight", "2.bias"]
    let parameters = try names.map { Parameter(try golden.tensor($0)) }
    let noise = try names.map { try golden.tensor("noise.\($0)") }
    guard x.rank == 2, target.shape == [x.shape[0]] else {
      throw CaseFault("an input \(x.shape) and a target \(target.shape) do not go together")
    }
    let privacy = GradientPrivacy(
      clipNorm: try golden.number("clip"), noiseMultiplier: try golden.number("noise_multiplier"))
    let (loss, norms) = privateLoss(
      of: parameters, examples: x.shape[0], dividedBy: Double(x.shape[0]), privacy,
      noise: { index, _ in noise[index] }
    ) { e in
      let hidden = relu(linear(Variable(x.rows(e..<e + 1)), parameters[0], bias: parameters[1]))
      return crossEntropy(linear(hidden, parameters[2], bias: parameters[3]), target.rows(e..<e + 1))
    }
    try golden.compare("norms", GoldenArray(norms))
    loss.backward()
    for (name, parameter) in zip(names, parameters) {
      guard let gradient = parameter.gradient else { throw CaseFault("no gradient reached `\(name)`") }
      try golden.compare("update.\(name)", gradient)
    }
    SGD(parameters, learningRate: try golden.number("lr")).step()
    for (name, parameter) in zip(names, parameters) {
      try golden.compare("after.\(name)", parameter.value)
    }
  },
]
