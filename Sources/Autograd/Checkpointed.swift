import Tensors

/// What `body` computes, without remembering how: `backward` computes it a second time, and then goes back through it.
///
/// A network in training keeps what each op computed until `backward` has passed it. Here only the result is kept, and
/// whatever `body` took from outside; the rest is there twice for a moment, and the memory of a deep network becomes that of
/// one stretch of it. The price is one more forward pass, about a third of a step's time.
///
///     for block in blocks {
///       let before = x
///       x = checkpointed { block(before) }
///     }
///
///     backward:  y = body() once more, then dy is sent from y to what `body` used
///
/// Gradients are the same bits as without: dropout draws the same numbers again, batch norm measures its batch the first
/// time alone, and what is sent to a variable is added in the same order. Under `withoutGradients`, `body` simply runs.
///
/// - Parameter body: Computes a variable from others and from parameters. It must do the same when it is called again, so
///   it may neither change anything nor depend on anything that changes. A variable in it cannot keep its gradient.
/// - Returns: What `body` returned, with a history of one op. Its `backward` traps when a parameter was changed since, or
///   when `body` does something else the second time.
/// - PyTorch: `torch.utils.checkpoint.checkpoint(body, …, use_reentrant=False)`, which does not spare batch norm's
///   statistics the second time.
/// - Source: Chen, Xu, Zhang, Guestrin, "Training deep nets with sublinear memory cost", arXiv 1604.06174, 2016.
/// - Book: chapter 11.
public func checkpointed(_ body: @escaping () -> Variable) -> Variable {
  if !GradientRecording.isOn { return body() }
  return CheckpointedStretch(body).result
}

/// A stretch of a computation, and what it takes from outside.
private struct CheckpointedStretch {
  let body: () -> Variable
  let randomSource: (seed: UInt64, streams: UInt64)

  init(_ body: @escaping () -> Variable) {
    self.body = body
    let source = RandomSource.current
    randomSource = (source.seed, source.streams)
  }

  /// The result with its history forgotten.
  var result: Variable {
    let firstNumber = Variable.nextNumber
    var segment = TaskSettings.segment
    segment.firstNumber = firstNumber
    let y = TaskSettings.$segment.withValue(segment) {
      let y = body()
      _ = y.value
      return y
    }
    // Nothing was computed, or nothing that wants a gradient.
    if y.number < firstNumber || !y.requiresGradient { return y }
    let inputs = Stretch(to: y, from: firstNumber).inputs
    if inputs.isEmpty { return y }
    let versions = inputs.map { ($0 as? Parameter)?.version }
    return Variable(untraced: y.value, op: "checkpointed", inputs: inputs) { dy in
      for (input, version) in zip(inputs, versions) where (input as? Parameter)?.version != version {
        trap(
          "checkpointed: a parameter of shape \(input.shape) was changed between the forward pass and backward, which would "
            + "compute something else now")
      }
      return gradients(dy, at: inputs)
    }
  }

  /// Computes it again, and sends `dy` back through it.
  private func gradients(_ dy: Tensor, at inputs: [Variable]) -> [Tensor?] {
    let firstNumber = Variable.nextNumber
    let segment = TaskSettings.Segment(firstNumber: firstNumber, isRecomputed: true)
    let source = RandomSource(seed: randomSource.seed, streams: randomSource.streams)
    let y = TaskSettings.$recordsGradients.withValue(true) {
      TaskSettings.$segment.withValue(segment) {
        withRandomSource(source) {
          let y = body()
          _ = y.value
          return y
        }
      }
    }
    if y.shape != dy.shape {
      trap(
        "checkpointed: the first time it gave shape \(dy.shape), now \(y.shape); it must do the same each time"
      )
    }
    let sent = Stretch(to: y, from: firstNumber).send(dy)
    // One that was frozen meanwhile is missing now, and gets nothing.
    var next = 0
    let gradients = inputs.map { input -> Tensor? in
      guard next < sent.count, sent[next].input === input else { return nil }
      next += 1
      return sent[next - 1].gradient
    }
    if next < sent.count || gradients.count(where: { $0 != nil }) < sent.count(where: { $0.gradient != nil })
    {
      trap(
        "checkpointed: the second time it used other variables than the first; it must do the same each time")
    }
    return gradients
  }
}

/// A computation between variables that were there before and a result.
private struct Stretch {
  /// Those made on the way, the newest first.
  let inside: [Variable]
  let firstNumber: UInt64

  init(to y: Variable, from firstNumber: UInt64) {
    self.firstNumber = firstNumber
    inside = y.number < firstNumber ? [] : y.history(from: firstNumber)
  }

  private func isInput(_ variable: Variable) -> Bool {
    variable.number < firstNumber && variable.requiresGradient
  }

  /// What was there before, once for each time that an op used it, in the order in which `send` comes to them. Were each
  /// listed once, with the sum of what it is sent, additions would be done in another order than without a stretch.
  var inputs: [Variable] { inside.flatMap { $0.parents.filter(isInput) } }

  /// What is sent to each of the inputs.
  func send(_ dy: Tensor) -> [(input: Variable, gradient: Tensor?)] {
    guard let last = inside.first else { return [] }
    var incoming: [ObjectIdentifier: Tensor] = [ObjectIdentifier(last): dy]
    var sent: [(input: Variable, gradient: Tensor?)] = []
    for variable in inside {
      guard let dy = incoming.removeValue(forKey: ObjectIdentifier(variable)) else {
        sent += variable.parents.filter(isInput).map { ($0, nil) }
        continue
      }
      for (parent, gradient) in variable.pullGradients(dy, keepingGraph: false) {
        if isInput(parent) {
          sent.append((parent, gradient))
        } else if let gradient {
          let key = ObjectIdentifier(parent)
          if incoming[key] == nil { incoming[key] = gradient } else { incoming[key]! += gradient }
        }
      }
    }
    return sent
  }
}
