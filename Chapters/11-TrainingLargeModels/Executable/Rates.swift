import ArgumentParser
import Workbench

struct Rates: ChapterExperiment {
  static let name = "rates"
  static let summary = "How large a step may be, and how it should change."
  static let details = """
    EXAMPLES
      train-large rates --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
