import Autograd
import Tensors
import Training

let compressionCases: [String: CaseHandler] = [
  "int8": { golden in
    try golden.require("rounding", oneOf: "half to even")
    try golden.require(
      "formula", oneOf: "q=clamp(round(x/scale+zero_point),qmin,qmax); x'=(q-zero_point)*scale")
    let x = try golden.tensor("input")
    let given = Quantization(
      scales: try golden.tensor("scale").scalars, zeroPoints: try golden.integers("zero_point").scalars,
      axis: try golden.optionIfPresent("axis") == nil ? nil : golden.integer("axis"),
      range: try golden.integer("qmin")...(try golden.integer("qmax")))
    let quantized = QuantizedTensor(x, given)
    try golden.compare("quantized", quantized.integers)
    try golden.compare("dequantized", quantized.dequantized())
    try golden.checkFit(x, given)
  },
  "int8_linear": { golden in
    try golden.require("scheme", oneOf: "symmetric")
    try golden.require("formula", oneOf: "output=input @ (quantized*scale)^T + bias")
    let weight = QuantizedTensor(
      try golden.tensor("weight"), .symmetric, axis: try golden.integer("axis"),
      range: try golden.integer("qmin")...(try golden.integer("qmax")))
    try golden.compare("quantized", weight.integers)
    try golden.compare("scale", Tensor(weight.quantization.scales))
    let layer = QuantizedLinear(quantizedWeight: weight, bias: Parameter(try golden.tensor("bias")))
    try golden.compare("output", layer(Variable(try golden.tensor("input"))).value)
  },
  "prune": { golden in
    try golden.require("count_formula", oneOf: "round half to even of amount*n")
    let (weight, amount) = (try golden.tensor("weight"), try golden.number("amount"))
    let mask: Tensor
    let gone: Int
    switch try golden.option("method") {
    case "l1_unstructured":
      mask = magnitudeMask(of: weight, amount: amount)
      gone = mask.scalars.count { $0 == 0 }
    case "ln_structured":
      let axis = try golden.integer("dim")
      guard weight.shape.indices.contains(axis) else {
        throw CaseFault("`dim` is \(axis) for \(weight.shape)")
      }
      let order = try golden.number("n")
      mask = channelMask(of: weight, amount: amount, axis: axis, order: order)
      gone = mask.scalars.count { $0 == 0 } / (weight.count / weight.shape[axis])
    case let other: throw CaseFault("`method` is unknown: \(other)")
    }
    let count = try golden.integer("count")
    if gone != count { throw CaseFault("\(gone) taken away, \(count) were expected") }
    try golden.compare("mask", mask)
    let parameter = Parameter(weight)
    Pruning().add(parameter, mask: mask)
    try golden.compare("pruned", parameter.value)
  },
]

extension GoldenCase {
  /// Checks that scales and zero points fitted to the input are the file's.
  ///
  /// The file's inputs were moved by up to 0.01 of a step after its scales were chosen, wherever a number lay on the
  /// border between two whole numbers. So a scale may differ by 0.02 steps in the range's 255, and a zero point by one
  /// where the border is as near.
  fileprivate func checkFit(_ x: Tensor, _ given: Quantization) throws {
    let schemes: [String: Quantization.Scheme] = ["symmetric": .symmetric, "affine": .affine]
    guard let scheme = schemes[try option("scheme")] else {
      throw CaseFault("`scheme` is unknown: \(try option("scheme"))")
    }
    try require(
      "scale_formula",
      oneOf: "max|x|/127", "(max(x,0)-min(x,0))/255; zero_point=qmin-round(min(x,0)/scale)", "given")
    if try option("scale_formula") == "given" { return }
    let fitted = Quantization(fitting: x, scheme, axis: given.axis, range: given.range)
    guard fitted.scales.count == given.scales.count else {
      throw CaseFault("\(fitted.scales.count) scales were fitted, \(given.scales.count) were expected")
    }
    for (i, (mine, theirs)) in zip(fitted.scales, given.scales).enumerated() {
      if abs(mine - theirs) > theirs * (0.02 / 127 + 1e-6) {
        throw CaseFault("scale \(i) was fitted as \(mine), \(theirs) was expected")
      }
      let (zero, expected) = (fitted.zeroPoints[i], given.zeroPoints[i])
      if zero == expected { continue }
      let channel = given.axis == nil ? x : x.row(i)
      let steps = min(channel.extremes().min, 0) / theirs
      let fraction = abs(steps - steps.rounded(.down) - 0.5)
      if abs(zero - expected) > 1 || fraction > 0.02 {
        throw CaseFault("zero point \(i) was fitted as \(zero), \(expected) was expected")
      }
    }
  }
}
