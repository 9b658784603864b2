import Engine
import ExerciseKit
import Practice
import Synchronization

extension SmallReaderExercise {
  public var mistakes: [Mistake<Answer>] {
    [
      wrong(
        "a byte for every place",
        advice: "You write a byte for zeros too. A bit for each place is enough to say where something is."
      ) { $0.packsZeros = true },
      wrong(
        "the scale is lost",
        advice:
          "Your weights come back as shares of the largest. The scale belongs into the bytes: four of them for each row."
      ) { $0.forgetsScale = true },
      wrong(
        "128 steps",
        advice:
          "You divide by 128 steps, so the largest becomes 128, which a signed byte reads as −128. Divide by 127."
      ) { $0.steps = 128 },
      wrong(
        "cut off, not rounded",
        advice: "You cut off what comes after the point. Rounded to the nearest, the error is half as large."
      ) { $0.rule = .towardZero },
      wrong(
        "the bits from the other side",
        advice: "You write the first place into the highest bit of a byte, and read it from the lowest."
      ) { $0.turnsBits = true },
      wrong(
        "not pruned",
        advice:
          "In eight bits alone the network takes 43 kB. Take weights away as well: three of four of fc1's."
      ) { $0.amount = 0 },
      wrong(
        "pruned weights come back",
        advice:
          "You set weights to 0 once, and Adam moves them on. Apply the mask after each step (exercise 12.8)."
      ) { $0.masksOnce = true },
      wrong(
        "the network stays in memory",
        advice:
          "Your reader answers with the network trained last, not with the one in the file. All that it needs must be in the bytes."
      ) { $0.remembers = true },
      wrong(
        "labels alone",
        advice:
          "You learn from the thousand labels and leave the teacher's logits unused: they say something of all 12,000 digits."
      ) { $0.ignoresTeacher = true },
      wrong(
        "pruned at the end",
        advice:
          "You prune when the training is over, and the weights that are left cannot make up for it. Prune in rounds, and train on."
      ) { $0.prunesLast = true },
      wrong(
        "the teacher of other digits",
        advice:
          "You take the teacher's rows in their own order, and the images by the batch's places. Both are asked by `places`."
      ) { $0.teacherInOrder = true },
    ]
  }
}

private func wrong(
  _ name: String, advice: String, _ change: (inout SmallReaderProgram) -> Void
) -> Mistake<SmallReaderExercise.Answer> {
  var program = SmallReaderProgram()
  change(&program)
  return Mistake(name, advice: advice, answer: program.answer)
}

/// The reader of the exercise, and the ways in which it may be wrong. It trains less than our answer does: it need not pass.
private struct SmallReaderProgram: Sendable {
  var packsZeros = false
  var forgetsScale = false
  var steps: Float = 127
  var rule = FloatingPointRoundingRule.toNearestOrEven
  var turnsBits = false
  var amount = 0.76
  var masksOnce = false
  var remembers = false
  var ignoresTeacher = false
  var prunesLast = false
  var teacherInOrder = false

  var answer: SmallReaderExercise.Answer {
    let program = self
    let last = LastReader()
    return SmallReaderExercise.Answer(
      packed: { program.packed($0) }, unpacked: { program.unpacked($0, $1) },
      train: { images, labels, teacher, epochs in
        let state = program.trained(images, labels, teacher, epochs)
        last.state.withLock { $0 = state }
        return state.flatMap { tensor in
          tensor.rank == 1 ? tensor.scalars.flatMap { bytes($0) } : program.packed(tensor)
        }
      },
      read: { images, file in
        let state = program.remembers ? last.state.withLock { $0 } : program.state(in: file)
        return program.scores(images, state).argmax().scalars
      })
  }

  static let shapes = [[8, 1, 5, 5], [8], [16, 8, 5, 5], [16], [48, 784], [48], [10, 48], [10]]

  private func packed(_ weight: Tensor) -> [Int] {
    let (numbers, width) = (weight.scalars, weight.count / weight.shape[0])
    var bits = [Int](repeating: 0, count: (numbers.count + 7) / 8)
    var (scales, values): ([Int], [Int]) = ([], [])
    for o in 0..<weight.shape[0] {
      let row = o * width..<(o + 1) * width
      let scale = numbers[row].reduce(0) { max($0, abs($1)) } / steps
      scales += bytes(forgetsScale ? 1 / 127 : scale)
      for i in row where numbers[i] != 0 || packsZeros {
        bits[i / 8] |= 1 << (turnsBits ? 7 - i % 8 : i % 8)
        values.append(scale > 0 ? Int((numbers[i] / scale).rounded(rule)) & 255 : 0)
      }
    }
    return bits + scales + values
  }

