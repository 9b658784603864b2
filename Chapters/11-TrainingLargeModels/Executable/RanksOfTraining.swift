import ArgumentParser
import Workbench

struct RanksOfTraining: ChapterExperiment {
  static let name = "ranks"
  static let summary = "Several processes train one model."
  static let details = """
    EXAMPLES
      train-large ranks --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
