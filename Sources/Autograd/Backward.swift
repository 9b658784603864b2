import Tensors

extension Variable {
  /// Computes the derivative of this number with respect to everything it came from that wants one, and adds it to
  /// their `gradient`s.
  ///
  /// The chain rule, backwards: a variable's gradient is the sum, over all ops that used it, of what they send back.
  /// So each variable waits until all of those have been done; since an op's result is always made after its inputs,
  /// going from the newest to the oldest is enough.
  ///
  /// - Parameters:
  ///   - upstream: The gradient to start from, of this variable's shape; 1 for a single number.
  ///   - keepingGraph: Whether the history is kept for another `backward`. Otherwise it is let go on the way.
  ///   - whenComplete: Called for each parameter as soon as nothing more will be added to its gradient: those of the last
  ///     layers long before those of the first, so that other processes can be sent theirs meanwhile.
  /// - PyTorch: `loss.backward(gradient, retain_graph)`; `whenComplete` is what
  ///   `parameter.register_post_accumulate_grad_hook` is there.
  /// - Book: chapters 4 and 11.
  public func backward(
    from upstream: Tensor? = nil, keepingGraph: Bool = false, whenComplete: ((Parameter) -> Void)? = nil
  ) {
    sendGradient(
      upstream, keepingGraph: keepingGraph, showsLeavesEarly: whenComplete != nil, "backward"
    ) { variable, dy in
      guard variable.keepsGradient else { return }
      variable.addGradient(dy)
      if let whenComplete, let parameter = variable as? Parameter { whenComplete(parameter) }
    }
  }

  /// Sends a gradient back through the history, and shows each variable on the way its own, when it is complete.
  ///
  /// - Parameter showsLeavesEarly: Whether those that no op made are shown theirs at once, and not after all ops.
  func sendGradient(
    _ upstream: Tensor?, keepingGraph: Bool, showsLeavesEarly: Bool = false, _ caller: String,
    _ visit: (Variable, _ dy: Tensor) -> Void
  ) {
    if !requiresGradient {
      trap("\(caller): nothing here requires a gradient; shape \(shape)")
    }
    if upstream == nil && value.count != 1 {
      trap("\(caller): an upstream gradient is needed for shape \(shape); only a single number starts from 1")
    }
    let start = upstream ?? Tensor.ones(shape)
    if start.shape != shape {
      trap("\(caller): upstream gradient \(start.shape) for a variable of shape \(shape)")
    }

    var incoming: [ObjectIdentifier: Tensor] = [ObjectIdentifier(self): start]
    let history = history()
    // How often each variable that no op made is still to be sent something: parameters are the oldest of all, and need
    // not wait until all ops are done. Who does not ask for them early need not count.
    var awaited: [ObjectIdentifier: Int] = [:]
    if showsLeavesEarly {
      for variable in history {
        for parent in variable.parents where parent.isLeaf {
          awaited[ObjectIdentifier(parent), default: 0] += 1
        }
      }
    }
    for variable in history {
      let parents = showsLeavesEarly ? variable.parents : []
      if let dy = incoming.removeValue(forKey: ObjectIdentifier(variable)) {
        visit(variable, dy)
        for case (let parent, let gradient?) in variable.pullGradients(dy, keepingGraph: keepingGraph) {
          let key = ObjectIdentifier(parent)
          if incoming[key] == nil { incoming[key] = gradient } else { incoming[key]! += gradient }
        }
      }
      for parent in parents {
        let key = ObjectIdentifier(parent)
        guard let rest = awaited[key] else { continue }
        awaited[key] = rest - 1
        if rest == 1, let dy = incoming.removeValue(forKey: key) { visit(parent, dy) }
      }
    }
  }

  /// This variable and all it came from that wants a gradient, the newest first.
  ///
  /// - Parameter firstNumber: Where the history is to begin: what was made before is left out.
  func history(from firstNumber: UInt64 = 0) -> [Variable] {
    var found: [Variable] = [self]
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
    var next = 0
    while next < found.count {
      let variable = found[next]
      next += 1
      variable.separateFromRetained()
      for parent in variable.parents
      where parent.requiresGradient && parent.number >= firstNumber
        && seen.insert(ObjectIdentifier(parent)).inserted
      {
        found.append(parent)
      }
    }
    return found.sorted { $0.number > $1.number }
  }

  private var keepsGradient: Bool {
    if let parameter = self as? Parameter { return !parameter.isFrozen }
    return op == nil || retainsGradient
  }

  private func addGradient(_ dy: Tensor) {
    if gradient == nil { gradient = dy } else { gradient! += dy }
  }

  /// Forgets the gradient, so that the next `backward` starts anew.
  ///
  /// - PyTorch: `x.grad = None`.
  public func clearGradient() { gradient = nil }
}
