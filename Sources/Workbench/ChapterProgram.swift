import ArgumentParser

/// A chapter's program: the list of its experiments, from which its subcommands, `all` and its folders follow.
///
/// ```swift
/// struct Pooling: ChapterProgram {
///   static let chapter = Chapter(3, "Pooling", program: "pooling")
///   static let summary = "one number for each small window"
///   static let examples = """
///       pooling                        everything
///       pooling shifts --seeds 10      how well networks read digits that were moved
///     """
///   static let experiments: [any ChapterExperiment.Type] = [Gradients.self, Maps.self, Shifts.self]
/// }
///
/// runChapter(Pooling.self)
/// ```
public protocol ChapterProgram: ParsableCommand {
  /// The chapter's number and name, and the program's name; results go to `out` and the folder that follows from
  /// them.
  static var chapter: Chapter { get }
  /// What the chapter is about, in one line.
  static var summary: String { get }
  /// What runs when no subcommand is given, in a sentence or two.
  static var introduction: String { get }
  /// Command lines with what they do, indented by two.
  static var examples: String { get }
  /// The experiments, in the order in which `all` runs them.
  static var experiments: [any ChapterExperiment.Type] { get }
  /// The experiment that runs when no subcommand is given, with the chapter's own folder for its results; nil for all.
  static var mainExperiment: (any ChapterExperiment.Type)? { get }
  /// Subcommands that are no experiments: `predict`.
  static var commands: [any ParsableCommand.Type] { get }
}

extension ChapterProgram {
  public static var introduction: String {
    "Without a subcommand, runs all experiments, each into a folder of its own."
  }
  public static var mainExperiment: (any ChapterExperiment.Type)? { nil }
  public static var commands: [any ParsableCommand.Type] { [] }

  /// The program's help, and a subcommand for each experiment.
  public static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: chapter.program,
      abstract: "Chapter \(chapter.number): \(summary).",
      discussion: "\(introduction)\n\nEXAMPLES\n\(examples)\n\n\(optionsOfAll)",
      version: Results.projectVersion,
      subcommands: experiments.map { $0 as any ParsableCommand.Type } + commands
        + [AllExperiments<Self>.self, ListOfExperiments<Self>.self],
      defaultSubcommand: mainExperiment ?? AllExperiments<Self>.self)
  }

  /// What the parser does not show for a program with subcommands: the options that all of them have.
  private static var optionsOfAll: String {
    """
    OPTIONS OF EVERY EXPERIMENT
      --seed <n>        the seed of everything that is left to chance (default: 1)
      --output <dir>    where pictures and results go (default: out/\(chapter.folder))
      --threads <n>     how many threads to use (default: one for each core)
      --quick           a small version that is done in seconds
      --full            the long version, which the book's results come from

    `\(chapter.program) \(experiments.first?.name ?? "all") --help` says what else one of them has.
    """
  }

  /// Where an experiment's results go that runs by itself, under `out/`.
  static func folder(of experiment: any ChapterExperiment.Type) -> String {
    if let main = mainExperiment, main == experiment { return chapter.folder }
    return chapter.folder + "/" + experiment.name
  }
}

/// Runs a chapter's program to its end and leaves the process; see `runCommand`.
public func runChapter(_ program: any ChapterProgram.Type) -> Never {
  ChapterPrograms.running = program
  runCommand(program)
}

/// The chapter's program that this process runs.
enum ChapterPrograms {
  /// Set once, before any command runs and before there is a second thread.
  nonisolated(unsafe) static var running: (any ChapterProgram.Type)?
}

/// `all`: every experiment of a chapter, each into a folder of its own, with the options that all have.
struct AllExperiments<Program: ChapterProgram>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "all", abstract: "Every experiment, each into a folder of its own.",
      discussion: """
        EXAMPLES
          \(Program.chapter.program) all --quick
          \(Program.chapter.program) all --seed 2 --output out/seed-2
        """)
  }

  @OptionGroup var common: CommonOptions

  func run() throws {
    // Options and folders of all of them first: better to learn now that something cannot be done.
    let experiments = try Program.experiments.map { try parsed($0) }
    let output = try common.prepare(Program.chapter.folder)
    let folders = try Program.experiments.map { try output.folder($0.name) }
    for (experiment, folder) in zip(experiments, folders) {
      try experiment.run(in: folder, of: Program.chapter, isPartOfAll: true)
    }
  }

  /// An experiment with the common options as given and its own at their defaults.
  private func parsed(_ type: any ChapterExperiment.Type) throws -> any ChapterExperiment {
    func parse<E: ChapterExperiment>(_ type: E.Type) throws -> any ChapterExperiment {
      guard let experiment = try type.parseAsRoot(common.arguments) as? E else {
        fatalError("\(type.name): the common options are not an experiment's command line")
      }
      try experiment.prepare()
      return experiment
    }
    return try parse(type)
  }
}

/// `experiments`: their names and what they do, one a line, for people and for programs.
struct ListOfExperiments<Program: ChapterProgram>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "experiments", abstract: "The names of the experiments, and what they do.",
      discussion: """
        One line each: the name, a tab, what it does.

        EXAMPLES
          \(Program.chapter.program) experiments
        """)
  }

  func run() throws {
    for experiment in Program.experiments { print("\(experiment.name)\t\(experiment.summary)") }
  }
}
