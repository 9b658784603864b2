import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Workbench

struct Write: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write",
    abstract: "Let the GPT trained last go on with a beginning of yours.",
    discussion: """
      A low temperature keeps to what is likely, a high one dares more; at 0 every letter is the likeliest. With --top-k, \
      the letter is one of the k likeliest. Keys and values of what was read are kept; with --no-cache everything is read \
      anew for each letter, and the text is the same.

      EXAMPLES
        choose-model write "The network" --temperature 0.7
        choose-model write "A gradient" --temperature 0 --characters 400
        choose-model write "Why" --top-k 5 --seed 4 --no-cache
      """)

  @OptionGroup var common: CommonOptions

  @OptionGroup var writing: WritingOptions

  @Flag(inversion: .prefixedNo, help: "Keep keys and values from letter to letter.")
  var cache = true

  func run() throws {
    try writing.requireBeginning()
    if let threads = common.threads { Parallel.threads = threads }
    let folder = try RunFolder(
      writing.weights, of: [ChooseModel.chapter.folder + "/" + GPTTraining.name],
      trainedBy: "choose-model gpt")
    let saved = try folder.read(SavedGPT.self) { try $0.check() }
    let model = GPT(saved.size)
    try model.readWeights(from: folder.weights)
    let tokenizer = saved.tokenizer
    let ids = tokenizer.encode(writing.beginning)
    writing.remark(onUnknownIn: ids)
    if ids.count > saved.size.context {
      Terminal.error(
        "note: the beginning has \(ids.count) characters; the network looks at its last \(saved.size.context)."
      )
    }
    var random = RandomStream(seed: common.seed, stream: 1 << 43)
    let written = model.continuation(
      of: ids, count: writing.characters, by: writing.sampler,
      excluding: CharacterTokenizer.unknown, usesCache: cache, random: &random)
    print(writing.beginning + tokenizer.decode(written))
  }
}
