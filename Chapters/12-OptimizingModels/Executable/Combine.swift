import ArgumentParser
import Workbench

struct Combine: ChapterExperiment {
  static let name = "combine"
  static let summary = "All three, as size, accuracy and time."
  static let details = """
    EXAMPLES
      optimize-model combine --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
