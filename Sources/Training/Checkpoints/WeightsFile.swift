import Formats
import Layers
import Tensors

extension Module {
  /// Writes the parameters, and what the layers keep beside them, to a safetensors file, by PyTorch's names; weights
  /// in eight bits as I8.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  /// - PyTorch: `safetensors.torch.save_file(module.state_dict(), path)`; each reads what the other wrote.
  public func writeWeights(to path: String) throws(FileError) {
    var arrays = NamedArrays()
    for (name, tensor, type) in typedState { arrays[name] = StoredArray(tensor, as: type) }
    try SafeTensors.write(arrays, to: path)
  }

  /// Takes the weights of a safetensors file that this program or PyTorch wrote.
  ///
  /// - Parameters:
  ///   - path: The file's path.
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
    let types = Dictionary(uniqueKeysWithValues: typedState.map { (Array($0.name.utf8), $0.type) })
    let wanted = Set(types.keys)
    var tensors: [(name: String, tensor: Tensor)] = []
    for fullName in arrays.names where fullName.utf8.starts(with: prefix.utf8) {
      let name = String(decoding: fullName.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
      // What is not taken need not be readable.
      if !strict, !wanted.contains(Array(name.utf8)) {
        tensors.append((name, Tensor(0)))
        continue
      }
      let array = try arrays.array(fullName)
      if types[Array(name.utf8)] == .float32, [.int8, .uint8].contains(array.scalarType) {
        throw FileError(
          path, "\(fullName) is kept in eight bits", expected: "floats, as the network has them",
          advice:
            "Round the network first, in code by roundWeights(), or read the file of the network in floats.")
      }
      // PyTorch counts a batch norm's steps in whole numbers.
      let isWhole = array.scalarType == .int64 || types[Array(name.utf8)].map { $0 != .float32 } == true
      tensors.append((name, isWhole ? try array.wholeNumbers : try array.tensor))
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

extension StoredArray {
  /// The numbers of a tensor in the type that its module keeps them in.
  fileprivate init(_ tensor: Tensor, as type: KeptArray.NumberType) {
    switch type {
    case .float32: self.init(tensor)
    case .int8: self.init(tensor.scalars.map { Int8($0) }, shape: tensor.shape)
    case .uint8: self.init(tensor.scalars.map { UInt8($0) }, shape: tensor.shape)
    }
  }

  /// Whole numbers as floats. Numbers that are stored as floats are taken as they are: whether they are whole is seen
  /// by who takes them.
  fileprivate var wholeNumbers: Tensor {
    get throws(FileError) {
      switch scalarType {
      case .float16, .bfloat16, .float32, .float64: try tensor
      default: Tensor(try intTensor)
      }
    }
  }
}
