// 11.6  How many devices                                           (the book: chapter 11, section 11.3)
//
// A model of P parameters is trained in mixed precision: for each parameter a device keeps
//
//     2 bytes    the weight in 16 bits
//     2 bytes    its gradient in 16 bits
//     4 bytes    the weight in 32 bits, which the optimiser changes
//     4·K bytes  K numbers that the optimiser remembers: 2 for Adam, 1 for momentum, 0 for plain descent
//
// The last two rows are the optimiser's. ZeRO divides them among N devices, step by step:
//
//     stage 0   nothing is divided
//     stage 1   the optimiser's rows
//     stage 2   these and the gradients
//     stage 3   these and the weights: everything
//
// Write the bytes on each device, and the smallest number of devices on which a model fits into a memory of M bytes each (just
// filling it is allowed). Where no number of devices is enough, the answer is 0: what is not divided may be too much already.
//
// For example, P = 1,000, Adam, N = 4: stage 0 needs 16,000 bytes, stage 1 4,000 + 12,000/4 = 7,000, stage 2 2,000 + 14,000/4 =
// 5,500, stage 3 4,000. For M = 7,000 stage 1 needs 4 devices, and for M = 4,000 no number is enough: 4,000 bytes are never
// divided, and some of the 12,000 are always left.

import Practice

/// The bytes that each device keeps.
func bytesPerDevice(parameters: Int, devices: Int, stage: Int, remembered: Int) throws -> Double {
  // BEGIN SOLUTION
  let (psi, n) = (Double(parameters), Double(devices))
  let optimizer = 4 + 4 * Double(remembered)
  switch stage {
  case 0: return psi * (4 + optimizer)
  case 1: return psi * (4 + optimizer / n)
  case 2: return psi * (2 + (2 + optimizer) / n)
  default: return psi * (4 + optimizer) / n
  }
  // END SOLUTION
}

/// The smallest number of devices with `memory` bytes each, or 0.
func devicesNeeded(parameters: Int, stage: Int, remembered: Int, memory: Double) throws -> Int {
  // BEGIN SOLUTION
  let (psi, optimizer) = (Double(parameters), 4 + 4 * Double(remembered))
  let whole = psi * [4 + optimizer, 4, 2, 0][stage]
  let divided = psi * (4 + optimizer) - whole
  if whole + divided <= memory { return 1 }
  if divided == 0 || whole >= memory { return 0 }
  return Int((divided / (memory - whole)).rounded(.up))
  // END SOLUTION
}
