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
  /// - Parameters:
  ///   - prefix: What stands before the names in the file and not in the network: `module.` where PyTorch saved a
  ///     `DataParallel`, `_orig_mod.` a compiled module, `encoder.` a part of a larger network. Only arrays whose names
  ///     begin with it are taken.
  ///   - strict: Whether the file must have all that the network has, and nothing else that begins with `prefix`.
  /// - Returns: What was missing and left over; with `strict`, nothing.
  /// - Throws: `FileError` when the file cannot be read, or, with the names, when it does not fit the network. Nothing
  ///   is changed then.
  /// - PyTorch: `module.load_state_dict(safetensors.torch.load_file(path), strict=strict)`; `prefix` does what
  ///   `consume_prefix_in_state_dict_if_present` does, and leaves out what has another.
  @discardableResult
  public func readWeights(
    from path: String, prefix: String = "", strict: Bool = true
  ) throws(FileError) -> StateMismatch {
    let arrays = try SafeTensors.read(path)
    let wanted = Set(state.map { Array($0.name.utf8) })
    var tensors: [(name: String, tensor: Tensor)] = []
    for fullName in arrays.names where fullName.utf8.starts(with: prefix.utf8) {
      let name = String(decoding: fullName.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
      // What is not taken need not be readable.
      if !strict, !wanted.contains(Array(name.utf8)) {
        tensors.append((name, Tensor(0)))
        continue
      }
      let array = try arrays.array(fullName)
      // PyTorch counts a batch norm's steps in whole numbers.
      tensors.append(
        (name, array.scalarType == .int64 ? try array.intTensor.asFloats : try array.tensor))
    }
    do {
      return try load(tensors, strict: strict)
    } catch {
      var advice = "\(error)"
      if let before = Self.commonPrefix(of: arrays.names, before: wanted), before != prefix {
        advice += "\nAll names in the file begin with \(before): read it with the prefix \"\(before)\"."
      }
      throw FileError(path, "the arrays do not fit the network", advice: advice)
    }
  }
}

extension Module {
  /// What stands before all of `names` so that the rest is a name that is wanted, or `nil`.
  private static func commonPrefix(of names: [String], before wanted: Set<[UInt8]>) -> String? {
    guard let first = names.first else { return nil }
    let bytes = Array(first.utf8)
    guard let cut = bytes.indices.first(where: { wanted.contains(Array(bytes[$0...])) }), cut > 0 else {
      return nil
    }
    let isCommon = names.allSatisfy { $0.utf8.starts(with: bytes[..<cut]) }
    return isCommon ? String(decoding: bytes[..<cut], as: UTF8.self) : nil
  }
}

extension IntTensor {
  fileprivate var asFloats: Tensor { Tensor(scalars.map { Float($0) }, shape: shape) }
}
