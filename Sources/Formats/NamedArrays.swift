import NumberText
import Tensors

/// Arrays by name, in order, and a few words about them: what a safetensors file or an `.npz` file holds.
///
///     var weights = NamedArrays(metadata: ["epoch": "5"])
///     weights["conv1.weight"] = StoredArray(kernel)
///     try SafeTensors.write(weights, to: "weights.safetensors")
///
/// An array that cannot be read (a type that is not known here, a damaged part of an `.npz` file) leaves the others
/// readable: it is listed by its name, and asking for it throws what is wrong with it.
///
/// - PyTorch: a `state_dict`.
public struct NamedArrays: Sendable, Equatable {
  /// Free text by key: a safetensors file's `__metadata__`. An `.npz` file has none.
  public var metadata: NamedValues<String>
  /// The names, in the file's order or in that of adding.
  public var names: [String] { slots.names }
  private var slots: NamedValues<Slot> = [:]
  /// The file they were read from.
  var path: String?

  private enum Slot: Sendable, Equatable {
    case array(StoredArray)
    case unreadable(FileError)
  }

  /// No arrays yet.
  ///
  /// - Parameter metadata: Free text by key, which a safetensors file keeps and an `.npz` file cannot.
  public init(metadata: NamedValues<String> = [:]) { self.metadata = metadata }

  /// How many arrays there are.
  public var count: Int { names.count }

  /// The array called `name`, or `nil` when there is none or it cannot be read; ``array(_:)`` says why. Setting adds it
  /// at the end, replaces it where it is, or with `nil` removes it.
  public subscript(name: String) -> StoredArray? {
    get { if case .array(let array) = slots[name] { array } else { nil } }
    set { slots[name] = newValue.map { .array($0) } }
  }

  /// Whether there is something called `name`, readable or not.
  func has(_ name: String) -> Bool { slots[name] != nil }

  /// Lists `name`; whoever asks for it gets `error`.
  mutating func add(unreadable name: String, _ error: FileError) { slots[name] = .unreadable(error) }

  /// The array called `name`.
  ///
  /// - Throws: `FileError` when there is none (the error lists what there is), or it cannot be read.
  public func array(_ name: String) throws(FileError) -> StoredArray {
    switch slots[name] {
    case .array(let array): return array
    case .unreadable(let error): throw error
    case nil: break
    }
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

  /// A checksum over all names, types, shapes and numbers and over the metadata but for `key`, in hexadecimal: what a file
  /// carries under that key so that damage to any of it shows. The order does not matter.
  ///
  /// - Throws: `FileError` when an array cannot be read.
  package func checksum(leavingOut key: String) throws(FileError) -> String {
    var sum: UInt32 = 0
    // Each text with its length before it, so that none can run into the next.
    func add(_ text: String) { sum = CRC32.checksum(Array("\(text.utf8.count):\(text)".utf8), after: sum) }
    func sorted(_ names: [String]) -> [String] {
      names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    for name in sorted(metadata.names) where ByteName(name) != ByteName(key) {
      add(name)
      add(metadata[name] ?? "")
    }
    for name in sorted(names) {
      let array = try array(name)
      add(name)
      add("\(array.scalarType.rawValue) \(array.shape)")
      sum = CRC32.checksum(array.bytes, after: sum)
    }
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  public static func == (a: NamedArrays, b: NamedArrays) -> Bool {
    a.metadata == b.metadata && a.slots == b.slots
      && a.names.elementsEqual(b.names) { $0.utf8.elementsEqual($1.utf8) }
  }
}
