import ArgumentParser
import Workbench

struct Precision: ChapterExperiment {
  static let name = "precision"
  static let summary = "Training with sixteen bits."
  static let details = """
    EXAMPLES
      train-large precision --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
