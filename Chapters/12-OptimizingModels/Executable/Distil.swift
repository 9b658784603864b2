import ArgumentParser
import Workbench

struct Distil: ChapterExperiment {
  static let name = "distil"
  static let summary = "A small network learns from a large one."
  static let details = """
    EXAMPLES
      optimize-model distil --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
