import Formats
import Layers
import Tensors

extension Module {
  /// The parameters, and what the layers keep beside them, by PyTorch's names.
  ///
  /// - PyTorch: `module.state_dict()`.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    namedParameters.map { ($0.name, $0.parameter.value) }
      + namedStatistics.map { ($0.name, $0.statistic.value) }
  }

  /// Writes the parameters, and what the layers keep beside them, to a safetensors file, by PyTorch's names.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  /// - PyTorch: `safetensors.torch.save_file(module.state_dict(), path)`; each reads what the other wrote.
  public func writeWeights(to path: String) throws(FileError) {
    var arrays = NamedArrays()
    for (name, tensor) in namedTensors { arrays[name] = StoredArray(tensor) }
    try SafeTensors.write(arrays, to: path)
  }

  /// Takes the weights of a safetensors file that this program or PyTorch wrote.
  ///
  /// PyTorch's count of a batch norm's steps, `num_batches_tracked`, is passed over: nothing here needs it.
  ///
  /// - Throws: `FileError` when the file cannot be read; `StateMismatch` with the names when it does not fit the
  ///   network. Nothing is changed then.
  /// - PyTorch: `module.load_state_dict(safetensors.torch.load_file(path))`.
  public func readWeights(from path: String) throws {
    let arrays = try SafeTensors.read(path)
    var tensors: [String: Tensor] = [:]
    for name in arrays.names where !name.hasSuffix(".num_batches_tracked") {
      tensors[name] = try arrays.tensor(name)
    }
    do {
      try restore(tensors)
    } catch {
      throw error.in(path)
    }
  }

  /// Takes parameters and statistics by their names: all of them, and no others.
  ///
  /// - Throws: `StateMismatch`; nothing is changed then.
  public func restore(_ tensors: [String: Tensor]) throws(StateMismatch) {
    try checkRestore(tensors)
    for (name, parameter) in namedParameters { parameter.value = tensors[name]! }
    for (name, statistic) in namedStatistics { statistic.value = tensors[name]! }
  }

  /// Throws when `restore` would.
  func checkRestore(_ tensors: [String: Tensor]) throws(StateMismatch) {
    var mismatch = StateMismatch("the network")
    mismatch.compare(
      saved: tensors.mapValues(\.shape),
      expected: Dictionary(namedTensors.map { ($0.name, $0.tensor.shape) }) { first, _ in first })
    if !mismatch.isEmpty { throw mismatch }
  }
}

extension StateMismatch {
  /// The same mismatch, in a file.
  func `in`(_ path: String) -> StateMismatch {
    var located = self
    located.path = path
    return located
  }
}
