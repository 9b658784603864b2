import Formats
import Layers
import Tensors

extension Module {
  /// Writes the parameters, and what the layers keep beside them, to a safetensors file, by PyTorch's names.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  /// - PyTorch: `safetensors.torch.save_file(module.state_dict(), path)`; each reads what the other wrote.
  public func writeWeights(to path: String) throws(FileError) {
    var arrays = NamedArrays()
    for (name, tensor) in state { arrays[name] = StoredArray(tensor) }
    try SafeTensors.write(arrays, to: path)
  }

  /// Takes the weights of a safetensors file that this program or PyTorch wrote.
  ///
  /// - Throws: `FileError` when the file cannot be read, or, with the names, when it does not fit the network. Nothing
  ///   is changed then.
  /// - PyTorch: `module.load_state_dict(safetensors.torch.load_file(path))`.
  public func readWeights(from path: String) throws(FileError) {
    let arrays = try SafeTensors.read(path)
    var tensors: [(name: String, tensor: Tensor)] = []
    for name in arrays.names {
      let array = try arrays.array(name)
      // PyTorch counts a batch norm's steps in whole numbers.
      tensors.append(
        (name, array.scalarType == .int64 ? try array.intTensor.asFloats : try array.tensor))
    }
    do {
      try load(tensors)
    } catch {
      throw FileError(path, "the arrays do not fit the network", advice: "\(error)")
    }
  }
}

extension IntTensor {
  fileprivate var asFloats: Tensor { Tensor(scalars.map { Float($0) }, shape: shape) }
}
