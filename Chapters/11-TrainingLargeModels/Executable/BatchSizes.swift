import ArgumentParser
import Workbench

struct BatchSizes: ChapterExperiment {
  static let name = "batch"
  static let summary = "What a larger batch buys, and when it stops."
  static let details = """
    EXAMPLES
      train-large batch --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
