import Formats
import Foundation
import Training

/// The folder that a run has left its weights in, with what the network must be made with.
public struct RunFolder {
  /// Where it lies.
  public let path: String

  /// The name of the file that says what the network is made with.
  public static let networkFile = "network.json"
  /// The name of the file with the weights.
  public static let weightsFile = "weights.safetensors"

  /// The path of the weights.
  public var weights: String { path + "/" + Self.weightsFile }
  /// The path of what the network is made with.
  public var network: String { path + "/" + Self.networkFile }

  /// The folder that the user names, or the newest of the places where runs leave their results.
  ///
  /// - Parameters:
  ///   - named: The folder, or the file of weights in it.
  ///   - names: The places, as experiments name their folders: `08-training-an-rnn/language-model`.
  ///   - command: What trains the network: `train-rnn language-model`.
  /// - Throws: `CannotUse` when no folder is named and there is none yet.
  public init(_ named: String?, of names: [String], trainedBy command: String) throws {
    if let named {
      let folder =
        named.hasSuffix("/" + Self.weightsFile)
        ? String(named.dropLast(Self.weightsFile.count)) : named
      path = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
      return
    }
    let places = names.flatMap { name in
      [Scale.standard, .quick].map { CommonOptions.folder(name, $0) }
    }
    func written(_ folder: String) -> Date? {
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: folder + "/" + Self.weightsFile)
      return attributes?[.modificationDate] as? Date
    }
    guard
      let newest = places.filter({ written($0) != nil }).max(by: { written($0)! < written($1)! })
    else {
      throw CannotUse(
        """
        there are no weights yet: nothing is in \(places[0]).
               Train the network first, with \(command), or say by --weights in which folder they are.
        """)
    }
    path = newest
  }

  /// Keeps what a network must be made with.
  public static func write(_ network: some Encodable, to folder: OutputFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(network) + Data("\n".utf8), to: folder.file(networkFile))
  }

  /// Reads it.
  ///
  /// - Parameters:
  ///   - type: What the file holds: the network's kind and sizes.
  ///   - check: Throws when the sizes are none that a run has written.
  /// - Throws: `FileError` when the file is missing, or is no network of this kind.
  public func read<Network: Decodable>(_ type: Network.Type, check: (Network) throws -> Void) throws
    -> Network
  {
    let bytes = try FileContents.bytes(of: network, limit: 1 << 26)
    do {
      let saved = try JSONDecoder().decode(type, from: Data(bytes))
      try check(saved)
      return saved
    } catch {
      throw FileError(
        network, "this is not the description of a network of this kind",
        advice: "Name the folder of another run with --weights, or train again.")
    }
  }
}
