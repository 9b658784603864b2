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
    for (name, parameter) in namedParameters { arrays[name] = StoredArray(parameter.value) }
    for (name, statistic) in namedStatistics { arrays[name] = StoredArray(statistic.value) }
    try SafeTensors.write(arrays, to: path)
  }
}
