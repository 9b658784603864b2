import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    Networks that grow in width and in depth, and what a training keeps in memory.

    EXAMPLES
      big-and-small drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(growthDrawing(), to: "growth.svg")
    try experiment.write(memoryDrawing(), to: "memory.svg")
  }
}
