import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    Pooling with the largest number and with the mean, and the gradients that come back.

    EXAMPLES
      pooling drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(poolDrawing(), to: "pool.svg")
    try experiment.write(backwardDrawing(), to: "backward.svg")
  }
}
