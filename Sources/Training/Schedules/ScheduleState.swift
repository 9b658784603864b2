extension Scheduler {
  /// The number of steps, and the learning rates that the schedule started from.
  ///
  /// - PyTorch: `scheduler.state_dict()`.
  public var state: TrainingState {
    var state = TrainingState(kind: "\(type(of: schedule))", numbers: ["steps": Double(stepCount)])
    for (i, rate) in baseRates.enumerated() { state.numbers["base.\(i)"] = rate }
    return state
  }

  /// Goes on where the saved schedule stopped, and sets the optimiser's rates accordingly.
  ///
  /// - Throws: `TrainingStateMismatch` when the state is of another schedule, or for another number of groups.
  public func restore(_ state: TrainingState) throws(TrainingStateMismatch) {
    try checkRestore(state)
    resume(
      stepCount: Int(state.numbers["steps"]!),
      baseRates: baseRates.indices.map { state.numbers["base.\($0)"]! })
  }

  func checkRestore(_ state: TrainingState) throws(TrainingStateMismatch) {
    try state.check(
      kind: "\(type(of: schedule))", numbers: ["steps"] + baseRates.indices.map { "base.\($0)" },
      counts: ["steps"])
  }
}

extension Plateau {
  /// The best report, and how many followed it.
  ///
  /// - PyTorch: `scheduler.state_dict()`.
  public var state: TrainingState {
    TrainingState(
      kind: "Plateau",
      numbers: ["best": best, "badReports": Double(badReports), "cooldownLeft": Double(cooldownLeft)])
  }

  /// Goes on where the saved one stopped. The learning rates are the optimiser's to restore.
  ///
  /// - Throws: `TrainingStateMismatch` when the state is of something else.
  public func restore(_ state: TrainingState) throws(TrainingStateMismatch) {
    try checkRestore(state)
    best = state.numbers["best"]!
    badReports = Int(state.numbers["badReports"]!)
    cooldownLeft = Int(state.numbers["cooldownLeft"]!)
  }

  func checkRestore(_ state: TrainingState) throws(TrainingStateMismatch) {
    let counts = ["badReports", "cooldownLeft"]
    try state.check(kind: "Plateau", numbers: ["best"] + counts, counts: counts)
  }
}

extension TrainingState {
  /// Throws unless this is a state of `kind` with just these numbers; `counts` must be whole and not negative.
  fileprivate func check(kind: String, numbers names: [String], counts: [String])
    throws(TrainingStateMismatch)
  {
    var mismatch = TrainingStateMismatch(kind)
    if self.kind != kind {
      mismatch.differing = ["it is the state of \(self.kind)"]
      throw mismatch
    }
    mismatch.compare(
      saved: numbers.mapValues { _ in [] }, expected: Dictionary(uniqueKeysWithValues: names.map { ($0, []) })
    )
    mismatch.compare(saved: tensors.mapValues(\.shape), expected: [:])
    for name in counts {
      if let count = numbers[name], Int(exactly: count) ?? -1 < 0 {
        mismatch.differing.append("\(name) is \(count), not a count")
      }
    }
    if !mismatch.isEmpty { throw mismatch }
  }
}
