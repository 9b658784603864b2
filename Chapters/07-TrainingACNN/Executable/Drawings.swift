import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    Three parts of the data, the loop of training, and three optimisers on a valley.

    EXAMPLES
      train-cnn drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(partsDrawing(), to: "parts.svg")
    try experiment.write(loopDrawing(), to: "loop.svg")
    try experiment.write(valleyDrawing(), to: "valley.svg")
  }
}