  private func unpacked(_ bytes: [Int], _ shape: [Int]) -> Tensor {
    let count = shape.reduce(1, *)
    let (width, scales) = (count / shape[0], (count + 7) / 8)
    var next = scales + 4 * shape[0]
    var weight = [Float](repeating: 0, count: count)
    for i in 0..<count where bytes[i / 8] >> (i % 8) & 1 == 1 && next < bytes.count {
      weight[i] = Float(Int8(truncatingIfNeeded: bytes[next])) * number(bytes[(scales + 4 * (i / width))...])
      next += 1
    }
    return Tensor(weight, shape: shape)
  }

  private func state(in file: [Int]) -> [Tensor] {
    var start = 0
    return Self.shapes.map { shape in
      let rest = Array(file[start...])
      let count = shape.reduce(1, *)
      if shape.count == 1 {
        start += 4 * count
        return Tensor((0..<count).map { number(rest[(4 * $0)...]) })
      }
      let bits = (count + 7) / 8
      start += bits + 4 * shape[0] + rest[..<bits].reduce(0) { $0 + $1.nonzeroBitCount }
      return unpacked(rest, shape)
    }
  }

  private func trained(_ images: Tensor, _ labels: [Int], _ teacher: Tensor, _ epochs: Int) -> [Tensor] {
    let network = withRandomSource(RandomSource(seed: 1210)) {
      Sequential(
        Conv2d(inChannels: 1, outChannels: 8, kernelSize: 5, padding: 2), ReLU(), MaxPool2d(kernelSize: 2),
        Conv2d(inChannels: 8, outChannels: 16, kernelSize: 5, padding: 2), ReLU(), MaxPool2d(kernelSize: 2),
        Flatten(), Linear(inFeatures: 784, outFeatures: 48), ReLU(), Linear(inFeatures: 48, outFeatures: 10))
    }
    let optimizer = Adam(network.parameters, learningRate: 2e-3)
    let weight = network.parameters[4]
    // Enough to see what is wrong; the whole course where it is about how far one comes.
    let count = ignoresTeacher ? labels.count : images.shape[0]
    let epochs = images.shape[0] < 1_000 || ignoresTeacher ? epochs : prunesLast ? 4 : 2
    for epoch in 0..<epochs {
      for batch in Batches(of: count, batchSize: 32, shuffledBy: 1210, epoch: epoch) {
        let places = Array(batch)
        let scores = network(Variable(images.rows(places)))
        let asked = teacherInOrder ? Array(0..<places.count) : places
        let loss =
          ignoresTeacher
          ? crossEntropy(scores, IntTensor(places.map { labels[$0] }))
          : softTargetLoss(student: scores, teacher: teacher.rows(asked), temperature: 4)
        optimizer.learningRate = 2e-3 * (1 - Double(epoch) / Double(epochs))
        optimizer.clearGradients()
        loss.backward()
        optimizer.step()
        if epoch >= epochs / 2, !prunesLast, !masksOnce {
          weight.value = weight.value * magnitudeMask(of: weight.value, amount: amount)
        }
      }
      if masksOnce, epoch == epochs / 2 {
        weight.value = weight.value * magnitudeMask(of: weight.value, amount: amount)
      }
    }
    if prunesLast { weight.value = weight.value * magnitudeMask(of: weight.value, amount: amount) }
    return network.state.map(\.tensor)
  }

  private func scores(_ images: Tensor, _ state: [Tensor]) -> Tensor {
    let w = state.map { Variable($0) }
    return withoutGradients {
      var x = maxPool2d(relu(conv2d(Variable(images), w[0], bias: w[1], padding: 2)), kernelSize: 2)
      x = maxPool2d(relu(conv2d(x, w[2], bias: w[3], padding: 2)), kernelSize: 2)
      return linear(relu(linear(x.flattened(from: 1), w[4], bias: w[5])), w[6], bias: w[7])
    }.value
  }
}

private final class LastReader: Sendable {
  let state = Mutex([Tensor]())
}

/// A float's four bytes, the lowest first.
private func bytes(_ x: Float) -> [Int] { (0..<4).map { Int(x.bitPattern >> (8 * $0)) & 255 } }

/// The float that begins there.
private func number(_ bytes: ArraySlice<Int>) -> Float {
  Float(bitPattern: bytes.prefix(4).enumerated().reduce(0) { $0 | UInt32($1.element) << (8 * $1.offset) })
}
