import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Write: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write",
    abstract: "Let the language model trained last go on with a beginning of yours.",
    discussion: """
      A low temperature keeps to what is likely, a high one dares more; at 0 every letter is the likeliest, and the same \
      beginning always goes on in the same way. With --top-k, the letter is one of the k likeliest.

      EXAMPLES
        train-rnn write "The network" --temperature 0.7
        train-rnn write "A gradient" --temperature 0 --characters 400
        train-rnn write "Why" --top-k 5 --seed 4
      """)

  @OptionGroup var common: CommonOptions

  @OptionGroup var writing: WritingOptions

  func run() throws {
    try writing.requireBeginning()
    let folder = try RunFolder(
      writing.weights, of: LanguageModelTraining.self, trainedBy: "train-rnn language-model")
    let saved = try folder.read(SavedLanguageModel.self) { try $0.check() }
    let model = saved.makeModel()
    try model.readWeights(from: folder.weights)
    let tokenizer = saved.tokenizer
    // What is read first is kept short: beyond some thousand letters nothing is remembered anyway.
    let ids = Array(tokenizer.encode(writing.beginning).suffix(10_000))
    writing.remark(onUnknownIn: ids)
    var random = RandomStream(seed: common.seed, stream: 1 << 43)
    let written = model.continuation(
      of: ids, count: writing.characters, by: writing.sampler,
      excluding: CharacterTokenizer.unknown, random: &random)
    print(writing.beginning + tokenizer.decode(written))
  }
}
