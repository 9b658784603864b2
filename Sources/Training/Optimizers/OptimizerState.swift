import Autograd
import Tensors

extension Optimizer {
  /// What is remembered, and what schedules change: everything that another step depends on, except the settings
  /// that stay the same throughout a run.
  ///
  /// Parameters are numbered in the order of the groups: `0.firstMoment`, `0.steps`; groups likewise:
  /// `group.0.learningRate`, `group.0.momentum`.
  ///
  /// - PyTorch: `optimizer.state_dict()`.
  public var state: TrainingState {
    var state = TrainingState(kind: "\(Self.self)")
    for i in memory.steps.indices {
      state.numbers["\(i).steps"] = Double(memory.steps[i])
      for (name, tensor) in memory.tensors[i] { state.tensors["\(i).\(name)"] = tensor }
    }
    for (i, group) in groups.enumerated() {
      state.numbers["group.\(i).learningRate"] = group.settings.learningRate
      state.numbers["group.\(i).momentum"] = group.settings.momentum
    }
    return state
  }

  /// Gives back what was saved, so that the next step is the one that would have been made then.
  ///
  /// - Throws: `TrainingStateMismatch` when the state is of another optimiser, of other parameters or other settings; nothing
  ///   is changed then.
  /// - PyTorch: `optimizer.load_state_dict(state)`.
  public func restore(_ state: TrainingState) throws(TrainingStateMismatch) {
    try checkRestore(state)
    for i in memory.steps.indices {
      memory.steps[i] = Int(state.numbers["\(i).steps"]!)
      memory.tensors[i] = [:]
    }
    for (name, tensor) in state.tensors {
      let parts = name.split(separator: ".", maxSplits: 1)
      memory.tensors[Int(parts[0])!][String(parts[1])] = tensor
    }
    for i in groups.indices {
      groups[i].settings.learningRate = state.numbers["group.\(i).learningRate"]!
      if let momentum = state.numbers["group.\(i).momentum"] { groups[i].settings.momentum = momentum }
    }
  }

  /// Throws when `restore` would.
  func checkRestore(_ state: TrainingState) throws(TrainingStateMismatch) {
    var mismatch = TrainingStateMismatch("\(Self.self)")
    if state.kind != "\(Self.self)" {
      mismatch.differing = ["it is the state of \(state.kind)"]
      throw mismatch
    }
    var expectedNumbers: Set<String> = []
    var expectedTensors: [String: [Int]] = [:]
    var index = 0
    for (i, group) in groups.enumerated() {
      expectedNumbers.insert("group.\(i).learningRate")
      if group.settings.momentum != nil { expectedNumbers.insert("group.\(i).momentum") }
      for parameter in group.parameters {
        expectedNumbers.insert("\(index).steps")
        if state.numbers["\(index).steps"] ?? 0 > 0 {
          for slot in slots(for: group.settings) {
            expectedTensors["\(index).\(slot.name)"] = parameter.shape
          }
        }
        index += 1
      }
    }
    mismatch.compare(
      saved: state.numbers.mapValues { _ in [] },
      expected: Dictionary(uniqueKeysWithValues: expectedNumbers.map { ($0, []) }))
    mismatch.compare(saved: state.tensors.mapValues(\.shape), expected: expectedTensors)
    for i in 0..<index {
      if let steps = state.numbers["\(i).steps"], Int(exactly: steps) ?? -1 < 0 {
        mismatch.differing.append("\(i).steps is \(steps), not a number of steps")
      }
    }
    for (name, number) in state.numbers.sorted(by: { $0.key < $1.key })
    where !(number >= 0 && number.isFinite) {
      mismatch.differing.append("\(name) is \(number), not a number from 0 on")
    }
    if !mismatch.isEmpty { throw mismatch }
  }
}
