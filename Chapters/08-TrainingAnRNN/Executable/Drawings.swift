import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    The classifier from words to scores, padding, and truncated back-propagation.

    EXAMPLES
      train-rnn drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(classifierDrawing(), to: "classifier.svg")
    try experiment.write(paddingDrawing(), to: "padding.svg")
    try experiment.write(truncationDrawing(), to: "truncation.svg")
  }
}
