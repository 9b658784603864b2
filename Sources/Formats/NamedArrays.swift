import NumberText
import Tensors

/// Arrays by name, in order, and a few words about them: what a safetensors file or an `.npz` file holds.
///
///     var weights = NamedArrays(metadata: ["epoch": "5"])
///     weights["conv1.weight"] = StoredArray(kernel)
///     try SafeTensors.write(weights, to: "weights.safetensors")
///
/// - PyTorch: a `state_dict`.
public struct NamedArrays: Sendable, Equatable {
  /// Free text by key: a safetensors file's `__metadata__`. An `.npz` file has none.
  public var metadata: [String: String]
  /// The names, in the file's order or in that of adding.
  public private(set) var names: [String] = []
  private var arrays: [String: StoredArray] = [:]
  /// The file they were read from.
  var path: String?

  public init(metadata: [String: String] = [:]) { self.metadata = metadata }

  /// How many arrays there are.
  public var count: Int { names.count }

  /// The array called `name`. Setting adds it at the end, replaces it where it is, or with `nil` removes it.
  public subscript(name: String) -> StoredArray? {
    get { arrays[name] }
    set {
      let old = arrays[name]
      arrays[name] = newValue
      if old == nil, newValue != nil { names.append(name) }
      if old != nil, newValue == nil { names.removeAll { $0 == name } }
    }
  }

  /// The array called `name`.
  ///
  /// - Throws: `FileError` when there is none; the error lists what there is.
  public func array(_ name: String) throws(FileError) -> StoredArray {
    if let array = arrays[name] { return array }
    let shown = names.prefix(8).map { quoted($0) }.joined(separator: ", ")
    let advice =
      names.isEmpty
      ? "It holds no arrays." : "It holds \(shown)\(count > 8 ? " and \(grouped(count - 8)) more" : "")."
    throw FileError(path ?? "(memory)", "there is no array \(quoted(name))", advice: advice)
  }

  /// The floating-point numbers called `name`; see ``StoredArray/tensor``.
  public func tensor(_ name: String) throws(FileError) -> Tensor { try array(name).tensor }

  /// The whole numbers called `name`; see ``StoredArray/intTensor``.
  public func intTensor(_ name: String) throws(FileError) -> IntTensor { try array(name).intTensor }

  /// The floating-point numbers called `name`, exactly and row by row; see ``StoredArray/doubles``.
  public func doubles(_ name: String) throws(FileError) -> [Double] { try array(name).doubles }

  /// The mask called `name`; see ``StoredArray/maskTensor``.
  public func maskTensor(_ name: String) throws(FileError) -> MaskTensor { try array(name).maskTensor }

  public static func == (a: NamedArrays, b: NamedArrays) -> Bool {
    a.metadata == b.metadata && a.names == b.names && a.arrays == b.arrays
  }
}
