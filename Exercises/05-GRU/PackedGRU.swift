import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

/// The numbers of one GRU step in PyTorch's packing, and the step in Double with what a mistake changes.
struct PackedGRU {
  let x, h, weightIh, weightHh, biasIh, biasHh: Tensor

  init(x: Tensor, h: Tensor, weightIh: Tensor, weightHh: Tensor, biasIh: Tensor, biasHh: Tensor) {
    (self.x, self.h) = (x, h)
    (self.weightIh, self.weightHh, self.biasIh, self.biasHh) = (weightIh, weightHh, biasIh, biasHh)
  }

  init(_ count: Int, _ inputSize: Int, _ size: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      x: inputs.normal([count, inputSize]), h: small(&inputs, [count, size]),
      weightIh: small(&inputs, [3 * size, inputSize]), weightHh: small(&inputs, [3 * size, size]),
      biasIh: small(&inputs, [3 * size]), biasHh: small(&inputs, [3 * size]))
  }

  var given: KeyValuePairs<String, any Passable> {
    [
      "x": x, "h": h, "weightIh": weightIh, "weightHh": weightHh, "biasIh": biasIh, "biasHh": biasHh,
    ]
  }

  var size: Int { h.shape[1] }

  /// What the input and its bias add to the sum of a gate (0 reset, 1 update, 2 candidate).
  func ofInput(_ gate: Int) -> Rows {
    let places = gate * size..<(gate + 1) * size
    return adding(
      biasIh.scalars[places].map(Double.init), to: timesTransposed(rows(x), Array(rows(weightIh)[places])))
  }

  /// What a state and its bias add.
  func ofState(_ gate: Int, _ state: Rows? = nil) -> Rows {
    let places = gate * size..<(gate + 1) * size
    return adding(
      biasHh.scalars[places].map(Double.init),
      to: timesTransposed(state ?? rows(h), Array(rows(weightHh)[places])))
  }

  func gate(_ gate: Int) -> Rows { each(pairwise(ofInput(gate), ofState(gate), +), sigmoid) }

  /// The state after the step.
  func step(
    reset: Int = 0, update: Int = 1, candidate: Int = 2, keepsWithUpdate: Bool = true,
    resetsBefore: Bool = false,
    resetsAll: Bool = false, usesReset: Bool = true, squash: (Double) -> Double = { tanh($0) }
  ) -> Tensor {
    let (r, z, state) = (gate(reset), gate(update), rows(h))
    let fromInput = ofInput(candidate)
    let sums: Rows =
      if !usesReset {
        pairwise(fromInput, ofState(candidate), +)
      } else if resetsAll {
        pairwise(r, pairwise(fromInput, ofState(candidate), +), *)
      } else if resetsBefore {
        pairwise(fromInput, ofState(candidate, pairwise(r, state, *)), +)
      } else {
        pairwise(fromInput, pairwise(r, ofState(candidate), *), +)
      }
    let new = each(sums, squash)
    return tensor(
      z.indices.map { n in
        z[n].indices.map { o in
          let (old, new) = (state[n][o], new[n][o])
          return keepsWithUpdate
            ? (1 - z[n][o]) * new + z[n][o] * old : z[n][o] * new + (1 - z[n][o]) * old
        }
      })
  }
}

func sigmoid(_ a: Double) -> Double { 1 / (1 + exp(-a)) }

/// The example of the exercises on the GRU: sizes and signs all differ.
let threeInputsTwoUnits = PackedGRU(
  x: Tensor([[1, -0.5, 2]]), h: Tensor([[0.5, -1]]),
  weightIh: Tensor([
    [0.5, 1, -0.25], [-1, 0.5, 0.25], [0.25, -0.5, 1], [1, 1, -0.5], [-0.5, 0.75, 0.5], [0.5, -1, -0.25],
  ]),
  weightHh: Tensor([[1, -0.5], [0.25, 2], [-1, 0.5], [0.5, 1], [2, 0.5], [-0.25, 1]]),
  biasIh: Tensor([0.25, -0.5, 0.5, 0, 1, -0.25]), biasHh: Tensor([-0.25, 0.75, 0, 0.5, -1, 0.5]))
