import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    The path of integrated gradients, and a step of private training.

    EXAMPLES
      trends drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(pathDrawing(), to: "path.svg")
    try experiment.write(privateStepDrawing(), to: "private-step.svg")
  }
}
