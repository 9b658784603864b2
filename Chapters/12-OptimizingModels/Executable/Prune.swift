import ArgumentParser
import Workbench

struct Prune: ChapterExperiment {
  static let name = "prune"
  static let summary = "How many weights a network can lose."
  static let details = """
    EXAMPLES
      optimize-model prune --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
