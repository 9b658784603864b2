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

  @Argument(help: "The beginning, in quotes.")
  var beginning: String

  @Option(
    parsing: .unconditional, help: "How much the letters vary, from 0; 0: always the likeliest.")
  var temperature: Float = 0.8

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Choose among the k likeliest letters.", valueName: "k"))
  var topK: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("How many letters to write.", valueName: "n"))
  var characters = 300

  @Flag(inversion: .prefixedNo, help: "Keep keys and values from letter to letter.")
  var cache = true

  @Option(
    help: ArgumentHelp(
      "The folder of the run that trained the network (default: the last run's under out/).",
      valueName: "dir"))
  var weights: String?

  func validate() throws {
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be a number from 0, given \(temperature)")
    }
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1, given \(topK)") }
    if !(1...100_000).contains(characters) {
      throw ValidationError("--characters must be from 1 to 100,000, given \(characters)")
    }
  }

  func run() throws {
    if beginning.isEmpty {
      throw CannotUse("there is no beginning: give a letter or a few words, in quotes.")
    }
    if let threads = common.threads { Parallel.threads = threads }
    let folder = try RunFolder(
      weights, of: [ChooseModel.chapter.folder + "/" + GPTTraining.name], trainedBy: "choose-model gpt")
    let saved = try folder.read(SavedGPT.self) { try $0.check() }
    let model = GPT(saved.size)
    try model.readWeights(from: folder.weights)
    let tokenizer = saved.tokenizer
    let ids = tokenizer.encode(beginning)
    let unknown = ids.count { $0 == CharacterTokenizer.unknown }
    if unknown > 0 {
      Terminal.error(
        "note: \(unknown) of \(ids.count) characters are unknown to this network, which never saw them.")
    }
    if ids.count > saved.size.context {
      Terminal.error(
        "note: the beginning has \(ids.count) characters; the network looks at its last \(saved.size.context)."
      )
    }
    var random = RandomStream(seed: common.seed, stream: 1 << 43)
    let written = model.continuation(
      of: ids, count: characters, by: Sampler(temperature: temperature, topK: topK),
      excluding: CharacterTokenizer.unknown, usesCache: cache, random: &random)
    print(beginning + tokenizer.decode(written))
  }
}
