import Tensors
import Training

let precisionCases: [String: CaseHandler] = [
  "bfloat16_round": { golden in
    try golden.require("rounding", oneOf: "to nearest, ties to even; NaN stays NaN")
    try golden.compare("rounded", try golden.tensor("input").roundedToBFloat16())
  },
  "gradient_noise_scale": { golden in
    try golden.require("formula", oneOf: "McCandlish 2018, appendix A; the two means first, then their ratio")
    var noise = GradientNoiseScale(
      smallBatch: try golden.integer("small_batch"), largeBatch: try golden.integer("big_batch"))
    for norm in try golden.rowNorms("small") { noise.add(small: norm) }
    for norm in try golden.rowNorms("big") { noise.add(large: norm) }
    try golden.compare("squared_gradient", GoldenArray([noise.squaredGradient], shape: []))
    try golden.compare("trace", GoldenArray([noise.trace], shape: []))
    try golden.compare("noise_scale", GoldenArray([noise.noiseScale], shape: []))
  },
]

extension GoldenCase {
  /// The norm of each row.
  fileprivate func rowNorms(_ name: String) throws -> [Double] {
    let x = try tensor(name)
    guard x.rank == 2 else { throw CaseFault("`\(name)` has shape \(x.shape), rows were expected") }
    return (0..<x.shape[0]).map { row in
      x.row(row).scalars.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
  }
}
