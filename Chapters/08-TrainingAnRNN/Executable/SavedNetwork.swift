import Chapter08TrainingAnRNN
import Engine
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

extension RunFolder {
  /// The folder that the user names, or the newest of the places where `experiment` leaves its results.
  init(_ named: String?, of experiment: any ChapterExperiment.Type, trainedBy command: String) throws {
    let chapter = TrainRNN.chapter.folder
    let inAll = chapter + "/" + experiment.name
    try self.init(
      named, of: experiment.name == Train.name ? [chapter, inAll] : [inAll], trainedBy: command)
  }
}
