import Chapter08TrainingAnRNN
import Engine
import Foundation
import Workbench

/// What a network of the article's kind must be made with before it can take its weights: kept beside them.
struct SavedClassifier: Codable, Equatable {
  var hiddenSize: Int
  var layers: Int
  var classes: [String]
  /// The vocabulary, without padding and the unknown word.
  var words: [String]
  /// The most words of a text that are read.
  var limit: Int

  init(_ data: TextData, _ size: ClassifierSize) {
    (hiddenSize, layers) = (size.hiddenSize, size.layers)
    classes = data.classes
    words = Array(data.tokenizer.vocabulary.dropFirst(2))
    limit = data.limit
  }

  func check() throws(BadSizes) {
    try checkSizes(hiddenSize, layers, vocabulary: words.count)
    if classes.count < 2 || limit < 1 || Set(words).count != words.count { throw BadSizes() }
  }

  var tokenizer: WordTokenizer { WordTokenizer(words: words) }

  func makeModel() -> RNNClassifier {
    RNNClassifier(
      inputSize: words.count + 2, hiddenSize: hiddenSize, layers: layers, classes: classes.count)
  }
}

/// The same for a language model.
struct SavedLanguageModel: Codable, Equatable {
  var kind: String
  var hiddenSize: Int
  var layers: Int
  /// The vocabulary, without the unknown character.
  var characters: String

  init(_ tokenizer: CharacterTokenizer, _ kind: RecurrentKind, hiddenSize: Int, layers: Int) {
    self.kind = kind.rawValue
    (self.hiddenSize, self.layers) = (hiddenSize, layers)
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: tokenizer.vocabulary.dropFirst())
    characters = String(scalars)
  }

  func check() throws(BadSizes) {
    try checkSizes(hiddenSize, layers, vocabulary: characters.unicodeScalars.count)
    if RecurrentKind(rawValue: kind) == nil { throw BadSizes() }
  }

  var tokenizer: CharacterTokenizer { CharacterTokenizer(vocabularyOf: characters) }

  func makeModel() -> LanguageModel {
    LanguageModel(
      RecurrentKind(rawValue: kind)!, vocabularySize: tokenizer.vocabularySize,
      hiddenSize: hiddenSize,
      layers: layers)
  }
}

/// Sizes that no run of this program has written.
struct BadSizes: Error {}

private func checkSizes(_ hiddenSize: Int, _ layers: Int, vocabulary: Int) throws(BadSizes) {
  if !(1...2_048).contains(hiddenSize) || !(1...8).contains(layers)
    || !(1...50_000).contains(vocabulary)
  {
    throw BadSizes()
  }
}

/// The folder that a run has left its weights in.
struct RunFolder {
  let path: String

  static let networkFile = "network.json"
  static let weightsFile = "weights.safetensors"

  var weights: String { path + "/" + Self.weightsFile }
  var network: String { path + "/" + Self.networkFile }

  /// The folder that the user names, or the newest of the places where `experiment` leaves its results.
  init(_ named: String?, of experiment: any ChapterExperiment.Type, trainedBy command: String)
    throws
  {
    if let named {
      let folder =
        named.hasSuffix("/" + Self.weightsFile)
        ? String(named.dropLast(Self.weightsFile.count)) : named
      path = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
      return
    }
    let chapter = TrainRNN.chapter.folder
    let inAll = chapter + "/" + experiment.name
    let places = (experiment.name == Train.name ? [chapter, inAll] : [inAll]).flatMap { name in
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
  static func write(_ network: some Encodable, to folder: OutputFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(network) + Data("\n".utf8), to: folder.file(networkFile))
  }

  /// Reads it.
  ///
  /// - Throws: `FileError` when the file is missing, or is no network of this kind.
  func read<Network: Decodable>(_ type: Network.Type, check: (Network) throws -> Void) throws
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
