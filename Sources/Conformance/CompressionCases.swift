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
  "fake_quantize": { golden in
    try golden.require(
      "formula",
      oneOf:
        "(clamp(round_half_even(x / s) + z, qmin, qmax) - z) * s; the gradient passes where the clamp did not act"
    )
    let x = try golden.leaf("input")
    let given = Quantization(
      scales: try golden.tensor("scale").scalars, zeroPoints: try golden.integers("zero_point").scalars,
      axis: try golden.optionIfPresent("axis") == nil ? nil : golden.integer("axis"),
      range: try golden.integer("qmin")...(try golden.integer("qmax")))
    let y = fakeQuantize(x, given)
    try golden.compare("output", y.value)
    y.backward(from: try golden.tensor("grad_output"))
    try golden.compareGradient(of: "input", x)
  },
  "int8_linear_dynamic": { golden in
    try golden.require("formula", oneOf: "(qx - zx) . qw in int32, times sx * sw[o], plus bias")
    let limits = try golden.integers(option: "weight_range")
    guard limits.count == 2 else { throw CaseFault("`weight_range` has \(limits.count) numbers") }
    let (x, w) = (try golden.tensor("input"), try golden.tensor("weight"))
    let forInput = Quantization(
      scales: try golden.tensor("input_scale").scalars,
      zeroPoints: try golden.integers("input_zero_point").scalars, range: 0...255)
    let scales = try golden.tensor("weight_scale").scalars
    let forWeight = Quantization(
      scales: scales, zeroPoints: scales.map { _ in 0 }, axis: 0, range: limits[0]...limits[1])
    try golden.checkFit(x, forInput, .affine, steps: 1e-6)
    try golden.checkFit(w, forWeight, .symmetric, steps: 1e-6)
    let (input, weight) = (QuantizedTensor(x, forInput), QuantizedTensor(w, forWeight))
    try golden.compareExactly("input_quantized", input.integers)
    try golden.compareExactly("weight_quantized", weight.integers)
    let result = integerLinear(input, weight, bias: try golden.tensor("bias"))
    try golden.compareExactly("accumulator", result.accumulator)
    try golden.compare("output", result.output)
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
    try checkFit(x, given, scheme, steps: 0.02)
  }

  /// The same for inputs that were moved by `steps` of a step after the scales were chosen.
  fileprivate func checkFit(
    _ x: Tensor, _ given: Quantization, _ scheme: Quantization.Scheme, steps moved: Double
  ) throws {
    let fitted = Quantization(fitting: x, scheme, axis: given.axis, range: given.range)
    guard fitted.scales.count == given.scales.count else {
      throw CaseFault("\(fitted.scales.count) scales were fitted, \(given.scales.count) were expected")
    }
    for (i, (mine, theirs)) in zip(fitted.scales, given.scales).enumerated() {
      if abs(mine - theirs) > theirs * Float(moved / 127 + 1e-6) {
        throw CaseFault("scale \(i) was fitted as \(mine), \(theirs) was expected")
      }
      let (zero, expected) = (fitted.zeroPoints[i], given.zeroPoints[i])
      if zero == expected { continue }
      let channel = given.axis == nil ? x : x.row(i)
      let steps = min(channel.extremes().min, 0) / theirs
      let fraction = abs(steps - steps.rounded(.down) - 0.5)
      // Far from 0, the sum of a row's steps is rounded itself.
      if abs(zero - expected) > 1 || Double(fraction) > max(moved, 1e-4) {
        throw CaseFault("zero point \(i) was fitted as \(zero), \(expected) was expected")
      }
    }
  }

  /// Compares whole numbers, of which each must be the file's, whatever its tolerance.
  fileprivate func compareExactly(_ name: String, _ mine: IntTensor) throws {
    try compare(name, mine)
    let theirs = try integers(name)
    if let i = mine.scalars.indices.first(where: { mine.scalars[$0] != theirs.scalars[$0] }) {
      throw CaseFault("`\(name)` has \(mine.scalars[i]) at \(i), \(theirs.scalars[i]) was expected")
    }
  }
}
