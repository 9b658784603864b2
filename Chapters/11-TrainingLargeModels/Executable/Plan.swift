import ArgumentParser
import Workbench

struct Plan: ChapterExperiment {
  static let name = "plan"
  static let summary = "What a model needs of a cluster."
  static let details = """
    EXAMPLES
      train-large plan --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
