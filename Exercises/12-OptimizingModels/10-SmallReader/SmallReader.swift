// 12.10  A reader of digits under 20 kB                            (the book: chapter 12, section 12.8)
//
// The end of the book: all three ways to make a network smaller, in one reader of your own. There are 12,000 digits to learn from,
// but only the first 1,000 have labels. For all of them you have the logits of a teacher, a network of 114,000 parameters and
// 457 kB, that was trained on 12,000 labels. Your reader goes into a file of at most 20,000 bytes, and reads at least 97 % of digits
// that neither of you has seen.
//
// `packed` writes a pruned weight in bytes. How is up to you, but:
//   · it takes at most n/8 + z + 4·O + 16 bytes for n numbers in O rows, of which z are not 0;
//   · what was 0 is 0 again, exactly;
//   · every other number is off by at most 1/254 of the largest magnitude of the whole weight (half a step of 127 to each side).
//
// `trainReader` trains, prunes and packs; `readDigits` makes the network again from the file and reads. The file must hold all that
// is needed: a reader may be asked about several files in turn.
//
//     weight     [O, …]
//     images     ink at 1, paper at 0              [N, 1, 28, 28]
//     labels     of the first images only
//     teacher    the teacher's logits              [N, 10]
//     epochs     how often you may go through the images in all; the last check gives 20
//     file       bytes, numbers from 0 to 255
//
// For example, [[0, 0.5, 0], [-1, 0, 0.2]] has n = 6, O = 2 and z = 3: 28 bytes or fewer, and 0.2 comes back as 0.196 … 0.204.
//
// The network below has 41,594 parameters. In eight bits it is still twice too large. You may change
// it, and whatever else you like: two minutes of processor time are there, and the solution takes a fraction of that.

import Engine
import Practice

/// The reader: two convolutions and two linear layers. Nine tenths of its weights are those of `fc1`.
final class Reader: Module {
  let conv1 = Conv2d(inChannels: 1, outChannels: 8, kernelSize: 5, padding: 2)
  let conv2 = Conv2d(inChannels: 8, outChannels: 16, kernelSize: 5, padding: 2)
  let fc1 = Linear(inFeatures: 16 * 49, outFeatures: 48)
  let fc2 = Linear(inFeatures: 48, outFeatures: 10)

  func callAsFunction(_ images: Variable) -> Variable {
    var x = maxPool2d(relu(conv1(images)), kernelSize: 2)
    x = maxPool2d(relu(conv2(x)), kernelSize: 2)
    return fc2(relu(fc1(x.flattened(from: 1))))
  }
}

/// A weight in bytes, from 0 to 255.
func packed(_ weight: Tensor) throws -> [Int] {
  // BEGIN SOLUTION
  // A bit for each place, then a scale for each row, then a byte for each number that is not 0.
  let (numbers, rows) = (weight.scalars, weight.shape[0])
  let width = numbers.count / rows
  var bits = [Int](repeating: 0, count: (numbers.count + 7) / 8)
  var (scales, values): ([Int], [Int]) = ([], [])
  for o in 0..<rows {
    let row = o * width..<(o + 1) * width
    let scale = numbers[row].reduce(0) { max($0, abs($1)) } / 127
    scales += bytes(scale)
    for i in row where numbers[i] != 0 {
      bits[i / 8] |= 1 << (i % 8)
      values.append(Int((numbers[i] / scale).rounded()) & 255)
    }
  }
  return bits + scales + values
  // END SOLUTION
}

/// The weight that `packed` made these bytes of.
func unpacked(_ bytes: [Int], shape: [Int]) throws -> Tensor {
  // BEGIN SOLUTION
  let count = shape.reduce(1, *)
  let width = count / shape[0]
  let scales = (count + 7) / 8
  var next = scales + 4 * shape[0]
  var weight = [Float](repeating: 0, count: count)
  for i in 0..<count where bytes[i / 8] >> (i % 8) & 1 == 1 {
    let scale = number(bytes[(scales + 4 * (i / width))...])
    weight[i] = Float(Int8(truncatingIfNeeded: bytes[next])) * scale
    next += 1
  }
  return Tensor(weight, shape: shape)
  // END SOLUTION
}

/// Trains a reader, and makes a file of it.
func trainReader(
  _ images: Tensor, labels: [Int], teacher: Tensor, epochs: Int
) throws -> [Int] {
  // BEGIN SOLUTION
  let reader = withRandomSource(RandomSource(seed: 1210)) { Reader() }
  let optimizer = Adam(reader.parameters, learningRate: 2e-3)
  let weight = reader.fc1.weight
  var mask = Tensor.ones(weight.shape)
  for epoch in 0..<epochs {
    // Pruned in three rounds, the last after half of the training.
    for (part, amount) in [(4, 0.45), (3, 0.65), (2, 0.76)] where epoch == epochs / part {
      mask = magnitudeMask(of: weight.value, amount: amount)
    }
    optimizer.learningRate = 2e-3 * (1 - Double(epoch) / Double(epochs))
    for batch in Batches(of: images.shape[0], batchSize: 32, shuffledBy: 1210, epoch: epoch) {
      let places = Array(batch)
      let loss = softTargetLoss(
        student: reader(Variable(images.rows(places))), teacher: teacher.rows(places), temperature: 4)
      optimizer.clearGradients()
      loss.backward()
      optimizer.step()
      weight.value = weight.value * mask
    }
  }
  return try reader.state.flatMap { _, tensor in
    tensor.rank == 1 ? tensor.scalars.flatMap { bytes($0) } : try packed(tensor)
  }
  // END SOLUTION
}

/// What digit each image shows, read by the network in the file.
func readDigits(_ images: Tensor, file: [Int]) throws -> [Int] {
  // BEGIN SOLUTION
  let reader = Reader()
  var start = 0
  let state = try reader.state.map { name, tensor -> (name: String, tensor: Tensor) in
    let rest = Array(file[start...])
    if tensor.rank == 1 {
      start += 4 * tensor.count
      return (name, Tensor((0..<tensor.count).map { number(rest[(4 * $0)...]) }))
    }
    let bits = (tensor.count + 7) / 8
    start += bits + 4 * tensor.shape[0] + rest[..<bits].reduce(0) { $0 + $1.nonzeroBitCount }
    return (name, try unpacked(rest, shape: tensor.shape))
  }
  try reader.load(state)
  return withoutGradients { reader(Variable(images)) }.value.argmax().scalars
  // END SOLUTION
}

// BEGIN SOLUTION
/// A float's four bytes, the lowest first.
private func bytes(_ x: Float) -> [Int] { (0..<4).map { Int(x.bitPattern >> (8 * $0)) & 255 } }

/// The float that begins there.
private func number(_ bytes: ArraySlice<Int>) -> Float {
  Float(bitPattern: bytes.prefix(4).enumerated().reduce(0) { $0 | UInt32($1.element) << (8 * $1.offset) })
}
// INSTEAD
// END SOLUTION
