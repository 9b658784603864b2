import ArgumentParser
import Workbench

struct Quantize: ChapterExperiment {
  static let name = "quantize"
  static let summary = "Eight bits instead of thirty-two."
  static let details = """
    EXAMPLES
      optimize-model quantize --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {}
}
