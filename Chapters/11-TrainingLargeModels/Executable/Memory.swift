import ArgumentParser
import Workbench

struct Memory: ChapterExperiment {
  static let name = "memory"
  static let summary = "Where the memory goes, and three ways to need less."
  static let details = """
    EXAMPLES
      train-large memory --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
