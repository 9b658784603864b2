import ArgumentParser

/// One experiment of a chapter as a value: its name, what it does, its options, and how it is run.
///
/// The chapter's program lists its experiments (`ChapterProgram`), and the rest follows from the list: a subcommand
/// for each, `all`, the folders that they write to, and what the book finds there.
///
/// ```swift
/// struct Maps: ChapterExperiment {
///   static let name = "maps"
///   static let summary = "What each pooling keeps of a digit."
///   static let details = """
///     EXAMPLES
///       pooling maps --seed 2
///     """
///
///   @OptionGroup var common: CommonOptions
///
///   func run(_ experiment: inout Experiment) throws {
///     experiment.show(table)
///     experiment.metrics["accuracy"] = 0.98
///   }
/// }
/// ```
public protocol ChapterExperiment: ParsableCommand {
  /// Its subcommand, and its folder in the chapter's: `maps`.
  static var name: String { get }
  /// What it does, in one line.
  static var summary: String { get }
  /// What else its `--help` says, with examples.
  static var details: String { get }

  /// The options that all experiments have: seed, scale, output folder. Declared as `@OptionGroup var common`.
  var common: CommonOptions { get }

  /// Checks what the options name, before the output folder is made and anything is printed: files that are read, say.
  func prepare() throws

  /// Runs it. What it shows, writes and measures goes through `experiment`, which is finished afterwards: `results.json`
  /// is there only when all went well.
  func run(_ experiment: inout Experiment) throws
}

extension ChapterExperiment {
  /// The subcommand: the experiment's name, summary and details.
  public static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: name, abstract: summary, discussion: details)
  }

  public func prepare() throws {}

  /// Runs it by itself, in its own folder.
  public func run() throws {
    guard let program = ChapterPrograms.running else {
      fatalError("\(Self.name): an experiment runs in a program begun by runChapter")
    }
    try prepare()
    let folder = program.folder(of: Self.self)
    try run(in: common.prepare(folder), of: program.chapter, isPartOfAll: false)
  }

  /// Runs it with its results in `folder`.
  func run(in folder: OutputFolder, of chapter: Chapter, isPartOfAll: Bool) throws {
    var experiment = Experiment(
      "\(chapter.program) \(Self.name)", scale: common.scale, seed: common.seed, to: folder)
    experiment.isPartOfAll = isPartOfAll
    try run(&experiment)
    try experiment.finish()
  }
}
